import TestSupport
import Testing
import WeirExposition
import WeirMetrics

@Suite("The text format")
struct TextEncoderTests {
  private func encoded(
    _ format: ExpositionFormat = .text, _ write: (inout ExpositionEncoder) -> Void
  ) -> String {
    var encoder = ExpositionEncoder(format)
    write(&encoder)
    return String(decoding: encoder.take(), as: UTF8.self)
  }

  @Test("names its version")
  func contentType() {
    #expect(
      ExpositionFormat.text.contentType(escaping: .underscores)
        == "text/plain; version=0.0.4; charset=utf-8")
  }

  @Test("of OpenMetrics names a counter without its ending, or gives it no type, and ends")
  func openMetrics() {
    var encoder = ExpositionEncoder(.openMetrics1)
    encoder.beginFamily(FamilyHead(Array("a_total".utf8), help: #"Says "a" \ b."#, type: .counter))
    encoder.sample(Array("a_total".utf8).span, nameLength: 7, 1)
    encoder.beginFamily(FamilyHead(Array("b".utf8), help: "", type: .counter))
    encoder.sample(Array("b".utf8).span, nameLength: 1, 2)
    encoder.beginFamily(FamilyHead(Array("c_total".utf8), help: "", type: .counter, hasStem: false))
    encoder.sample(Array("c_total".utf8).span, nameLength: 7, 3)
    encoder.beginFamily(FamilyHead(Array("_total".utf8), help: "", type: .counter))
    encoder.beginFamily(FamilyHead(Array("d_total".utf8), help: "", type: .gauge))
    encoder.finish()
    #expect(
      String(decoding: encoder.take(), as: UTF8.self) == #"""
        # HELP a Says \"a\" \\ b.
        # TYPE a counter
        a_total 1
        # HELP b 
        # TYPE b unknown
        b 2
        # HELP c_total 
        # TYPE c_total unknown
        c_total 3
        # HELP _total 
        # TYPE _total unknown
        # HELP d_total 
        # TYPE d_total gauge
        # EOF

        """#)
  }

  @Test("of OpenMetrics has exemplars, and tells when a series was first seen if asked to")
  func created() {
    let exemplar = Exemplar(labels: Array(#"{trace_id="a"}"#.utf8), value: 0.5, unixSeconds: 7.25)
    func page(_ format: ExpositionFormat, writesCreated: Bool) -> String {
      var encoder = ExpositionEncoder(format, writesCreated: writesCreated)
      encoder.beginFamily(FamilyHead(Array("a_total".utf8), help: "", type: .counter))
      encoder.sample(
        Array(#"a_total{k="v"}"#.utf8).span, nameLength: 7, 1, startUnixSeconds: 9,
        exemplar: exemplar)
      encoder.beginFamily(FamilyHead(Array("b".utf8), help: "", type: .counter))
      encoder.sample(
        Array("b".utf8).span, nameLength: 1, 1, startUnixSeconds: 9, exemplar: exemplar)
      encoder.beginFamily(FamilyHead(Array("h".utf8), help: "", type: .histogram))
      encoder.histogram(
        Array("h".utf8).span, nameLength: 1,
        HistogramReading(
          buckets: [1], sum: 1, startUnixSeconds: 9,
          exemplars: [0: Exemplar(labels: Array("{}".utf8), value: 1)]),
        labels: BucketLabels(HistogramBounds(upper: [])))
      encoder.beginFamily(FamilyHead(Array("s".utf8), help: "", type: .summary))
      encoder.summary(
        Array("s".utf8).span, nameLength: 1,
        SummaryReading(quantiles: [], sum: 1, count: 1, startUnixSeconds: 9))
      let lines = String(decoding: encoder.take(), as: UTF8.self).split(separator: "\n")
      return lines.filter { !$0.hasPrefix("#") }.joined(separator: "\n")
    }
    #expect(
      page(.openMetrics1, writesCreated: true) == #"""
        a_total{k="v"} 1 # {trace_id="a"} 0.5 7.25
        a_created{k="v"} 9
        b 1
        h_bucket{le="+Inf"} 1 # {} 1
        h_sum 1
        h_count 1
        h_created 9
        s_sum 1
        s_count 1
        s_created 9
        """#)
    #expect(!page(.openMetrics1, writesCreated: false).contains("_created"))
    let text = page(.text1, writesCreated: true)
    #expect(!text.contains("_created") && !text.contains("trace_id"))
  }

  @Test("of summaries, with and without labels, has quantiles as OpenMetrics writes them")
  func summaries() {
    let text = encoded {
      for series in ["s", #"s{k="v"}"#] {
        $0.summary(
          Array(series.utf8).span, nameLength: 1,
          SummaryReading(quantiles: [(0, 1), (0.5, 2.5), (0.99, .nan), (1, 9)], sum: 3.5, count: 2))
      }
    }
    #expect(
      text == #"""
        s{quantile="0.0"} 1
        s{quantile="0.5"} 2.5
        s{quantile="0.99"} NaN
        s{quantile="1.0"} 9
        s_sum 3.5
        s_count 2
        s{k="v",quantile="0.0"} 1
        s{k="v",quantile="0.5"} 2.5
        s{k="v",quantile="0.99"} NaN
        s{k="v",quantile="1.0"} 9
        s_sum{k="v"} 3.5
        s_count{k="v"} 2

        """#)
  }

  @Test("has nothing behind its last family")
  func unfinished() {
    #expect(encoded { $0.finish() } == "")
  }

  @Test("of counters and gauges")
  func samples() {
    let text = encoded {
      $0.beginFamily(FamilyHead(Array("requests".utf8), help: "Requests.", type: .counter))
      $0.sample(Array("requests".utf8).span, nameLength: 8, 9_007_199_254_740_991)
      $0.sample(Array(#"requests{code="200",path="a\"b\\c\nd"}"#.utf8).span, nameLength: 8, 1.5)
      $0.beginFamily(FamilyHead(Array("level".utf8), help: "", type: .gauge))
      $0.sample(Array("level".utf8).span, nameLength: 5, -0.25)
      $0.sample(Array(#"level{k="inf"}"#.utf8).span, nameLength: 5, .infinity)
      $0.sample(Array(#"level{k="nan"}"#.utf8).span, nameLength: 5, .nan)
    }
    #expect(
      text == #"""
        # HELP requests Requests.
        # TYPE requests counter
        requests 9007199254740991
        requests{code="200",path="a\"b\\c\nd"} 1.5
        # HELP level 
        # TYPE level gauge
        level -0.25
        level{k="inf"} +Inf
        level{k="nan"} NaN

        """#)
  }

  @Test("of histograms, with and without labels, whose buckets are cumulative")
  func histograms() {
    let labels = BucketLabels(HistogramBounds(upper: [0.005, 1, 2.5]))
    let text = encoded {
      $0.beginFamily(FamilyHead(Array("t".utf8), help: "Seconds.", type: .histogram))
      $0.histogram(
        Array("t".utf8).span, nameLength: 1,
        HistogramReading(buckets: [1, 0, 2.5, 3], sum: 40.25), labels: labels)
      $0.histogram(
        Array(#"t{a="}",b=","}"#.utf8).span, nameLength: 1,
        HistogramReading(buckets: [0, 0, 0, 0], sum: 0), labels: labels)
    }
    #expect(
      text == #"""
        # HELP t Seconds.
        # TYPE t histogram
        t_bucket{le="0.005"} 1
        t_bucket{le="1.0"} 1
        t_bucket{le="2.5"} 3.5
        t_bucket{le="+Inf"} 6.5
        t_sum 40.25
        t_count 6.5
        t_bucket{a="}",b=",",le="0.005"} 0
        t_bucket{a="}",b=",",le="1.0"} 0
        t_bucket{a="}",b=",",le="2.5"} 0
        t_bucket{a="}",b=",",le="+Inf"} 0
        t_sum{a="}",b=","} 0
        t_count{a="}",b=","} 0

        """#)
  }

  @Test("of a histogram without bounds is its one bucket")
  func noBounds() {
    let text = encoded {
      $0.histogram(
        Array("t".utf8).span, nameLength: 1,
        HistogramReading(buckets: [7], sum: -1), labels: BucketLabels(HistogramBounds(upper: [])))
    }
    #expect(text == "t_bucket{le=\"+Inf\"} 7\nt_sum -1\nt_count 7\n")
  }

  @Test("takes buckets from the middle of an array")
  func slice() {
    let columns: [Double] = [99, 99, 1, 2, 99]
    let text = encoded {
      $0.histogram(
        Array("t".utf8).span, nameLength: 1,
        HistogramReading(buckets: columns[2..<4], sum: 3),
        labels: BucketLabels(HistogramBounds(upper: [1])))
    }
    #expect(text == "t_bucket{le=\"1.0\"} 1\nt_bucket{le=\"+Inf\"} 3\nt_sum 3\nt_count 3\n")
  }

  @Test("shows no infinite count, whatever the buckets weigh")
  func saturation() {
    let most = Double.greatestFiniteMagnitude
    let text = encoded {
      $0.histogram(
        Array("t".utf8).span, nameLength: 1,
        HistogramReading(buckets: [most, most], sum: most),
        labels: BucketLabels(HistogramBounds(upper: [1])))
    }
    #expect(text.hasSuffix("t_count \(most)\n"))
  }

  @Test("keeps help on one line")
  func help() {
    let text = encoded {
      $0.beginFamily(FamilyHead(Array("a".utf8), help: "one\ntwo \\ \"three\"", type: .gauge))
    }
    #expect(text == "# HELP a one\\ntwo \\\\ \"three\"\n# TYPE a gauge\n")
  }

  @Test(
    "gives back any label's value to whoever reads it", arguments: 1...4 as ClosedRange<UInt64>,
    [ExpositionFormat.text, .openMetrics1])
  func roundTrip(seed: UInt64, format: ExpositionFormat) throws {
    var generator = SeededGenerator(seed: seed)
    var builder = SeriesBuilder()
    let bounds = HistogramBounds.standard
    let bucketLabels = BucketLabels(bounds)
    for _ in 0..<400 {
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
