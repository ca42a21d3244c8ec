import TestSupport
import Testing
import WeirBytes
import WeirMetrics
import WeirWire

@Suite("The place of a mistake in a line")
struct RefusedPlaceTests {
  /// The refusal of a line, if it has one.
  private func refusal(_ line: [UInt8], _ options: StatsDOptions) -> Refusal? {
    var batch = SampleBatch()
    StatsDDecoder(options: options).decode(line.span, from: 0, to: line.count, into: &batch)
    if let refused = batch.refusals.last.first { return refused.reason }
    let reader = StatsDIdentityReader(options: options)
    for sample in batch.samples.elements {
      do throws(Refusal) {
        _ = try reader.identity(of: sample, in: line.span)
      } catch {
        return error
      }
    }
    return nil
  }

  /// Each line has the wrong bytes in `«»`.
  static let marked: [(line: String, refusal: Refusal)] = [
    ("«:»1|c", .emptyName), ("a«»", .missingValue), ("a:«»|c", .missingValue),
    ("a:«::»|c", .missingValue), ("a:1«»", .missingType), ("a:1|«x»", .unknownType),
    ("a:1|«x»|@0.5", .unknownType), ("a:«1x»|c", .badValue), ("a:1:«x»:2|c", .badValue),
    ("a:«nan»|c", .notANumber), ("a:1:«inf»|ms", .infinite), ("a:«-1»|c", .negativeCounter),
    ("a:2:«-1»|c", .negativeCounter), ("a:1|c|«@x»", .badRate), ("a:1|c|#k:v|«@0»", .zeroRate),
    ("a:1|c|«@-1»", .negativeRate), ("a:1|c|«@1.5»", .rateAboveOne), ("a:1|c|«Tx»", .badTimestamp),
    ("a:1|c|@1|«@1»", .repeatedField), ("a:1|c|#k:v|«#l:w»", .repeatedField),
    ("a«[»k=v:1|c", .unclosedTags), ("a,k=v«#»l=w:1|c", .mixedTagStyles),
  ]

  @Test("is that of the bytes that are wrong", arguments: marked.indices)
  func places(_ index: Int) throws {
    let (text, expected) = Self.marked[index]
    let parts = text.split(separator: /[«»]/, omittingEmptySubsequences: false).map {
      Array($0.utf8)
    }
    let line = parts[0] + parts[1] + parts[2]
    try #require(refusal(line, StatsDOptions()) == expected, "\(text)")
    let place = RefusedPlace(expected, in: line, options: StatsDOptions())
    #expect(place?.range == parts[0].count..<parts[0].count + parts[1].count)
  }

  @Test func `is the first malformed byte`() {
    let line = Array("é:1|".utf8) + [0xC3, 0x28]
    #expect(refusal(line, StatsDOptions()) == .invalidUTF8)
    #expect(RefusedPlace(.invalidUTF8, in: line, options: StatsDOptions())?.range == 5..<6)
  }

  @Test("is within the line, whatever the line and the reason", arguments: [1, 2] as [UInt64])
  func hostile(_ seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let pieces = [":", "|", "@", "#", "[", "]", ",", ";", "=", "a", "1", "-", "T", "\u{e9}", " "]
    for _ in 0..<3_000 {
      var line = (0..<Int.random(in: 0...14, using: &random)).flatMap { _ in
        Array(random.pick(pieces).utf8)
      }
      if random.oneIn(5) { line += random.bytes(count: 3) }
      for refusal in Refusal.allCases {
        guard let place = RefusedPlace(refusal, in: line, options: StatsDOptions()) else {
          continue
        }
        #expect(place.range.lowerBound >= 0 && place.range.upperBound <= line.count, "\(line)")
      }
    }
  }
}
