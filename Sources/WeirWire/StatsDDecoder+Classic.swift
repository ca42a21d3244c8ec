import WeirBytes
import WeirMetrics

extension StatsDDecoder {
  /// Decodes a line of several samples, `name:1|c:2|c|@0.5`, as in the original StatsD.
  ///
  /// Each sample is accepted or refused separately. A refused one is counted and shown with its
  /// whole line.
  /// - Throws: `taggedMultiSample`, for the whole line: in DogStatsD's form a colon after the type
  ///   belongs to a field, so that the two forms can't be distinguished.
  func decodeClassic(
    _ bytes: Span<UInt8>, _ line: LineFrame, into batch: inout SampleBatch
  ) throws(Refusal) {
    if hasTagField(bytes, from: line.nameEnd, to: line.end) { throw .taggedMultiSample }
    var start = line.nameEnd &+ 1
    while start <= line.end {
      let end = bytes.firstIndex(
        of: BytePattern(UInt8(ascii: ":")), from: start, to: line.end)
      do throws(Refusal) {
        let fields = try SampleFields(bytes, from: start, to: end)
        try append(bytes, line, fields, to: &batch)
      } catch {
        batch.refuse(error, lineStart: line.start, lineEnd: line.end)
      }
      start = end &+ 1
    }
  }

  /// Whether there is a colon in the type, a rate or a timestamp. Used when an earlier fault ended
  /// the search.
  func isClassic(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Bool {
    let pipe = BytePattern(UInt8(ascii: "|"))
    var field = bytes.firstIndex(of: pipe, from: start, to: end) &+ 1
    var isType = true
    while field < end {
      let next = bytes.firstIndex(of: pipe, from: field, to: end)
      if isType || bytes[field] == UInt8(ascii: "@") || bytes[field] == UInt8(ascii: "T"),
        bytes.firstIndex(of: BytePattern(UInt8(ascii: ":")), from: field, to: next) < next
      {
        return true
      }
      isType = false
      field = next &+ 1
    }
    return false
  }

  private func hasTagField(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Bool {
    var index = start
    while true {
      index = bytes.firstIndex(of: BytePattern(UInt8(ascii: "|")), from: index, to: end) &+ 1
      if index >= end { return false }
      if bytes[index] == UInt8(ascii: "#") { return true }
    }
  }
}
