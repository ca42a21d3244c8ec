import Testing
import WeirExposition
import WeirMetrics

@Suite("A pushed body of text")
struct PushedTextTests {
  private func read(
    _ text: String, _ labels: [(String, String)] = [], addsInstance: Bool = false,
    seriesMax: Int = 1_000
  ) throws(PushedBodyMistake) -> [PushedFamily] {
    try PushedBody.read(
      Array(text.utf8), .text,
      labels: PushedLabels(
        labels.map { (Array($0.0.utf8), Array($0.1.utf8)) }, addsInstance: addsInstance),
      limits: PushedBodyLimits(seriesMax: seriesMax))
  }

  /// The families as text: each series with its value.
  private func shown(_ families: [PushedFamily]) -> [String] {
    families.flatMap { family in
      ["\(family.type) \(String(decoding: family.name, as: UTF8.self)) \(family.help)"]
        + family.series.map {
          "\(String(decoding: $0.spelling, as: UTF8.self)) \(self.shown($0.value))"
        }
    }
  }

  private func shown(_ value: PushedValue) -> String {
    switch value {
    case .number(let number): "\(number)"
    case .histogram(let histogram):
      "\(histogram.bounds.upper) \(histogram.buckets) \(histogram.sum)"
    case .summary(let summary):
      "\(summary.quantiles.map { "\($0.quantile):\($0.value)" }) \(summary.sum) \(summary.count)"
    }
  }

  @Test(
    "is read as Prometheus reads it",
    arguments: [
      ("", []), ("\n \t\n", []), ("# a comment\n#\n# TYPE x counter\n", []),
      ("a 1\n", ["unknown a ", "a 1.0"]),
      (" \ta\t 1 \t\n", ["unknown a ", "a 1.0"]),
      ("a{} 1\na{b=\"c\"}2\n", ["unknown a ", "a 1.0", "a{b=\"c\"} 2.0"]),
      (
        "a { z = \"1\" , b = \"2\" , } +1.5e3\n",
        ["unknown a ", "a{b=\"2\",z=\"1\"} 1500.0"]
      ),
      (
        "# HELP a:b x \\\\ y\\nz \n# TYPE a:b gauge\na:b -Inf\n",
        ["gauge a:b x \\ y\nz ", "a:b -inf"]
      ),
      ("#TYPE a COUNTER\na NaN0\n", nil),
      ("# TYPE a GAUGE\na nan\n", ["gauge a ", "a nan"]),
      ("# TYPE a\n# HELP a\na +inf\n", ["unknown a ", "a inf"]),
      (
        "a{b=\"\\\\\\\"\\n{},=#é\"} 1\n",
        ["unknown a ", "a{b=\"\\\\\\\"\\n{},=#é\"} 1.0"]
      ),
      // Lines of a family may be apart.
      (
        "# TYPE a counter\na{x=\"1\"} 1\nb 2\na{x=\"2\"} 3\n",
        ["counter a ", "a{x=\"1\"} 1.0", "a{x=\"2\"} 3.0", "unknown b ", "b 2.0"]
      ),
      (
        """
        # HELP h Took.
        # TYPE h histogram
        h_bucket{le="0.5"} 1
        h_bucket{le="1"} 3
        h_bucket{le="+Inf"} 4
        h_sum 7.5
        h_count 4

        """, ["histogram h Took.", "h [0.5, 1.0] [1.0, 2.0, 1.0] 7.5"]
      ),
      // In any order, two series, and without what can be known.
      (
        """
        # TYPE h histogram
        h_count{a="2"} 4
        h_bucket{le="1",a="1"} 3
        h_bucket{a="1",le="0.5"} 1
        h_bucket{a="2",le="1"} 3

        """,
        [
          "histogram h ", "h{a=\"2\"} [1.0] [3.0, 1.0] 0.0",
          "h{a=\"1\"} [0.5, 1.0] [1.0, 2.0, 0.0] 0.0",
        ]
      ),
      (
        """
        # TYPE s summary
        s{quantile="0.9"} NaN
        s{quantile="0.5"} -1
        s_sum -3
        s_count 2

        """, ["summary s ", "s [\"0.5:-1.0\", \"0.9:nan\"] -3.0 2.0"]
      ),
      ("# TYPE s summary\ns_sum 3\ns_count 2\n", ["summary s ", "s [] 3.0 2.0"]),
      // Without a TYPE before it nothing is known to be a histogram.
      (
        "h_bucket{le=\"1\"} 1\nh_sum 2\n",
        ["unknown h_bucket ", "h_bucket{le=\"1\"} 1.0", "unknown h_sum ", "h_sum 2.0"]
      ),
      // A family with the exact name comes first.
      (
        "# TYPE h histogram\n# TYPE h_sum gauge\nh_sum 2\nh_count 0\n",
        ["histogram h ", "h [] [0.0] 0.0", "gauge h_sum ", "h_sum 2.0"]
      ),
    ] as [(String, [String]?)])
  func accepted(text: String, expected: [String]?) throws {
    guard let expected else {
      #expect(throws: PushedBodyMistake.self) { try read(text) }
      return
    }
    #expect(shown(try read(text)) == expected)
  }

