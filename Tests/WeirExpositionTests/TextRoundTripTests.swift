import TestSupport
import Testing
import WeirExposition
import WeirMetrics

@Suite("The text format, read back")
struct TextRoundTripTests {
  @Test(
    "gives back every label's value", arguments: 1...4 as ClosedRange<UInt64>,
    [ExpositionFormat.text, .openMetrics1])
  func roundTrip(seed: UInt64, format: ExpositionFormat) throws {
    var generator = SeededGenerator(seed: seed)
    var builder = SeriesBuilder()
    let bounds = HistogramBounds.standard
    let bucketLabels = BucketLabels(bounds)
    for _ in 0..<150 {
      var encoder = ExpositionEncoder(format)
      var expected: [TextParser.Family] = []
      for number in 0..<Int.random(in: 1...4, using: &generator) {
        let type = generator.pick([ExposedType.counter, .gauge, .histogram])
        let name = "family\(number)"
        encoder.beginFamily(FamilyHead(Array(name.utf8), help: "Help.", type: type))
        // A counter that does not end in `_total` has no type there.
        let isUnknown = format == .openMetrics1 && type == .counter
        var family = TextParser.Family(
          name: name, help: "Help.", type: isUnknown ? "unknown" : "\(type)")
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
          let labels = try build(name, with: &builder, &generator)
          if type == .histogram {
            let buckets = (0..<bounds.bucketCount).map { _ in
              Double(Int.random(in: 0...9, using: &generator)) / 4
            }
            let sum = Double.random(in: -100...100, using: &generator)
            encoder.histogram(
              builder.series.span, nameLength: builder.nameLength,
              HistogramReading(buckets: buckets[...], sum: sum), labels: bucketLabels)
            family.samples += histogram(
              name, labels, bounds.upper, buckets, sum, areWhole: format == .openMetrics1)
          } else {
            let value = Double(bitPattern: generator.next())
            encoder.sample(
              builder.series.span, nameLength: builder.nameLength, value.isNaN ? 0 : value)
            family.samples.append(.init(name: name, labels: labels, value: value.isNaN ? 0 : value))
          }
        }
        expected.append(family)
      }
      encoder.finish()
      var bytes = encoder.take()
      if format == .openMetrics1 {
        let end = Array("# EOF\n".utf8)
        #expect(bytes.suffix(end.count).elementsEqual(end))
        bytes.removeLast(end.count)
      }
      let read = try TextParser.parse(bytes)
      if read != expected {
        Issue.record("seed \(seed): \(String(decoding: bytes, as: UTF8.self))")
      }
    }
  }

  /// Builds a series with labels of any content, and returns them.
  private func build(
    _ name: String, with builder: inout SeriesBuilder, _ generator: inout SeededGenerator
  ) throws -> [[UInt8]: [UInt8]] {
    builder.begin()
    builder.appendName(Array(name.utf8).span, from: 0, to: name.utf8.count)
    let scalars = Array("\\\\\"\"\n\n{}=, a1é日😀\t\r\u{0}\u{7F}\u{85}\u{2028}#".unicodeScalars)
    var labels: [[UInt8]: [UInt8]] = [:]
    for label in ["a", "le_", "z9"] where generator.oneIn(2) {
      let value = (0..<Int.random(in: 1...12, using: &generator)).flatMap { _ in
        Array(String(generator.pick(scalars)).utf8)
      }
      let tag = Array(label.utf8) + value
      try builder.addTag(
        tag.span, nameFrom: 0, to: label.utf8.count, valueFrom: label.utf8.count, to: tag.count)
      labels[Array(label.utf8)] = value
    }
    try builder.finish(kind: .gauge)
    return labels
  }

  private func histogram(
    _ name: String, _ labels: [[UInt8]: [UInt8]], _ upper: [Double], _ buckets: [Double],
    _ sum: Double, areWhole: Bool
  ) -> [TextParser.Sample] {
    func counted(_ count: Double) -> Double { areWhole ? count.rounded(.down) : count }
    var samples: [TextParser.Sample] = []
    for (index, bound) in (upper.map { "\($0)" } + ["+Inf"]).enumerated() {
      var labels = labels
      labels[Array("le".utf8)] = Array(bound.utf8)
      let count = counted(buckets[...index].reduce(0, +))
      samples.append(.init(name: name + "_bucket", labels: labels, value: count))
    }
    samples.append(.init(name: name + "_sum", labels: labels, value: sum))
    samples.append(
      .init(name: name + "_count", labels: labels, value: counted(buckets.reduce(0, +))))
    return samples
  }
}
