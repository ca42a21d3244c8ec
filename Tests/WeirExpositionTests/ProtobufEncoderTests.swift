import TestSupport
import Testing
import WeirExposition
import WeirMetrics

@Suite("The protobuf format")
struct ProtobufEncoderTests {
  private typealias Page = ProtobufPage

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  private static let exemplar = Exemplar(
    labels: Array(#"{trace_id="a\"b"}"#.utf8), value: 0.5, unixSeconds: 1_767_323_045.25)

  @Test("has name, help and type, and counters with their exemplar and their start")
  func samples() throws {
    let families = try Page.families {
      $0.beginFamily(FamilyHead(Array("a_total".utf8), help: "Says \"a\"\n", type: .counter))
      $0.sample(
        Array(#"a_total{k="v",l="x\\y\nz\""}"#.utf8).span, nameLength: 7, 1.5,
        startUnixSeconds: 1_767_323_045, exemplar: ProtobufEncoderTests.exemplar)
      $0.endFamily()
      $0.beginFamily(FamilyHead(Array("b".utf8), help: "", type: .gauge))
      $0.sample(Array("b".utf8).span, nameLength: 1, -.infinity)
      $0.endFamily()
      $0.beginFamily(FamilyHead(Array("nothing".utf8), help: "", type: .gauge))
      $0.endFamily()
    }
    #expect(families.count == 2)
    let counter = try families[0].messages(4)[0]
    #expect(text(try families[0].text(1)) == "a_total")
    #expect(text(try families[0].text(2)) == "Says \"a\"\n")
    #expect(try families[0].integer(3) == 0)
    #expect(
      try ProtobufReader.labels(counter)
        == [Array("k".utf8): Array("v".utf8), Array("l".utf8): Array("x\\y\nz\"".utf8)])
    let value = try counter.messages(3)[0]
    #expect(try value.double(1) == 1.5)
    #expect(try value.messages(3)[0].integer(1) == 1_767_323_045)
    let exemplar = try value.messages(2)[0]
    #expect(try ProtobufReader.labels(exemplar) == [Array("trace_id".utf8): Array("a\"b".utf8)])
    #expect(try exemplar.double(2) == 0.5)
    #expect(try exemplar.messages(3)[0].integer(1) == 1_767_323_045)
    #expect(try exemplar.messages(3)[0].integer(2) == 250_000_000)
    let gauge = try families[1].messages(4)[0]
    #expect(try families[1].integer(3) == 1)
    #expect(try gauge.messages(2)[0].double(1) == -.infinity)
    #expect(!gauge.has(1) && !gauge.has(3))
  }

  @Test("of histograms has whole cumulative counts, and all but the bucket that is implied")
  func classic() throws {
    let histogram = try Page.histogram([1, 0, 3, 4], [0.5, 1, 2.5])
    #expect(try histogram.integer(1) == 8)
    #expect(!histogram.has(4))
    #expect(try histogram.double(2) == 7.25)
    #expect(try histogram.messages(15)[0].integer(1) == 9)
    let buckets = try histogram.messages(3)
    #expect(try buckets.map { try $0.integer(1) } == [1, 1, 4])
    #expect(try buckets.map { try $0.double(2) } == [0.5, 1, 2.5])
    #expect(buckets.allSatisfy { !$0.has(3) && !$0.has(4) })
    // Nothing may look like a native histogram.
    for field in 5...14 as ClosedRange<UInt64> { #expect(!histogram.has(field)) }
  }

  @Test("of histograms has fractional counts, and rounded ones for readers without them")
  func fractions() throws {
    let histogram = try Page.histogram([1, 2.5, 1], [0.5, 1])
    #expect(try histogram.integer(1) == 5)
    #expect(try histogram.double(4) == 4.5)
    let buckets = try histogram.messages(3)
    #expect(try buckets.map { try $0.integer(1) } == [1, 4])
    #expect(try buckets.map { try $0.double(4) } == [0, 3.5])
  }

  @Test("has exemplars without labels")
  func emptyExemplar() throws {
    let exemplar = Exemplar(labels: Array("{}".utf8), value: 0.25, unixSeconds: 9)
    let families = try Page.families {
      $0.beginFamily(FamilyHead(Array("a_total".utf8), help: "", type: .counter))
      $0.sample(Array("a_total".utf8).span, nameLength: 7, 1, exemplar: exemplar)
      $0.endFamily()
    }
    let counter = try families[0].messages(4)[0].messages(3)[0]
    #expect(try counter.messages(2)[0].double(2) == 0.25)
    #expect(try !counter.messages(2)[0].has(1))
    let histogram = try Page.histogram([1, 0], [0.5], exemplars: [0: exemplar])
    #expect(try histogram.messages(3)[0].messages(3)[0].double(2) == 0.25)
  }

  @Test("of histograms has exemplars at their buckets, that of the last one too")
  func exemplars() throws {
    let histogram = try Page.histogram(
      [1, 2, 1], [0.5, 1],
      exemplars: [1: ProtobufEncoderTests.exemplar, 2: ProtobufEncoderTests.exemplar])
    let buckets = try histogram.messages(3)
    #expect(buckets.map { $0.has(3) } == [false, true, true])
    #expect(try buckets[2].double(2) == .infinity)
    #expect(try buckets[2].integer(1) == 4)
  }

  @Test("of summaries has count, sum, quantiles and start")
  func summary() throws {
    let families = try Page.families {
      $0.beginFamily(FamilyHead(Array("s".utf8), help: "", type: .summary))
      $0.summary(
        Array(#"s{k="v"}"#.utf8).span, nameLength: 1,
        SummaryReading(
          quantiles: [(0.5, 3), (0.99, .nan)], sum: 12.5, count: 4, startUnixSeconds: 7))
      $0.endFamily()
    }
    #expect(try families[0].integer(3) == 2)
    let summary = try families[0].messages(4)[0].messages(4)[0]
    #expect(try summary.integer(1) == 4)
    #expect(try summary.double(2) == 12.5)
    let quantiles = try summary.messages(3)
    #expect(try quantiles.map { try $0.double(1) } == [0.5, 0.99])
    #expect(try quantiles[0].double(2) == 3)
    #expect(try quantiles[1].double(2).isNaN)
    #expect(try summary.messages(4)[0].integer(1) == 7)
  }

  @Test("divides a family of many series, so that no message grows long")
  func division() throws {
    var encoder = ExpositionEncoder(.protobuf)
    var page: [UInt8] = []
    encoder.beginFamily(FamilyHead(Array("c".utf8), help: "Help.", type: .counter))
    for number in 0..<10_000 {
      encoder.sample(Array("c{k=\"\(number)\"}".utf8).span, nameLength: 1, Double(number))
      if encoder.byteCount > 0 { page += encoder.take() }
    }
    encoder.endFamily()
    page += encoder.take()
    let families = try ProtobufReader.families(page)
    #expect(families.count > 4)
    var seen = Set<[UInt8]>()
    for family in families {
      #expect(text(try family.text(1)) == "c")
      #expect(text(try family.text(2)) == "Help.")
      #expect(try family.integer(3) == 0)
      for metric in try family.messages(4) {
        let label = try #require(try ProtobufReader.labels(metric)[Array("k".utf8)])
        #expect(try metric.messages(3)[0].double(1) == Double(text(label)))
        seen.insert(label)
      }
    }
    #expect(seen.count == 10_000)
  }

  @Test("can be read back with any label's value", arguments: 1...4 as ClosedRange<UInt64>)
  func roundTrip(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var builder = SeriesBuilder()
    for _ in 0..<500 {
      var sent: [[UInt8]: [UInt8]] = [:]
      builder.begin()
      builder.appendName(Array("name".utf8).span, from: 0, to: 4)
      for label in 0..<Int.random(in: 0...5, using: &generator) {
        let value = generator.bytes(count: Int.random(in: 1...200, using: &generator))
        let name = Array("label\(label)".utf8)
        sent[name] = value
        let bytes = name + value
        try builder.addTag(
          bytes.span, nameFrom: 0, to: name.count, valueFrom: name.count, to: bytes.count)
      }
      try builder.finish(kind: .gauge)
      let value = Double(bitPattern: generator.next())
      var encoder = ExpositionEncoder(.protobuf)
      encoder.beginFamily(FamilyHead(Array("name".utf8), help: "", type: .gauge))
      encoder.sample(builder.series.span, nameLength: builder.nameLength, value)
      encoder.endFamily()
      let metric = try ProtobufReader.families(encoder.take())[0].messages(4)[0]
      #expect(try ProtobufReader.labels(metric) == sent)
      #expect(try metric.messages(2)[0].double(1).bitPattern == value.bitPattern)
    }
  }
}
