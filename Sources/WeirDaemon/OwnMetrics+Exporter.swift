import WeirAggregation
import WeirExposition
import WeirMetrics

/// Weir's own metrics under the names that they have in statsd_exporter: `--web.statsd-exporter-metrics`.
extension OwnMetrics {
  /// - Parameter catalog: The senders' series, of which there are metrics by type.
  /// - Complexity: O(names).
  func exporterFamilies(_ catalog: borrowing Catalog) -> [OwnFamily] {
    let total = status.received
    return [
      counter("lines_total", "Lines received, including refused ones.", total.lines),
      counter("samples_total", "Samples that were read.", total.samplesRead),
      counter("tag_errors_total", "Tags that were dropped.", total.tagsDropped),
      counter(
        "sample_errors_total", "Lines that could not be read.",
        reasons(\.lineReason) { total.refusals($0) - total.refusalsMapped($0) }),
    ] + inputs + events(total) + metrics(catalog) + mapping() + relayed
  }

  private var inputs: [OwnFamily] {
    let udp = status.ingest.filter { $0.transport == .udp }
    let connections = status.ingest.filter { $0.transport == .tcp }.compactMap(\.connections)
    return [
      counter(
        "udp_packets_total", "Datagrams received by UDP.",
        udp.reduce(0) { $0 + $1.totals.datagrams }),
      counter(
        "udp_packet_drops_total", "Datagrams that the kernel dropped.",
        udp.reduce(0) { $0 + Int($1.dropped) }),
      counter(
        "unixgram_packets_total", "Datagrams received at Unix sockets.",
        status.ingest.reduce(0) { $0 + ($1.transport == .unixgram ? $1.totals.datagrams : 0) }),
      counter(
        "tcp_connections_total", "TCP connections accepted.",
        connections.reduce(0) { $0 + $1.accepted }),
      counter(
        "tcp_connection_errors_total", "TCP connections that were refused or broke.",
        connections.reduce(0) {
          $0 + $1.refused.reduce(0, +) + $1.ended[StreamEnd.failed.index]
        }),
      counter(
        "tcp_too_long_lines_total",
        "TCP connections that were closed after a line that is too long.",
        connections.reduce(0) { $0 + $1.ended[StreamEnd.tooLong.index] }),
    ]
  }

  private var relayed: [OwnFamily] {
    let targets = status.relay?.targets ?? []
    return [
      counter(
        "relay_packets_total", "Packets of relayed lines.",
        targets.reduce(0) { $0 + $1.totals.sent.packets }),
      counter(
        "relay_long_lines_total", "Lines that are too long to be relayed.",
        status.relay?.longLines ?? 0),
      counter(
        "relay_lines_relayed_total", "Lines that were relayed.",
        targets.map { label("target", $0.name, $0.totals.sent.lines) }),
    ]
  }

  private func events(_ total: IngestTotals) -> [OwnFamily] {
    let (read, dropped) = (total.samplesRead, total.samplesDropped)
    return [
      counter(
        "events_total", "Samples applied to a series.",
        [
          label("type", "counter", total.samples(.counter)),
          label("type", "gauge", total.samples(.gauge)),
          label("type", "observer", total.samples(.histogram)),
        ]),
      counter(
        "events_unmapped_total", "Samples that no mapping rule matches.",
        read - dropped - total.samplesMapped),
      counter(
        "events_actions_total", "Samples by what a mapping rule says of them.",
        [label("action", "map", total.samplesMapped), label("action", "drop", dropped)]),
      counter(
        "events_error_total", "Samples that were refused for their values.",
        reasons(\.eventReason) { total.eventsRefused($0) }),
      counter(
        "events_conflict_total", "Samples whose name already has another type.",
        total.refusals(.typeClash)),
    ]
  }

