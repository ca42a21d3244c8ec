import WeirAggregation
import WeirExposition
import WeirHTTP
import WeirMetrics
import WeirSockets

/// Gathers Weir's own metrics for a scrape: `weir_*`, and `process_*` as client libraries have it.
struct OwnMetrics: Sendable {
  let listeners: [Listener]
  let http: HTTPCounters
  let log: Log
  let pushed: Pushed
  /// Nil without a web configuration file.
  var webFile: ReloadStatus?
  /// Nil without a file of keys.
  var keysFile: ReloadStatus?
  let processReader = ProcessMetrics.Reader()

  /// What each listener has taken in. Read it before the shards are copied, so that no scrape counts
  /// a datagram whose values it does not show.
  func ingestTotals() -> [IngestTotals] { listeners.map(\.totals) }

  /// Every family, sorted by name.
  func families(
    _ counts: SeriesCounts, ingested: [IngestTotals], limits: LimitReading, scrapes: ScrapeMeter
  ) -> [OwnFamily] {
    let process = processReader.read()
    let push = pushed.owners.totals()
    let families =
      ingestFamilies(ingested) + aggregationFamilies(counts)
      + limitFamilies(limits, push) + pushFamilies(push) + servingFamilies(scrapes)
      + securityFamilies()
      + ProcessFamily.all.compactMap { $0.family(process) }
    return families.sorted { Array($0.name.utf8).lexicographicallyPrecedes(Array($1.name.utf8)) }
  }

  private func ingestFamilies(_ ingested: [IngestTotals]) -> [OwnFamily] {
    let total = ingested.reduce(into: IngestTotals()) { $0.add($1) }
    let perListener = zip(listeners, ingested).map { listener, totals in
      (
        labels: OwnFamily.label("listener", listener.address.description), listener: listener,
        totals: totals
      )
    }
    return [
      OwnFamily(
        "weir_datagrams_received_total", .counter, "Datagrams taken in from the kernel.",
        samples: perListener.map { ($0.labels, Double($0.totals.datagrams)) }),
      OwnFamily(
        "weir_received_bytes_total", .counter, "Bytes of the datagrams taken in.",
        samples: perListener.map { ($0.labels, Double($0.totals.bytes)) }),
      OwnFamily(
        "weir_datagrams_dropped_total", .counter,
        "Datagrams that the kernel threw away, nearly always because the receive buffer was full.",
        samples: perListener.map { ($0.labels, Double($0.listener.dropped)) }),
      OwnFamily(
        "weir_datagrams_refused_total", .counter,
        "Datagrams taken from the kernel and not looked into.",
        samples: perListener.flatMap { reading in
          let address = reading.listener.address.description
          return [
            ("source", reading.totals.refusedSources), ("text_off", reading.totals.refusedTexts),
          ]
          .map { reason, count in
            ("{listener=\"\(address)\",reason=\"\(reason)\"}", Double(count))
          }
        }),
      OwnFamily(
        "weir_receive_buffer_bytes", .gauge,
        "Receive buffer that the kernel granted to each socket.",
        samples: perListener.map { ($0.labels, Double($0.listener.receiveBufferBytes)) }),
      OwnFamily(
        "weir_lines_total", .counter, "Lines received, refused ones included.",
        Double(total.lines)),
      OwnFamily(
        "weir_lines_refused_total", .counter,
        "Lines, or samples of a line of several, that were not taken in.",
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
        "Tags that became no label: empty, without a value or given twice (unusable), or Datadog's "
          + "own dd.internal.* (internal).",
        samples: [
          (OwnFamily.label("reason", "unusable"), Double(total.tagsDropped)),
          (OwnFamily.label("reason", "internal"), Double(total.tagsInternal)),
        ]),
      OwnFamily(
        "weir_events_total", .counter, "DogStatsD events, which are not kept.",
        Double(total.events)),
      OwnFamily(
        "weir_service_checks_total", .counter, "DogStatsD service checks, which are not kept.",
        Double(total.serviceChecks)),
    ]
  }

  private func aggregationFamilies(_ counts: SeriesCounts) -> [OwnFamily] {
    [
      OwnFamily(
        "weir_series", .gauge, "Series held, a histogram being one.",
        samples: MetricKind.allCases.map {
          (OwnFamily.label("type", "\($0.label)"), Double(counts.series($0)))
        }),
      OwnFamily(
        "weir_series_expired_total", .counter, "Series forgotten for want of an update.",
        samples: MetricKind.allCases.map {
          (OwnFamily.label("type", "\($0.label)"), Double(counts.expired($0)))
        }),
    ]
  }

  private func servingFamilies(_ scrapes: ScrapeMeter) -> [OwnFamily] {
    let statistics = http.read()
    var requests = OwnFamily(
      "weir_http_requests_total", .counter, "HTTP requests answered, by status.",
      samples: statistics.requestsByStatus.sorted { $0.key < $1.key }.map {
        (OwnFamily.label("code", "\($0.key)"), Double($0.value))
      })
    requests.gainsRows = true
    return [
      OwnFamily(
        "weir_scrapes_total", .counter, "Scrapes rendered before this one.",
        scrapes.count),
      OwnFamily(
        "weir_scrapes_timed_out_total", .counter,
        "Scrapes given up at the end of the time that Prometheus grants.", scrapes.timedOut),
      OwnFamily(
        "weir_scrape_hidden_series_total", .counter,
        "Series left out of scrapes, for their names as escaped were those of others.",
        scrapes.hiddenSeries),
      OwnFamily(
        "weir_scrape_longest_lock_seconds", .gauge,
        "The longest that a scrape has kept a shard of series from the receivers.",
        scrapes.lockedLongestSeconds),
      OwnFamily(
        "weir_scrape_duration_seconds", "Time to render a scrape, without sending it.",
        buckets: scrapes.buckets, sum: scrapes.seconds.value),
      OwnFamily(
        "weir_http_connections", .gauge, "HTTP connections open.",
        Double(statistics.connectionsOpen)),
      OwnFamily(
        "weir_http_connections_closed_early_total", .counter,
        "Connections given up: turned away, put out for another, or left unread for too long.",
        samples: [
          (OwnFamily.label("reason", "refused"), Double(statistics.connectionsRefused)),
          (OwnFamily.label("reason", "evicted"), Double(statistics.connectionsEvicted)),
          (OwnFamily.label("reason", "abandoned"), Double(statistics.responsesAbandoned)),
        ]),
      requests,
      OwnFamily(
        "weir_log_lines_lost_total", .counter,
        "Lines of the log that could not be written whole.",
        Double(log.linesLost)),
      OwnFamily(
        "weir_build_info", .gauge, "Always 1; what was built is in the labels.",
        samples: [(OwnFamily.label("version", Version.current), 1)]),
    ]
  }
}
