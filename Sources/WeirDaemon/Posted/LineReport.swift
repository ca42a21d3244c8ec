import WeirBytes
import WeirMetrics

/// How many lines of a request were taken and refused, which its sender is told.
struct LineReport: Sendable {
  /// Refused lines that are shown.
  static let shownMax = 5
  /// Bytes of a line that are shown.
  static let lineBytesMax = 128

  struct RefusedLine: Sendable {
    /// From 1.
    let number: Int
    let reason: Refusal
    let text: [UInt8]
    let isCut: Bool
  }

  /// Lines that were not empty.
  private(set) var lines = 0
  /// Of those, lines that were refused, or a sample of them.
  private(set) var refused = 0
  /// In the order of the body.
  private(set) var first: [RefusedLine] = []

  var taken: Int { lines - refused }

  /// Adds a batch that was applied, whose lines come after those of the batches before.
  ///
  /// - Parameter bytes: The whole body.
  mutating func add(_ batch: borrowing SampleBatch, _ bytes: Span<UInt8>) {
    lines += batch.lines
    guard batch.refusals.total > 0 else { return }
    // Several samples of a line may be refused, and routers refuse in an order of their own.
    var byStart: [Int: RefusalRecord.Entry] = [:]
    for entry in batch.refusals.last where byStart[entry.lineStart] == nil {
      byStart[entry.lineStart] = entry
    }
    refused += byStart.count
    let entries = byStart.values.sorted { $0.lineStart < $1.lineStart }
    for entry in entries.prefix(LineReport.shownMax - first.count) {
      var number = 1
      for index in 0..<entry.lineStart where bytes[index] == 0x0A { number += 1 }
      let end = min(entry.lineEnd, entry.lineStart + LineReport.lineBytesMax)
      first.append(
        RefusedLine(
          number: number, reason: entry.reason,
          text: (entry.lineStart..<end).map { bytes[$0] }, isCut: end < entry.lineEnd))
    }
  }

  /// What is wrong with the body, in lines; nil if nothing is.
  var mistake: String? {
    guard lines > 0 else {
      return "the body contains no line; write each as name:value|type, as in a datagram"
    }
    guard refused > 0 else { return nil }
    let head =
      "\(CountText.counted(taken, "line was", "lines were")) taken and \(refused) refused; correct the refused and send only those again"
    let shown = first.map { line in
      "line \(line.number): \(line.reason.sentence) (\(line.reason.label)): "
        + "\"\(RefusedPage.escaped(line.text))\"\(line.isCut ? "…" : "")"
    }
    let rest = refused - first.count
    return ([head] + shown + (rest > 0 ? ["and \(rest) more"] : [])).joined(separator: "\n")
  }
}
