import BenchmarkKit

/// What the server counted in a run: how much its numbers grew.
struct Account: Equatable {
  var datagramsReceived = 0
  var datagramsDropped = 0
  var lines = 0
  var linesRefused = 0
  /// Absent from a page without `process_cpu_seconds_total`.
  var cpuSeconds: Double?
  var residentBytes: Double?

  init(before: Scrape, after: Scrape) {
    func growth(_ name: String) -> Int {
      Int((after.sums[name, default: 0] - before.sums[name, default: 0]).rounded())
    }
    datagramsReceived = growth("weir_datagrams_received_total")
    datagramsDropped = growth("weir_datagrams_dropped_total")
    lines = growth("weir_lines_total")
    linesRefused = growth("weir_lines_refused_total")
    let cpu = "process_cpu_seconds_total"
    if let start = before.values[cpu], let end = after.values[cpu] { cpuSeconds = end - start }
    residentBytes = after.values["process_resident_memory_bytes"]
  }
}

/// Compares what was sent with what the server shows.
struct Check {
  /// Everything has arrived long before this; a busy machine may be slow.
  static let settleSecondsMax = 15
  /// Counts that have not changed in this many reads are final, even if some are missing.
  static let looksAlike = 5
  static let lookNanoseconds = 200_000_000

  let client: ScrapeClient
  let before: Scrape

  /// Reads the page before anything is sent.
  init(_ client: ScrapeClient) throws(RunError) {
    self.client = client
    before = try client.scrape()
  }

  /// Reads the page until every datagram is accounted for, or its counts no longer change.
  ///
  /// The first page that accounts for all ends it, because each costs the server time.
  func settle(sent: Int) throws(RunError) -> Scrape {
    let end = Clock.now() + Self.settleSecondsMax * Clock.nanosecondsPerSecond
    var last = (seen: -1, times: 0)
    while true {
      Clock.sleep(until: Clock.now() + Self.lookNanoseconds)
      let page = try client.scrape()
      let account = Account(before: before, after: page)
      let seen = account.datagramsReceived + account.datagramsDropped
      last = (seen, seen == last.seen ? last.times + 1 : 1)
      if seen >= sent || last.times >= Self.looksAlike || Clock.now() >= end { return page }
    }
  }

  /// What is wrong, a sentence each; none when the server has counted right.
  func faults(_ payload: Payload, _ report: SendReport, after: Scrape) -> [String] {
    let account = Account(before: before, after: after)
    var faults: [String] = []
    let accounted = account.datagramsReceived + account.datagramsDropped
    if accounted != report.datagrams {
      faults.append(
        "\(report.datagrams) datagrams were sent, but the server received "
          + "\(account.datagramsReceived) and the kernel dropped \(account.datagramsDropped).")
    }
    if account.linesRefused != 0 {
      faults.append("The server refused \(account.linesRefused) lines; every line was good.")
    }
    let perDatagram = payload.linesPerDatagram
    let fewest = account.datagramsReceived * perDatagram.lowerBound
    let most = account.datagramsReceived * perDatagram.upperBound
    if account.lines < fewest || account.lines > most {
      faults.append(
        "\(account.datagramsReceived) datagrams were received, which hold \(fewest) to \(most) "
          + "lines, but weir_lines_total grew by \(account.lines).")
    }
    let expected = Expectation(of: payload, sent: report.datagrams)
    let whole = account.datagramsReceived == report.datagrams
    return faults + sampleFaults(expected, after, whole) + seriesFaults(expected, after, whole)
  }

  /// Samples by type: all of them, or fewer where some were lost.
  private func sampleFaults(_ expected: Expectation, _ after: Scrape, _ whole: Bool) -> [String] {
    Series.Kind.allCases.compactMap { kind in
      let name = "weir_samples_total{type=\"\(kind.rawValue)\"}"
      let grown = after.values[name, default: 0] - before.values[name, default: 0]
      let sent = Double(expected.samples[kind, default: 0])
      if whole ? grown == sent : grown <= sent { return nil }
      return "\(sent) samples of type \(kind.rawValue) were sent, but \(name) grew by \(grown)."
    }
  }

  /// Compares every series; returns the first that differs.
  private func seriesFaults(_ expected: Expectation, _ after: Scrape, _ whole: Bool) -> [String] {
    let wrong = expected.increases.filter { name, sent in
      let grown = after.values[name, default: 0] - before.values[name, default: 0]
      return whole ? grown != sent : grown > sent
    }
    guard let first = wrong.min(by: { $0.key < $1.key }) else { return [] }
    let grown = after.values[first.key, default: 0] - before.values[first.key, default: 0]
    return [
      "\(wrong.count) of \(expected.increases.count) totals differ; the first is \(first.key), "
        + "which should have grown by \(first.value) and grew by \(grown)."
    ]
  }
}
