import WeirAggregation
import WeirExposition
import WeirHTTP
import WeirMetrics
import WeirSockets

/// Weir's own metrics as a scrape shows them: `weir_*`, and `process_*` as in client libraries.
struct OwnMetrics: Sendable {
  let status: Status.Metrics

  init(_ status: Status.Metrics) { self.status = status }

  /// Every family, in the order of a page.
  var families: [OwnFamily] {
    OwnFamily.sorted(
      ingestFamilies + aggregationFamilies + limitFamilies + pushFamilies + stateFamilies
        + scrapeFamilies + servingFamilies + postedFamilies + groupFamilies + securityFamilies
        + mappingFamilies + forwardFamilies + clusterFamilies + lineRelayFamilies
        + cloudWatchFamilies
        + ProcessFamily.all.compactMap { $0.family(status.process) })
  }

  private var ingestFamilies: [OwnFamily] { datagramFamilies + streamFamilies + lineFamilies }

  private var datagramFamilies: [OwnFamily] {
    let all = status.ingest.map { listener in
      (labels: OwnFamily.label("listener", listener.name.description), listener: listener)
    }
    let perListener = all.filter { $0.listener.connections == nil }
    return [
      OwnFamily(
        "weir_datagrams_received_total", .counter, "Datagrams received.",
        samples: perListener.map { ($0.labels, Double($0.listener.totals.datagrams)) }),
      OwnFamily(
        "weir_received_bytes_total", .counter, "Bytes of received datagrams, and of connections.",
        samples: all.map { ($0.labels, Double($0.listener.totals.bytes)) }),
      OwnFamily(
        "weir_datagrams_dropped_total", .counter,
        "Datagrams that the kernel dropped, nearly always because the receive buffer was full.",
        samples: perListener.map { ($0.labels, Double($0.listener.dropped)) }),
      OwnFamily(
        "weir_datagrams_refused_total", .counter,
        "Datagrams received and dropped without reading them.",
        samples: perListener.flatMap { reading in
          let (name, totals) = (reading.listener.name, reading.listener.totals)
          var rows = [("source", totals.refusedSources), ("text_off", totals.refusedTexts)]
          if name.address == nil { rows.append(("too_long", totals.refusedTooLong)) }
          return rows.map { reason, count in
            (
              OwnFamily.labels([("listener", name.description), ("reason", reason)]), Double(count)
            )
          }
        }),
      OwnFamily(
        "weir_receive_buffer_bytes", .gauge,
        "Receive buffer that the kernel granted to each socket.",
        samples: perListener.compactMap { reading in
          reading.listener.receiveBufferBytes.map { (reading.labels, Double($0)) }
        }),
    ]
  }

  private var lineFamilies: [OwnFamily] {
    let total = status.received
    return [
      OwnFamily(
        "weir_lines_total", .counter, "Lines received, including refused ones.",
        Double(total.lines)),
      OwnFamily(
        "weir_lines_refused_total", .counter,
        "Lines, or single samples of a line with several, that were refused.",
        samples: Refusal.allCases.map {
          (OwnFamily.label("reason", "\($0.label)"), Double(total.refusals($0)))
        }),
      OwnFamily(
        "weir_type_clashes_total", .counter,
        "Samples refused because their name already has another type.",
        Double(total.refusals(.typeClash))),
      OwnFamily(
        "weir_samples_total", .counter, "Samples applied to a series.",
        samples: MetricKind.allCases.map {
          (OwnFamily.label("type", "\($0.label)"), Double(total.samples($0)))
        }),
      OwnFamily(
        "weir_tags_dropped_total", .counter,
        "Tags that were dropped: empty, without a value or given twice (unusable), or Datadog's "
          + "own dd.internal.* (internal).",
        samples: [
          (OwnFamily.label("reason", "unusable"), Double(total.tagsDropped)),
          (OwnFamily.label("reason", "internal"), Double(total.tagsInternal)),
        ]),
      OwnFamily(
        "weir_events_total", .counter, "DogStatsD events received and ignored.",
        Double(total.events)),
      OwnFamily(
        "weir_service_checks_total", .counter, "DogStatsD service checks received and ignored.",
        Double(total.serviceChecks)),
    ]
  }