  private static let cut =
    "the last line has no line feed, so that the body may be cut off; end each line with one"

  @Test(
    "that can't be read is refused with its line",
    arguments: [
      ("a 1", cut), ("a 1\nb 2", cut), ("# TYPE a", cut),
      ("a 1\r\n", "line 1: the value \"1\r\" is not a number"),
      ("a 1 \r\n", "line 1: the line has a carriage return; end lines with a line feed"),
      ("a\n", "line 1: the line ends where a value should be"),
      ("a x\n", "line 1: the value \"x\" is not a number"),
      ("a 0x1\n", "line 1: the value \"0x1\" is not a number"),
      ("a 1_0\n", "line 1: the value \"1_0\" is not a number"),
      ("a 1e999\n", "line 1: the value \"1e999\" is not a number"),
      ("b 1\n1a 1\n", "line 2: there is \"1a 1\" where a name should be"),
      ("{\"a\"} 1\n", "line 1: there is \"{\"a\"} 1\" where a name should be"),
      ("é 1\n", "line 1: there is \"é 1\" where a name should be"),
      ("a{b=\"c\" 1\n", "line 1: there is \"1\" where a comma or a closing brace should be"),
      ("a{b=\"c} 1\n", "line 1: the line ends where a quote should be"),
      ("a{b=c} 1\n", "line 1: there is \"c} 1\" where a quote should be"),
      ("a{=\"c\"} 1\n", "line 1: there is \"=\"c\"} 1\" where a label's name should be"),
      ("a{b=\"\\x\"} 1\n", "line 1: a label's value has an unknown escape"),
      ("a{,} 1\n", "line 1: there is \",} 1\" where a label's name should be"),
      ("a 1 2 3\n", "line 1: \(PushedTextTests.timestamp)"),
      ("a 1 x\n", "line 1: there is \"x\" where the end of the line should be"),
      ("# HELP 1 x\n", "line 1: there is \"1 x\" where a name should be"),
      ("# HELP a x\\y\n", "line 1: a help text has an unknown escape"),
      ("# HELP a x\n# HELP a x\n", "line 2: there is a second HELP of one name"),
      (
        "# TYPE a x\n",
        "line 1: the type \"x\" is none of counter, gauge, histogram, summary, untyped"
      ),
      ("# TYPE a gauge x\n", "line 1: there is \"x\" where the end of the line should be"),
      (
        "a 1\n# TYPE a gauge\n",
        "line 2: the TYPE of a name comes a second time, or after its samples"
      ),
      ("a 1\n\u{0}b 2\n", "the body has a null byte"),
    ])
  func malformed(text: String, sentence: String) {
    #expect(throws: PushedBodyMistake.self) { try read(text) }
    do throws(PushedBodyMistake) {
      _ = try read(text)
    } catch {
      #expect(error.sentence == sentence)
    }
  }

  private static let timestamp =
    "the body has a timestamp, and what is shown has the time of the scrape; leave timestamps out"

  @Test(
    "that can be read and not shown is refused",
    arguments: [
      ("a 1\na 2\n", "line 2: the series \"a\" is there twice"),
      ("a{b=\"1\"} 1\na{b=\"1\"} 1\n", "line 2: the series \"a{b=\"1\"}\" is there twice"),
      ("a{b=\"1\",b=\"2\"} 1\n", "line 1: a series has the label \"b\" twice"),
      ("a{__b=\"1\"} 1\n", "line 1: \"__b\" can't be the name of a label"),
      ("a{1b=\"1\"} 1\n", "line 1: \"1b\" can't be the name of a label"),
      ("a 1 1395066363000\n", "line 1: \(timestamp)"), ("a 1 -1\n", "line 1: \(timestamp)"),
      ("# TYPE a counter\na -1\n", "the counter \"a\" is below 0"),
      ("# TYPE a counter\na NaN\n", "the counter \"a\" is NaN"),
      (
        "# TYPE h histogram\nh 1\n",
        "line 2: a histogram has samples with _bucket, _sum and _count after its name only"
      ),
      (
        "# TYPE h histogram\nh_bucket 1\n",
        "line 2: a sample of a histogram lacks the label le"
      ),
      (
        "# TYPE h histogram\nh_sum{le=\"1\"} 1\n",
        "line 2: a sample of a histogram has the label le"
      ),
      ("# TYPE s summary\ns 1\n", "line 2: a sample of a summary lacks the label quantile"),
      ("# TYPE h histogram\nh_sum 1\nh_sum 1\n", "line 3: a sample is there twice"),
      (
        "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"1.0\"} 1\n",
        "the histogram \"h\" has the bound 1.0 twice"
      ),
      (
        "# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"2\"} 1\n",
        "the buckets of the histogram \"h\" don't count up: each must have at least what the one "
          + "below it has"
      ),
      (
        "# TYPE h histogram\nh_bucket{le=\"1\"} -1\n",
        "the buckets of the histogram \"h\" don't count up: each must have at least what the one "
          + "below it has"
      ),
      (
        "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 2\nh_count 3\n",
        "the count of the histogram \"h\" is not that of its bucket +Inf"
      ),
      (
        "# TYPE h histogram\nh_bucket{le=\"nan\"} 2\n",
        "the histogram \"h\" has a bound that is not a number"
      ),
      ("# TYPE h histogram\nh_bucket{le=\"-Inf\"} 2\n", "the histogram \"h\" has the bound -Inf"),
      (
        "# TYPE s summary\ns{quantile=\"1.5\"} 2\n",
        "the summary \"s\" has a quantile that is not from 0 to 1"
      ),
      (
        "# TYPE s summary\ns_count NaN\n",
        "the count of the summary \"s\" is not a number from 0 on"
      ),
    ])
  func inconsistent(text: String, sentence: String) {
    do throws(PushedBodyMistake) {
      _ = try read(text)
      Issue.record("\(text) was accepted")
    } catch {
      #expect(error == PushedBodyMistake(isMalformed: false, sentence: sentence))
    }
  }

