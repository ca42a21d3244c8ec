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

  @Test("of OpenMetrics has exemplars, and shows when a series was first seen if requested")
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

  @Test("has nothing after its last family")
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
}