  private func metrics(_ catalog: borrowing Catalog) -> [OwnFamily] {
    var counts: [ExposedType: Int] = [:]
    for family in catalog.families { counts[family.seriesClass.exposedType, default: 0] += 1 }
    let types: [(String, ExposedType)] = [
      ("counter", .counter), ("gauge", .gauge), ("histogram", .histogram), ("summary", .summary),
    ]
    return [
      family(
        "metrics_total", .gauge, "Names of senders' metrics.",
        types.map { label("type", $0, counts[$1] ?? 0) })
    ]
  }

  private func mapping() -> [OwnFamily] {
    let mapping = status.files.mapping
    return [
      family(
        "loaded_mappings", .gauge, "Mapping rules in force.", [("", Double(mapping?.rules ?? 0))]),
      counter(
        "config_reloads_total", "Reloads of the mapping file.",
        [
          label("outcome", "success", mapping?.reload.successes ?? 0),
          label("outcome", "failure", mapping?.reload.failures ?? 0),
        ]),
      family(
        "build_info", .gauge, "Always 1; the label says which version of Weir runs.",
        [(OwnFamily.label("version", Version.current), 1)]),
    ]
  }

  /// Refusals by their reason in statsd_exporter.
  private func reasons(
    _ reason: KeyPath<Refusal, String?>, _ count: (Refusal) -> Int
  ) -> [(labels: String, value: Double)] {
    var counts: [String: Int] = [:]
    for refusal in Refusal.allCases {
      guard let reason = refusal[keyPath: reason] else { continue }
      counts[reason, default: 0] += count(refusal)
    }
    return counts.sorted { $0.key < $1.key }.map { label("reason", $0.key, $0.value) }
  }

  private func label(
    _ name: String, _ value: String, _ count: Int
  ) -> (labels: String, value: Double) { (OwnFamily.label(name, value), Double(count)) }

  private func counter(_ name: String, _ help: String, _ count: Int) -> OwnFamily {
    family(name, .counter, help, [("", Double(count))])
  }

  private func counter(
    _ name: String, _ help: String, _ samples: [(labels: String, value: Double)]
  ) -> OwnFamily { family(name, .counter, help, samples) }

  private func family(
    _ name: String, _ type: ExposedType, _ help: String,
    _ samples: [(labels: String, value: Double)]
  ) -> OwnFamily { OwnFamily("statsd_exporter_" + name, type, help, samples: samples) }
}

extension IngestTotals {
  /// Samples that were read, whatever became of them.
  fileprivate var samplesRead: Int {
    samples.reduce(samplesDropped, +) + Refusal.allCases.reduce(0) { $0 + eventsRefused($1) }
  }

  /// Refusals of samples that were read. What a rule gave a name was read, whatever the reason.
  fileprivate func eventsRefused(_ refusal: Refusal) -> Int {
    refusal.lineReason == nil ? refusals(refusal) : refusalsMapped(refusal)
  }
}

extension Refusal {
  /// Why a line can't be read, in the words of statsd_exporter; nil if it was read.
  fileprivate var lineReason: String? {
    switch self {
    case .invalidUTF8, .emptyName, .missingValue, .lineTooLong: "malformed_line"
    case .missingType: "not_enough_parts_after_colon"
    case .unknownType: "illegal_event"
    case .badValue, .notANumber, .infinite: "malformed_value"
    case .badRate, .zeroRate, .negativeRate, .rateAboveOne: "invalid_sample_factor"
    case .badTimestamp, .repeatedField: "malformed_component"
    case .mixedTagStyles, .unclosedTags: "mixed_tagging_styles"
    case .taggedMultiSample: "invalid_extended_aggregate_type"
    case .negativeCounter, .typeClash, .reservedName, .tooManyLabels, .nameTooLong,
      .labelNameTooLong, .labelValueTooLong, .seriesTooLong, .tooManySeries,
      .tooManySeriesOfName, .tooManyNames, .tooManySets:
      nil
    }
  }

  /// Why a sample that was read is refused, in the words of statsd_exporter; nil if these have none.
  fileprivate var eventReason: String? {
    switch self {
    case .negativeCounter: "illegal_negative_counter"
    case .emptyName: "empty_metric_name"
    default: nil
    }
  }
}