  @Test("gets the labels of its group in place of its own, and an empty instance")
  func labels() throws {
    let key = [("job", "a\"b"), ("path", "/x")]
    #expect(
      shown(try read("a{job=\"own\",b=\"c\"} 1\n", key, addsInstance: true))
        == ["unknown a ", "a{b=\"c\",instance=\"\",job=\"a\\\"b\",path=\"/x\"} 1.0"])
    #expect(
      shown(try read("a{instance=\"i\"} 1\n", key, addsInstance: true))
        == ["unknown a ", "a{instance=\"i\",job=\"a\\\"b\",path=\"/x\"} 1.0"])
    #expect(
      shown(try read("a{instance=\"i\"} 1\n", [("instance", "k")], addsInstance: true))
        == ["unknown a ", "a{instance=\"k\"} 1.0"])
    // What differs in a label of the group only is the same.
    #expect(throws: PushedBodyMistake.self) {
      try read("a{job=\"1\"} 1\na{job=\"2\"} 1\n", key)
    }
    #expect(throws: PushedBodyMistake.self) { try read("a{job=\"1\",job=\"2\"} 1\n", key) }
  }

  @Test("is bounded")
  func limits() throws {
    let lines = (0..<10).map { "a{b=\"\($0)\"} 1\n" }.joined()
    #expect(try read(lines, seriesMax: 10)[0].series.count == 10)
    #expect(throws: PushedBodyMistake.self) { try read(lines, seriesMax: 9) }
    let long = String(repeating: "x", count: 5_000)
    for text in ["\(long) 1\n", "a{\(long)=\"1\"} 1\n", "a{b=\"\(long)\"} 1\n"] {
      #expect(throws: PushedBodyMistake.self) { try read(text) }
    }
    let many = (0..<65).map { "l\($0)=\"\"" }.joined(separator: ",")
    #expect(throws: PushedBodyMistake.self) { try read("a{\(many)} 1\n") }
    let bounds = (0...200).map { "h_bucket{le=\"\($0)\"} 1\n" }.joined()
    #expect(throws: PushedBodyMistake.self) { try read("# TYPE h histogram\n" + bounds) }
    // Names without series, and buckets of no bytes, take memory, too.
    let names = (0..<11).map { "# HELP n\($0)\n" }.joined()
    #expect(try read(names, seriesMax: 11).isEmpty)
    #expect(throws: PushedBodyMistake.self) { try read(names, seriesMax: 10) }
    func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
      [number << 3 | 2, UInt8(bytes.count & 0x7F) | 0x80, UInt8(bytes.count >> 7)] + bytes
    }
    let buckets = [[UInt8]](repeating: [3 << 3 | 2, 0], count: 1_000).flatMap { $0 }
    let histogram = [0x0A, 1, 0x68, 0x18, 4] + field(4, field(7, buckets))
    let body = [UInt8(histogram.count & 0x7F) | 0x80, UInt8(histogram.count >> 7)] + histogram
    do throws(PushedBodyMistake) {
      _ = try PushedBody.read(
        body, .protobuf, labels: .none, limits: PushedBodyLimits(seriesMax: 1))
      Issue.record("it was taken")
    } catch {
      #expect(
        error.sentence == "a histogram or summary has more than 400 bounds or quantiles")
    }
    #expect(throws: PushedBodyMistake.self) {
      try PushedBody.read(
        [0x61, 0xFF, 0x20, 0x31, 0x0A], .text, labels: .none,
        limits: PushedBodyLimits(seriesMax: 1))
    }
  }
}