  private var aggregationFamilies: [OwnFamily] {
    [
      OwnFamily(
        "weir_series", .gauge, "Series in memory; a histogram is one series.",
        samples: MetricKind.allCases.map {
          (OwnFamily.label("type", "\($0.label)"), Double(status.series.series($0)))
        }),
      OwnFamily(
        "weir_series_expired_total", .counter,
        "Series removed because they were not updated for their TTL.",
        samples: MetricKind.allCases.map {
          (OwnFamily.label("type", "\($0.label)"), Double(status.series.expired($0)))
        }),
      OwnFamily(
        "weir_series_forgotten_total", .counter,
        "Series removed by weir forget or /api/v1/forget.",
        samples: MetricKind.allCases.map {
          (OwnFamily.label("type", "\($0.label)"), Double(status.series.forgotten($0)))
        }),
      OwnFamily(
        "weir_series_classes", .gauge,
        "Classes of series in use: each different set of bounds, observer and TTL is one.",
        Double(status.limits.classes)),
      OwnFamily(
        "weir_names_without_own_class_total", .counter,
        "New names that lack the bounds of their client because clients have too many different lists. "
          + "Use fewer different bounds in clients, or set bounds by --histogram.bounds.",
        Double(status.limits.namesWithoutOwnClass)),
    ]
  }

  private var scrapeFamilies: [OwnFamily] {
    let scrapes = status.scrapes
    return [
      OwnFamily("weir_scrapes_total", .counter, "Scrapes before this one.", scrapes.count),
      OwnFamily(
        "weir_scrapes_timed_out_total", .counter,
        "Scrapes aborted because they took longer than the scrape timeout of Prometheus.",
        scrapes.timedOut),
      OwnFamily(
        "weir_scrape_hidden_series_total", .counter,
        "Series left out of scrapes because their names as escaped are those of other series.",
        scrapes.hiddenSeries),
      OwnFamily(
        "weir_scrape_longest_lock_seconds", .gauge,
        "The longest time that a scrape has locked a shard of series.",
        scrapes.lockedLongestSeconds),
      OwnFamily(
        "weir_scrape_duration_seconds", "Time to render a scrape, without sending it.",
        buckets: scrapes.buckets, sum: scrapes.seconds.value),
    ]
  }

  private var servingFamilies: [OwnFamily] {
    let statistics = status.http
    var requests = OwnFamily(
      "weir_http_requests_total", .counter, "HTTP requests answered, by status.",
      samples: statistics.requestsByStatus.sorted { $0.key < $1.key }.map {
        (OwnFamily.label("code", "\($0.key)"), Double($0.value))
      })
    requests.gainsRows = true
    return [
      OwnFamily(
        "weir_http_connections", .gauge, "HTTP connections open.",
        Double(statistics.connectionsOpen)),
      OwnFamily(
        "weir_http_connections_closed_early_total", .counter,
        "Connections closed early: refused because the limit was reached (refused), closed to make "
          + "room while idle (evicted), or closed during a response (abandoned).",
        samples: [
          (OwnFamily.label("reason", "refused"), Double(statistics.connectionsRefused)),
          (OwnFamily.label("reason", "evicted"), Double(statistics.connectionsEvicted)),
          (OwnFamily.label("reason", "abandoned"), Double(statistics.responsesAbandoned)),
        ]),
      requests,
      OwnFamily(
        "weir_log_lines_lost_total", .counter,
        "Log lines dropped because the log pipe was full.",
        Double(status.logLinesLost)),
      OwnFamily(
        "weir_build_info", .gauge, "Always 1; the labels say which version runs.",
        samples: [(OwnFamily.label("version", Version.current), 1)]),
    ]
  }
}
