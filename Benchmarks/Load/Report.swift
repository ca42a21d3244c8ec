import BenchmarkPayload

/// A run as a person or a program reads it.
struct Report {
  let sent: SendReport
  let linesSent: Int
  let seriesSent: Int
  let payload: ClosedRange<Int>
  /// The server's account, where it was asked.
  let account: Account?
  let faults: [String]

  private var cpuSecondsPerMillionLines: Double? {
    guard let account, let cpu = account.cpuSeconds, account.lines > 0 else { return nil }
    return cpu * 1e6 / Double(account.lines)
  }

  /// Names and values in the order of the table, and as JSON has them.
  private var fields: [(label: String, key: String, value: String?)] {
    let rate = sent.seconds > 0 ? 1 / sent.seconds : 0
    return [
      ("datagrams sent", "datagrams_sent", "\(sent.datagrams)"),
      ("lines sent", "lines_sent", "\(linesSent)"),
      ("series sent", "series_sent", "\(seriesSent)"),
      ("lines a datagram, fewest", "lines_per_datagram_min", "\(payload.lowerBound)"),
      ("lines a datagram, most", "lines_per_datagram_max", "\(payload.upperBound)"),
      ("seconds", "seconds", Decimal.text(sent.seconds, places: 3)),
      (
        "datagrams a second", "datagrams_per_second",
        Decimal.text(Double(sent.datagrams) * rate, places: 0)
      ),
      ("lines a second", "lines_per_second", Decimal.text(Double(linesSent) * rate, places: 0)),
      ("due but not sent", "datagrams_late", "\(sent.late)"),
      (
        "latest, milliseconds", "lateness_milliseconds_max",
        Decimal.text(Double(sent.latenessNanosecondsMax) / 1e6, places: 3)
      ),
      ("full buffers, retried", "retries", "\(sent.retries)"),
      ("nobody listening, reports", "refusals", "\(sent.refusals)"),
      ("datagrams received", "datagrams_received", account.map { "\($0.datagramsReceived)" }),
      ("datagrams dropped", "datagrams_dropped", account.map { "\($0.datagramsDropped)" }),
      ("lines received", "lines_received", account.map { "\($0.lines)" }),
      ("lines refused", "lines_refused", account.map { "\($0.linesRefused)" }),
      (
        "server CPU seconds", "server_cpu_seconds",
        account?.cpuSeconds.map { Decimal.text($0, places: 3) }
      ),
      (
        "CPU s a million lines", "server_cpu_seconds_per_million_lines",
        cpuSecondsPerMillionLines.map { Decimal.text($0, places: 4) }
      ),
      (
        "server resident bytes", "server_resident_bytes",
        account?.residentBytes.map { Decimal.text($0, places: 0) }
      ),
    ]
  }

  var table: String {
    let rows = fields.compactMap { field in field.value.map { (field.label, $0) } }
    let width = rows.map(\.0.count).max() ?? 0
    return rows.map { label, value in
      "\(label)\(String(repeating: " ", count: width - label.count))  \(value)"
    }.joined(separator: "\n")
  }

  var json: String {
    let members = fields.map { "\"\($0.key)\":\($0.value ?? "null")" }
    return "{\(members.joined(separator: ",")),\"correct\":\(account == nil ? "null" : verdict)}"
  }

  private var verdict: String { faults.isEmpty ? "true" : "false" }
}
