import Glibc
import WeirAggregation
import WeirBytes
import WeirMetrics
import WeirState

/// The state file of a directory, in words.
struct StateReport {
  let path: String
  private let bytes: [UInt8]
  private let scan: StateScan
  /// What its committed groups say, if it has any.
  private let image: StateImage?

  /// - Throws: `StateError` if there is no file, or it cannot be read.
  init(_ directory: String) throws(StateError) {
    path = StateDirectory.filePath(in: directory)
    guard let bytes = try StateDirectory.read(directory) else {
      throw StateError(
        "\(path): there is no state file; give the directory of --state.dir of a weir that has "
          + "committed")
    }
    self.bytes = bytes
    scan = StateScan(bytes.span)
    image = scan.groupCount > 0 ? StateImage(scan, bytes) : nil
  }

  /// Why the file cannot be used; nil if it can.
  var error: StateError? {
    switch scan.verdict {
    case .whole, .tornEnd: image?.damage.map(damaged)
    case .damaged(let what): damaged(what)
    case .newer(let version):
      StateError(
        "\(path): version \(version) of the format is later than \(StateFormat.version), which this "
          + "weir reads; use the weir that wrote it")
    case .foreign: StateError("\(path): this is not a state file; move it away")
    case .empty: StateError("\(path): the file is empty; remove it")
    }
  }

  private func damaged(_ what: String) -> StateError {
    StateError(
      "\(path): the file is damaged: \(what); weir will set it aside and start without it")
  }

  /// What `weir state check` prints.
  ///
  /// - Parameter now: The system's time of day.
  func lines(at now: timespec) -> [String] {
    guard let image else { return [] }
    var lines = [verdict]
    if case .tornEnd(let torn) = scan.verdict {
      lines.append(
        "the last \(CountText.counted(torn, "byte is", "bytes are")) not committed, as while weir "
          + "writes or after a crash; no scrape has shown what they say")
    }
    if scan.spoiledCommits > 0 {
      let copies = CountText.counted(scan.spoiledCommits, "copy", "copies")
      lines.append(
        "\(copies) of a commit cannot be read, but the other copy can; look at the kernel's log for "
          + "a faulty disk")
    }
    let summary = StateSummary(image)
    lines.append("last commit: \(lastCommit(summary, now))")
    lines.append("series: \(series(summary))")
    lines.append("instances: \(summary.ownersLive) live, \(summary.ownersRetired) retired")
    lines.append("help and units: \(summary.metas)")
    return lines
  }

  private var verdict: String {
    let what =
      "\(CountText.counted(scan.groupCount, "commit")), \(CountText.counted(bytes.count, "byte"))"
    if image?.damage != nil { return "\(path): is damaged: \(what); what is before the damage:" }
    return switch scan.verdict {
    case .tornEnd: "\(path): is whole up to its last commit: \(what)"
    case .damaged: "\(path): is damaged: \(what); what is before the damage:"
    case .whole, .newer, .foreign, .empty: "\(path): is whole: \(what)"
    }
  }

  private func lastCommit(_ summary: StateSummary, _ now: timespec) -> String {
    guard let milliseconds = summary.committedMilliseconds else { return "unknown" }
    let seconds = Int(milliseconds / 1_000)
    let text = RFC3339.text(
      timespec(tv_sec: seconds, tv_nsec: Int(milliseconds % 1_000) * 1_000_000))
    let age = now.tv_sec - seconds
    return age < 0 ? "\(text), in the future by this machine's clock" : "\(text), \(age) s ago"
  }

  private func series(_ summary: StateSummary) -> String {
    let kinds = MetricKind.allCases.map { "\($0.label) \(summary.series($0))" }
    let all = "\(summary.seriesCount) of \(CountText.counted(summary.names, "name"))"
    return "\(all) (\(kinds.joined(separator: ", ")))"
  }

  /// Prints what `weir state dump` does.
  func writeDump(to output: CommandOutput) throws {
    guard let image else { return }
    var dump = StateDump<any Error>(image) { bytes in try output.write(bytes) }
    try dump.write()
  }
}
