import TestSupport
import Testing
import WeirBytes
import WeirExposition
import WeirMetrics

@Suite("Pushed bodies")
struct PushedBodyFuzzTests {
  private static let limits = PushedBodyLimits(seriesMax: 5_000)

  /// Families of any content that a group could show.
  private func families(_ generator: inout SeededGenerator) -> [PushedFamily] {
    (0..<Int.random(in: 0...5, using: &generator)).map { number in
      let name = Array("family\(number)".utf8)
      let type = generator.pick(ExposedType.allCases)
      let bounds = HistogramBounds(
        upper: generator.pick([[], [0.005, 1, 2.5], [-1, 0, 1e9]]))
      let count = Int.random(in: 1...4, using: &generator)
      let series = (0..<count).map { index in
        let labels = self.labels(index, &generator)
        return PushedSeries(
          PushedLabels(labels, addsInstance: false).spelling(of: name),
          value(type, bounds, &generator))
      }
      return PushedFamily(
        name, help: generator.pick(["", "Help.", "a\\b\nc\"é"]), type: type, series: series)
    }
  }

  private func labels(
    _ index: Int, _ generator: inout SeededGenerator
  ) -> [(name: [UInt8], value: [UInt8])] {
    let scalars = Array("\\\\\"\"\n\n{}=, a1é日😀\t\r\u{7F}#".unicodeScalars)
    var labels: [(name: [UInt8], value: [UInt8])] = [(Array("i".utf8), Array("\(index)".utf8))]
    for name in ["a", "le_", "z9"] where generator.oneIn(2) {
      let value = (0..<Int.random(in: 0...12, using: &generator)).flatMap { _ in
        Array(String(generator.pick(scalars)).utf8)
      }
      labels.append((Array(name.utf8), value))
    }
    return labels
  }

  private func value(
    _ type: ExposedType, _ bounds: HistogramBounds, _ generator: inout SeededGenerator
  ) -> PushedValue {
    func any(_ generator: inout SeededGenerator) -> Double {
      let value = Double(bitPattern: generator.next())
      return value.isNaN ? 0.25 : value
    }
    func count(_ generator: inout SeededGenerator) -> Double {
      Double(Int.random(in: 0...1_000_000, using: &generator))
    }
    switch type {
    case .gauge, .unknown: return .number(any(&generator))
    case .counter: return .number(any(&generator).magnitude)
    case .histogram:
      return .histogram(
        PushedHistogram(
          bounds, buckets: (0..<bounds.bucketCount).map { _ in count(&generator) },
          sum: any(&generator)))
    case .summary:
      let marks = generator.pick([[], [0.5], [0, 0.5, 0.99, 1]])
      return .summary(
        PushedSummary(
          marks.map { .init($0, any(&generator)) }, sum: any(&generator),
          count: count(&generator)))
    }
  }

  private func encoded(_ families: [PushedFamily], _ format: ExpositionFormat) -> [UInt8] {
    var encoder = ExpositionEncoder(format)
    for family in families {
      encoder.beginFamily(FamilyHead(family.name, help: family.help, type: family.type))
      for series in family.series {
        PushedFamily.write(series, nameLength: family.name.count, into: &encoder) {
          BucketLabels($0)
        }
      }
      encoder.endFamily()
    }
    encoder.finish()
    return encoder.take()
  }

  @Test(
    "give back what the encoder has written", arguments: 1...4 as ClosedRange<UInt64>,
    [(ExpositionFormat.text, PushedBody.Format.text), (.text1, .text), (.protobuf, .protobuf)])
  func roundTrip(seed: UInt64, format: (ExpositionFormat, PushedBody.Format)) throws {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<100 {
      let families = families(&generator)
      let bytes = encoded(families, format.0)
      let read = try PushedBody.read(bytes, format.1, labels: .none, limits: Self.limits)
      if read != families {
        Issue.record("seed \(seed): \(String(decoding: bytes, as: UTF8.self))")
      }
    }
  }

  @Test(
    "that are changed are refused, or can be shown", arguments: 1...6 as ClosedRange<UInt64>,
    [PushedBody.Format.text, .protobuf])
  func mutations(seed: UInt64, format: PushedBody.Format) throws {
    var generator = SeededGenerator(seed: seed + 1_000)
    let marks = Array("abz_0019{}=\",.+-eE# \t\n\n\\\r\u{0}HELPTYPEinfNa".utf8)
    var taken = 0
    for _ in 0..<200 {
      var bytes = encoded(families(&generator), format == .text ? .text : .protobuf)
      for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
        let place = Int.random(in: bytes.indices, using: &generator)
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes[place] = generator.pick(marks)
        case 2: bytes.remove(at: place)
        case 3: bytes.insert(generator.pick(marks), at: place)
        default:
          let end = Int.random(in: place...bytes.count, using: &generator)
          bytes += bytes[place..<end]
        }
      }
      guard let read = try? PushedBody.read(bytes, format, labels: .none, limits: Self.limits)
      else { continue }
      taken += 1
      try check(read)
    }
    // Some changes are harmless.
    #expect(taken > 20)
  }

  @Test("of random bytes crash nothing", arguments: [PushedBody.Format.text, .protobuf])
  func random(format: PushedBody.Format) throws {
    var generator = SeededGenerator(seed: 77)
    for _ in 0..<5_000 {
      let bytes = generator.bytes(count: Int.random(in: 0...80, using: &generator))
      if let read = try? PushedBody.read(bytes, format, labels: .none, limits: Self.limits) {
        try check(read)
      }
    }
  }

  /// What is accepted is read again from the page that shows it, and is the same.
  private func check(_ read: [PushedFamily]) throws {
    let page = encoded(read, .text)
    let again = try PushedBody.read(page, .text, labels: .none, limits: Self.limits)
    // Fractions of counts may be rounded when they are added up again, and NaN equals nothing.
    #expect(again.map(\.name) == read.map(\.name))
    #expect(again.map(\.type) == read.map(\.type))
    #expect(again.map { $0.series.map(\.spelling) } == read.map { $0.series.map(\.spelling) })
    #expect(encoded(again, .text).count > 0 || read.isEmpty)
  }

  @Test("of many lines take time that grows with their length alone")
  func linear() throws {
    // Each form that could be looked at more than once.
    let forms = [
      String(repeating: "#", count: 300_000) + "\n",
      "a" + String(repeating: " ", count: 300_000) + "1\n",
      "a{b=\"" + String(repeating: "\\\\", count: 150_000) + "\"} 1\n",
      String(repeating: "\n", count: 300_000),
      String(repeating: "a", count: 300_000) + " 1\n",
      "# HELP a " + String(repeating: "\\n", count: 150_000) + "\n",
      "a " + String(repeating: "1", count: 300_000) + "\n",
    ]
    for form in forms {
      _ = try? PushedBody.read(Array(form.utf8), .text, labels: .none, limits: Self.limits)
    }
  }
}
