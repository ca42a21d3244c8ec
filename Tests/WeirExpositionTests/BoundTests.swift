import TestSupport
import Testing
import WeirBytes
import WeirMetrics

@testable import WeirExposition

@Suite("A bound, as the label le shows it,")
struct BoundTests {
  private func text(_ bound: Double, _ style: BoundStyle = .canonical) -> String {
    var writer = ByteWriter()
    writer.appendBound(bound, style)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  @Test(
    "is what Prometheus makes of the number in protobuf",
    arguments: [
      (0, "0.0"), (-0.0, "-0.0"), (1, "1.0"), (-1, "-1.0"), (0.005, "0.005"), (2.5, "2.5"),
      (-0.25, "-0.25"), (120, "120.0"), (10_000, "10000.0"), (999_999, "999999.0"),
      (123_456.5, "123456.5"), (1e6, "1e+06"), (1_234_567, "1.234567e+06"), (1e10, "1e+10"),
      (9_007_199_254_740_992, "9.007199254740992e+15"), (1e100, "1e+100"), (-2e21, "-2e+21"),
      (0.0001, "0.0001"), (0.000123, "0.000123"), (0.00001, "1e-05"), (1.5e-7, "1.5e-07"),
      (.leastNonzeroMagnitude, "5e-324"), (.greatestFiniteMagnitude, "1.7976931348623157e+308"),
      (.infinity, "+Inf"), (0.99, "0.99"), (1_000_000.5, "1.0000005e+06"),
    ] as [(Double, String)])
  func canonical(_ bound: Double, _ expected: String) {
    #expect(text(bound) == expected)
  }

  @Test(
    "is without a point in the short style, if it is whole",
    arguments: [
      (0, "0"), (-0.0, "-0"), (1, "1"), (-10, "-10"), (0.005, "0.005"), (2.5, "2.5"), (120, "120"),
      (999_999, "999999"), (123_456.5, "123456.5"), (1e6, "1e+06"), (0.00001, "1e-05"),
      (.infinity, "+Inf"),
    ] as [(Double, String)])
  func short(_ bound: Double, _ expected: String) {
    #expect(text(bound, .short) == expected)
    let labels = BucketLabels(HistogramBounds(upper: bound.isFinite ? [bound] : []), .short)
    #expect(String(decoding: labels.endings[0], as: UTF8.self) == "le=\"\(expected)\"} ")
  }

  @Test("is the same number in both styles", arguments: [3, 4] as [UInt64])
  func styles(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for round in 0..<20_000 {
      let value =
        round % 2 == 0
        ? Double(Int.random(in: -2_000_000...2_000_000, using: &generator))
        : Double(bitPattern: generator.next())
      guard value.isFinite else { continue }
      let (long, short) = (text(value), text(value, .short))
      #expect(long == short || long == short + ".0", "\(long) \(short)")
      #expect(!short.hasSuffix(".0"))
    }
  }

  @Test("reads back as the same number", arguments: [1, 2] as [UInt64])
  func roundTrip(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for round in 0..<20_000 {
      let value =
        round % 2 == 0
        ? Double(bitPattern: generator.next()) : Double.random(in: -2e7...2e7, using: &generator)
      guard value.isFinite else { continue }
      let text = text(value)
      #expect(Double(text) == value)
      #expect(text.contains(".") || text.contains("e"), "\(text)")
    }
  }

  @Test("of 2^53 and more is a number in every bucket's line")
  func buckets() {
    let labels = BucketLabels(HistogramBounds(upper: [1, 0x1p53, 0x1p60]))
    #expect(
      labels.endings.map { String(decoding: $0, as: UTF8.self) } == [
        "le=\"1.0\"} ", "le=\"9.007199254740992e+15\"} ", "le=\"1.152921504606847e+18\"} ",
        "le=\"+Inf\"} ",
      ])
  }
}
