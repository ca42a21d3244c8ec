import WeirBytes
import WeirMetrics

/// Compares what Weir shows with what it showed before lines or frames were sent.
struct ArrivalCheck {
  /// How long Weir is asked.
  static let limit = Duration.seconds(2)
  /// The pause between two questions at first, and at last.
  static let pauseFirst = Duration.milliseconds(2)
  static let pauseLast = Duration.milliseconds(100)

  private let before: PageValues
  private(set) var waiting: [SentSeries]
  private let arrow: String

  /// - Parameter arrow: What stands between two values.
  init(_ series: [SentSeries], before: PageValues, arrow: String) {
    waiting = series
    self.before = before
    self.arrow = arrow
  }

  /// Takes out what a page shows.
  ///
  /// - Parameter isConfirmed: Whether Weir has confirmed all frames, so that it has applied them.
  /// - Returns: A sentence for each series that has arrived.
  mutating func take(
    _ page: PageValues, afterMilliseconds milliseconds: Int, isConfirmed: Bool = false
  ) -> [String] {
    var sentences: [String] = []
    var later: [SentSeries] = []
    for series in waiting {
      let (old, new) = (before[series.line], page[series.line])
      let isApplied = isConfirmed || appliedSamples(of: series.kind, page) > 0
      guard let new, series.isSeen(before: old, after: new, isApplied: isApplied) else {
        later.append(series)
        continue
      }
      let first = old.map(ArrivalCheck.text) ?? "absent"
      sentences.append(
        "arrived: \(ShownText.of(series.line)) \(first) \(arrow) \(ArrivalCheck.text(new)) in "
          + "\(milliseconds) ms" + (series.isHidden(new) ? ", shown as 0 first" : ""))
    }
    waiting = later
    return sentences
  }

  private func appliedSamples(of kind: MetricKind, _ page: PageValues) -> Double {
    let line = "weir_samples_total{type=\"\(kind.label)\"}"
    return (page[line] ?? 0) - (before[line] ?? 0)
  }

  /// A value as a scrape shows it, without `.0`.
  static func text(_ value: Double) -> String {
    let text = "\(value)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  /// Why what was sent can't be seen, as Weir's own metrics say it; the likeliest first.
  ///
  /// - Parameters:
  ///   - isRefused: Whether the receiving host has answered that nobody listens.
  ///   - lines: How many lines were sent; 0 where frames were.
  func causes(_ page: PageValues, isRefused: Bool, lines: Int) -> [String] {
    var causes: [String] = []
    if isRefused {
      causes.append("nobody listens at the address: its host has answered that the port is closed")
    }
    let listeners = page.rows(of: "weir_datagrams_received_total")
    if gain("weir_datagrams_received_total", page) == 0 {
      let places = listeners.map { ShownText.of(ArrivalCheck.label("listener", of: $0.labels)) }
      let own = places.isEmpty ? "no address" : places.joined(separator: ", ")
      causes.append(
        "this weir has received no datagram since, and listens on \(own): the address is that of "
          + "another server, or something in between lets nothing through")
    }
    for (labels, count) in gains("weir_datagrams_refused_total", page) {
      let reason = ArrivalCheck.label("reason", of: labels)
      let remedy =
        switch String(decoding: reason, as: UTF8.self) {
        case "source": "--statsd.allow does not admit this machine"
        case "text_off": "it takes no lines (--no-statsd.text); try --push"
        default: "reason \(ShownText.of(reason))"
        }
      causes.append("it has refused \(ArrivalCheck.text(count)) datagrams unread: \(remedy)")
    }
    if gain("weir_datagrams_dropped_total", page) > 0 {
      causes.append("its kernel has dropped datagrams, because the receive buffer was full")
    }
    for name in ["weir_lines_refused_total", "weir_push_records_refused_total"] {
      for (labels, count) in gains(name, page) {
        let reason = ShownText.of(ArrivalCheck.label("reason", of: labels))
        causes.append(
          "it has refused \(ArrivalCheck.text(count)) of all that arrived since, reason \(reason); see "
            + "/debug/refused")
      }
    }
    for (labels, count) in gains("weir_push_frames_refused_total", page) {
      let reason = ShownText.of(ArrivalCheck.label("reason", of: labels))
      let remedy = reason == "unsigned" ? "; give --push.keys-file" : ""
      causes.append("it has refused \(ArrivalCheck.text(count)) frames, reason \(reason)\(remedy)")
    }
    if page.sum(of: "weir_forward_frames_total") != nil {
      causes.append("it forwards what it counts, and shows it only with --forward.expose")
    }
    if causes.isEmpty, lines > 0, gain("weir_lines_total", page) >= Double(lines) {
      causes.append(
        "as many lines have arrived there, so they became other series: that weir has another mapping "
          + "file or other flags; give this command the same ones")
    }
    return causes
  }

  /// Whether Weir has accepted as many lines since, and refused none.
  func hasAccepted(_ lines: Int, _ page: PageValues) -> Bool {
    gain("weir_lines_total", page) >= Double(lines) && gain("weir_lines_refused_total", page) == 0
  }

  private func gain(_ name: String, _ page: PageValues) -> Double {
    (page.sum(of: name) ?? 0) - (before.sum(of: name) ?? 0)
  }

  private func gains(_ name: String, _ page: PageValues) -> [(labels: String, count: Double)] {
    page.rows(of: name).compactMap { row in
      let count = row.value - (before["\(name)\(row.labels)"] ?? 0)
      return count > 0 ? (row.labels, count) : nil
    }
  }

  /// The value of a label in `{label="value"}`, as it is written.
  private static func label(_ name: String, of labels: String) -> [UInt8] {
    guard let start = labels.firstRange(of: "\(name)=\"") else { return [] }
    return Array(labels[start.upperBound...].prefix { $0 != "\"" }.utf8)
  }
}
