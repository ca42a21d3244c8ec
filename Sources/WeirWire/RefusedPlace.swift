import WeirBytes
import WeirMetrics

/// Which bytes of a refused line are wrong, in words. It reads the line again, and is slow.
package struct RefusedPlace: Sendable, Equatable {
  /// In the line; empty at its end, if something is missing there.
  package let range: Range<Int>

  /// - Parameters:
  ///   - line: Without its end.
  ///   - refusal: Why the decoder, or the reader of its identity, has refused it.
  /// - Returns: Nil where the line as a whole is the reason.
  package init?(_ refusal: Refusal, in line: [UInt8], options: StatsDOptions) {
    let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.count
    let place: Range<Int>?
    switch refusal {
    case .invalidUTF8: place = RefusedPlace.malformed(line)
    case .emptyName: place = 0..<min(1, line.count)
    case .missingValue, .badValue, .notANumber, .infinite, .negativeCounter:
      place = RefusedPlace.value(line, after: colon, refusal)
    case .missingType: place = line.count..<line.count
    case .unknownType: place = RefusedPlace.field(line, after: colon, number: 1)
    case .badRate, .zeroRate, .negativeRate, .rateAboveOne:
      place = RefusedPlace.field(line, after: colon, mark: UInt8(ascii: "@"))
    case .badTimestamp: place = RefusedPlace.field(line, after: colon, mark: UInt8(ascii: "T"))
    case .repeatedField: place = RefusedPlace.repeated(line, after: colon)
    case .taggedMultiSample: place = RefusedPlace.field(line, after: colon, mark: UInt8(ascii: "#"))
    case .mixedTagStyles, .unclosedTags:
      place = RefusedPlace.secondMark(line, options) ?? RefusedPlace.firstMark(line, options)
    case .nameTooLong: place = 0..<colon
    case .typeClash, .reservedName, .tooManyLabels, .labelNameTooLong, .labelValueTooLong,
      .seriesTooLong, .tooManySeries, .tooManySeriesOfName, .tooManyNames, .tooManySets,
      .lineTooLong:
      place = nil
    }
    guard let place else { return nil }
    range = place
  }

  private static func malformed(_ line: [UInt8]) -> Range<Int>? {
    let bytes = line.span
    var index = 0
    while index < bytes.count {
      let length = bytes.scalarLength(at: index, to: bytes.count)
      if length == 0 { return index..<index + 1 }
      index += length
    }
    return nil
  }

  /// The first value that can't be read, or the place where one is missing.
  private static func value(
    _ line: [UInt8], after colon: Int, _ refusal: Refusal
  ) -> Range<Int>? {
    guard colon < line.count else { return line.count..<line.count }
    let end = line[colon...].firstIndex(of: UInt8(ascii: "|")) ?? line.count
    var start = colon + 1
    while start < end {
      let next = line[start..<end].firstIndex(of: UInt8(ascii: ":")) ?? end
      if next > start, isWrong(line, start..<next, refusal) { return start..<next }
      start = next + 1
    }
    return colon + 1..<end
  }

  private static func isWrong(_ line: [UInt8], _ range: Range<Int>, _ refusal: Refusal) -> Bool {
    do throws(DecimalError) {
      let value = try line.span.decimal(from: range.lowerBound, to: range.upperBound)
      return refusal == .negativeCounter && value < 0
    } catch {
      return true
    }
  }

  /// The fields after the value: the type is number 1.
  private static func fields(_ line: [UInt8], after colon: Int) -> [Range<Int>] {
    guard let pipe = line[min(colon, line.count)...].firstIndex(of: UInt8(ascii: "|")) else {
      return []
    }
    var fields: [Range<Int>] = []
    var start = pipe + 1
    while start <= line.count {
      let end = line[start...].firstIndex(of: UInt8(ascii: "|")) ?? line.count
      fields.append(start..<end)
      start = end + 1
    }
    return fields
  }

  private static func field(_ line: [UInt8], after colon: Int, number: Int) -> Range<Int>? {
    let fields = fields(line, after: colon)
    return fields.count >= number ? fields[number - 1] : nil
  }

  private static func field(_ line: [UInt8], after colon: Int, mark: UInt8) -> Range<Int>? {
    fields(line, after: colon).dropFirst().first { !$0.isEmpty && line[$0.lowerBound] == mark }
  }

  private static func repeated(_ line: [UInt8], after colon: Int) -> Range<Int>? {
    var seen: [UInt8] = []
    for field in fields(line, after: colon).dropFirst() where !field.isEmpty {
      let mark = line[field.lowerBound]
      guard mark == UInt8(ascii: "@") || mark == UInt8(ascii: "#") else { continue }
      if seen.contains(mark) { return field }
      seen.append(mark)
    }
    return nil
  }

  private static func marks(_ line: [UInt8], _ options: StatsDOptions) -> [Int] {
    line.indices.filter { options.tagStyles.isMark(line[$0]) }
  }

  private static func firstMark(_ line: [UInt8], _ options: StatsDOptions) -> Range<Int>? {
    marks(line, options).first.map { $0..<$0 + 1 }
  }

  /// The first mark of another style than the first one.
  private static func secondMark(_ line: [UInt8], _ options: StatsDOptions) -> Range<Int>? {
    let marks = marks(line, options)
    guard let first = marks.first else { return nil }
    let second = marks.first { $0 > first && line[$0] != line[first] }
    return second.map { $0..<$0 + 1 }
  }
}
