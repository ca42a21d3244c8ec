import BenchmarkKit

/// The results of a run, as a table or as JSON.
struct Report {
  let sent: SendReport
  let linesSent: Int
  let seriesSent: Int
  let payload: ClosedRange<Int>
  /// What the server counted, where it was asked.
  let account: Account?
  let faults: [String]

  var figures: Figures {
    let rate = sent.seconds > 0 ? 1 / sent.seconds : 0
    var figures = Figures()
    figures.add("datagrams sent", "datagrams_sent", sent.datagrams)
    figures.add("lines sent", "lines_sent", linesSent)
    figures.add("series sent", "series_sent", seriesSent)
    figures.add("lines a datagram, fewest", "lines_per_datagram_min", payload.lowerBound)
    figures.add("lines a datagram, most", "lines_per_datagram_max", payload.upperBound)
    figures.add("seconds", "seconds", sent.seconds, places: 3)
    figures.add(
      "datagrams a second", "datagrams_per_second", Double(sent.datagrams) * rate, places: 0)
    figures.add("lines a second", "lines_per_second", Double(linesSent) * rate, places: 0)
    figures.add("due but not sent", "datagrams_late", sent.late)
    figures.add(
      "latest, milliseconds", "lateness_milliseconds_max",
      Double(sent.latenessNanosecondsMax) / 1e6, places: 3)
    figures.add("full buffers, retried", "retries", sent.retries)
    figures.add("nobody listening, reports", "refusals", sent.refusals)
    addAccount(to: &figures)
    return figures
  }

  private func addAccount(to figures: inout Figures) {
    figures.add("datagrams received", "datagrams_received", account?.datagramsReceived)
    figures.add("datagrams dropped", "datagrams_dropped", account?.datagramsDropped)
    figures.add("lines received", "lines_received", account?.lines)
    figures.add("lines refused", "lines_refused", account?.linesRefused)
    figures.add("server CPU seconds", "server_cpu_seconds", account?.cpuSeconds, places: 3)
    figures.add(
      "CPU s a million lines", "server_cpu_seconds_per_million_lines",
      account?.cpuSecondsPerMillionLines, places: 4)
    figures.add(
      "server resident bytes", "server_resident_bytes", account?.residentBytes, places: 0)
    figures.add("correct", "correct", account.map { _ in faults.isEmpty })
  }
}

extension Account {
  fileprivate var cpuSecondsPerMillionLines: Double? {
    guard let cpuSeconds, lines > 0 else { return nil }
    return cpuSeconds * 1e6 / Double(lines)
  }
}
