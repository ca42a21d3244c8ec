import Foundation
import TestSupport
import Testing
import WeirBytes

@Suite("A byte writer")
struct ByteWriterTests {
  private func text(_ write: (inout ByteWriter) -> Void) -> String {
    var writer = ByteWriter()
    write(&writer)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  @Test(
    "writes doubles in Prometheus' format",
    arguments: [
      (0, "0"), (-0.0, "-0.0"), (1, "1"), (-1, "-1"), (0.5, "0.5"), (120, "120"), (2.5, "2.5"),
      (0.005, "0.005"), (1e15, "1000000000000000"), (9_007_199_254_740_991, "9007199254740991"),
      (-9_007_199_254_740_991, "-9007199254740991"), (.infinity, "+Inf"), (-.infinity, "-Inf"),
      (.nan, "NaN"), (-.nan, "NaN"), (0.1, "0.1"), (1.0 / 3, "0.3333333333333333"),
    ] as [(Double, String)])
  func forms(value: Double, expected: String) {
    #expect(text { $0.append(value) } == expected)
  }

  @Test(
    "writes integers",
    arguments: [
      (0, "0"), (7, "7"), (-7, "-7"), (10, "10"), (1_000_000, "1000000"),
      (.max, "9223372036854775807"), (.min, "-9223372036854775808"),
    ] as [(Int64, String)])
  func integers(value: Int64, expected: String) {
    #expect(text { $0.append(value) } == expected)
  }

  @Test("writes doubles that parse to the same double", arguments: [41, 42] as [UInt64])
  func roundTrip(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let grammar = /-?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?/
    for round in 0..<20_000 {
      let value =
        switch round % 4 {
        case 0: Double(bitPattern: generator.next())
        case 1: Double(Int64(truncatingIfNeeded: generator.next()))
        case 2: Double(Int64.random(in: -1 << 54...1 << 54, using: &generator))
        default: Double.random(in: -1e6...1e6, using: &generator)
        }
      guard value.isFinite else { continue }
      let written = text { $0.append(value) }
      if strtod(written, nil).bitPattern != value.bitPattern
        || written.wholeMatch(of: grammar) == nil
      {
        Issue.record("seed \(seed): \(value) is written as \(written)")
      }
    }
  }

  @Test("appends every kind of value in order, and is empty after removeAll")
  func pieces() {
    var writer = ByteWriter(capacity: 4)
    let middle: [UInt8] = Array("<middle>".utf8)
    writer.append("static" as StaticString)
    writer.append(UInt8(ascii: " "))
    writer.append(String("dynamic é"))
    writer.append([0x20, 0x00])
    writer.append(middle.span.extracting(1..<7))
    #expect(writer.bytes == Array("static dynamic é \u{0}middle".utf8))
    writer.removeAll()
    #expect(writer.bytes.isEmpty)
    writer.append(Int64(-5))
    #expect(writer.bytes == Array("-5".utf8))
  }
}
