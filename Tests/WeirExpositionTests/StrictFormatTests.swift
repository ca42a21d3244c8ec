import TestSupport
import Testing
import WeirExposition
import WeirMetrics

/// Errors for which readers refuse a whole page.
@Suite("A page that strict readers accept")
struct StrictFormatTests {
  private static let allFormats: [ExpositionFormat] = [
    .text, .text1, .openMetrics0, .openMetrics1,
  ]

  private func lines(
    _ format: ExpositionFormat, escaping: EscapingScheme? = nil,
    _ write: (inout ExpositionEncoder) -> Void
  ) -> [String] {
    var encoder = ExpositionEncoder(
      format, escaping: escaping.flatMap { NameEscaping($0, of: .utf8) })
    write(&encoder)
    return String(decoding: encoder.take(), as: UTF8.self).split(separator: "\n").map(String.init)
  }

  private func histogram(
    _ format: ExpositionFormat, _ buckets: [Double], sum: Double, upper: [Double] = [1, 2],
    tookNegative: Bool = false
  ) -> [String] {
    lines(format) {
      $0.histogram(
        Array("h".utf8).span, nameLength: 1,
        HistogramReading(buckets: buckets[...], sum: sum, tookNegative: tookNegative),
        labels: BucketLabels(HistogramBounds(upper: upper)))
    }
  }

  @Test("has whole counts in OpenMetrics, which fall neither from bucket to bucket nor over time")
  func counts() {
    let buckets = [10.0 / 3, 0.6, 2.1]
    #expect(
      histogram(.openMetrics1, buckets, sum: 9.5) == [
        "h_bucket{le=\"1.0\"} 3", "h_bucket{le=\"2.0\"} 3", "h_bucket{le=\"+Inf\"} 6",
        "h_sum 9.5", "h_count 6",
      ])
    #expect(
      histogram(.text, buckets, sum: 9.5).last == "h_count 6.033333333333333")
    // What rounding leaves of a bucket whose observations have moved to another.
    #expect(
      histogram(.openMetrics1, [3, -4e-16, 1], sum: 4).prefix(3) == [
        "h_bucket{le=\"1.0\"} 3", "h_bucket{le=\"2.0\"} 3", "h_bucket{le=\"+Inf\"} 4",
      ])
    let summary = lines(.openMetrics0) {
      $0.summary(
        Array("s".utf8).span, nameLength: 1,
        SummaryReading(quantiles: [(0.5, 1)], sum: 2, count: 3.9))
    }
    #expect(summary == ["s{quantile=\"0.5\"} 1", "s_sum 2", "s_count 3"])
  }

  @Test(
    "has neither sum nor count in OpenMetrics of what took a negative value, and both elsewhere",
    arguments: allFormats)
  func negative(format: ExpositionFormat) {
    let isStrict = format == .openMetrics0 || format == .openMetrics1
    // The sum may be positive again.
    let histogram = histogram(format, [1, 0, 1], sum: 3, tookNegative: true)
    #expect(histogram.count == (isStrict ? 3 : 5))
    #expect(histogram.contains("h_sum 3") == !isStrict)
    #expect(histogram.contains("h_count 2") == !isStrict)
    let summary = lines(format) {
      $0.summary(
        Array("s".utf8).span, nameLength: 1,
        SummaryReading(
          quantiles: [(0.5, -1), (0.9, .nan), (0.99, 4)], sum: 3, count: 2, tookNegative: true))
    }
    let strict = ["s{quantile=\"0.9\"} NaN", "s{quantile=\"0.99\"} 4"]
    #expect(
      summary
        == (isStrict ? strict : ["s{quantile=\"0.5\"} -1"] + strict + ["s_sum 3", "s_count 2"]))
  }

  @Test("has no sum in OpenMetrics where a bucket's bound is negative")
  func negativeBounds() {
    let buckets = [0.0, 1, 1]
    #expect(
      histogram(.openMetrics1, buckets, sum: 3, upper: [-1, 2]) == [
        "h_bucket{le=\"-1.0\"} 0", "h_bucket{le=\"2.0\"} 1", "h_bucket{le=\"+Inf\"} 2",
      ])
    #expect(
      histogram(.text1, buckets, sum: 3, upper: [-1, 2]).suffix(2) == ["h_sum 3", "h_count 2"])
  }

  @Test(
    "has a unit only where the name ends in it, for counters before _total, in every format",
    arguments: [
      ("x", "seconds", .gauge, nil, nil), ("x_seconds", "seconds", .gauge, "x_seconds", "seconds"),
      ("xseconds", "seconds", .gauge, nil, nil), ("seconds", "seconds", .gauge, nil, nil),
      ("x_seconds_sum", "seconds", .histogram, nil, nil),
      ("x_seconds", "seconds", .histogram, "x_seconds", "seconds"),
      ("x_seconds", "seconds", .summary, "x_seconds", "seconds"),
      ("x_seconds_total", "seconds", .counter, "x_seconds", "seconds"),
      ("x_total", "seconds", .counter, nil, nil), ("x_total", "total", .counter, nil, nil),
      // It keeps its name in OpenMetrics, and its type is unknown.
      ("x_seconds", "seconds", .counter, "x_seconds", "seconds"),
      ("x_total", "total", .gauge, "x_total", "total"),
      ("x_2fa", "2fa", .gauge, "x_2fa", "2fa"), ("x_", "", .gauge, nil, nil),
      ("x_a b", "a b", .gauge, nil, nil), ("x_a\nb", "a\nb", .gauge, nil, nil),
      ("é_seconds", "seconds", .gauge, "\"é_seconds\"", "seconds"),
    ] as [(String, String, ExposedType, String?, String?)])
  func units(
    name: String, unit: String, type: ExposedType, inText: String?, inProtobuf: String?
  ) throws {
    var spelled: [UInt8] = []
    SpelledName.append(Array(name.utf8), to: &spelled)
    let head = FamilyHead(spelled, help: "", unit: unit, type: type)
    for format in StrictFormatTests.allFormats {
      let isStrict = format == .openMetrics0 || format == .openMetrics1
      let shown = lines(format) { $0.beginFamily(head) }.filter { $0.hasPrefix("# UNIT") }
      let expected = isStrict ? inText.map { "# UNIT \($0) \(unit)" } : nil
      #expect(shown == (expected.map { [$0] } ?? []))
    }
    var encoder = ExpositionEncoder(.protobuf)
    encoder.beginFamily(head)
    encoder.sample(spelled.span, nameLength: spelled.count, 1)
    encoder.endFamily()
    let family = try ProtobufReader.families(encoder.take())[0]
    #expect(family.has(5) == (inProtobuf != nil))
    if let inProtobuf { #expect(try family.text(5) == Array(inProtobuf.utf8)) }
  }

  @Test("gives a counter that keeps its _total in OpenMetrics no unit there")
  func unitOfUnknown() {
    let head = FamilyHead(
      Array("x_seconds_total".utf8), help: "", unit: "seconds", type: .counter, hasStem: false)
    #expect(head.unit == "seconds")
    #expect(
      lines(.openMetrics1) { $0.beginFamily(head) } == [
        "# HELP x_seconds_total ", "# TYPE x_seconds_total unknown",
      ])
  }

  private func exemplar(_ labels: String, unixSeconds: Double? = 7, value: Double = 1) -> Exemplar {
    Exemplar(labels: Array(labels.utf8), value: value, unixSeconds: unixSeconds)
  }

  @Test("has no exemplar that a reader might refuse")
  func exemplars() {
    let long = String(repeating: "é", count: 120)
    let table: [(exemplar: Exemplar, text: Bool, protobuf: Bool)] = [
      (exemplar("{}"), true, true), (exemplar("{a=\"b\"}", unixSeconds: nil), true, true),
      (exemplar("{trace_id=\"\(long)\"}"), true, true),
      (exemplar("{trace_id=\"\(long)\",b=\"\"}"), false, false),
      (exemplar("{exported_weir=\"\(long)\"}"), false, false),
      (exemplar("{a=\"\(String(repeating: "\\\"", count: 127))\"}"), false, true),
      (exemplar("{a=\"\(String(repeating: "\\\"", count: 128))\"}"), false, false),
      (exemplar("{a=\"b\\\"c\"}"), false, true), (exemplar("{a=\"\0\"}"), false, true),
      (exemplar("{a=\"b\"}", unixSeconds: 1e16), false, false),
      (exemplar("{a=\"b\"}", unixSeconds: -1), false, false),
      (exemplar("{a=\"b\"}", value: .nan), false, false),
    ]
    for row in table {
      for format in [ExpositionFormat.openMetrics1, .protobuf, .text1] {
        var encoder = ExpositionEncoder(format)
        encoder.beginFamily(FamilyHead(Array("a_total".utf8), help: "", type: .counter))
        encoder.sample(Array("a_total".utf8).span, nameLength: 7, 1, exemplar: row.exemplar)
        encoder.endFamily()
        let page = encoder.take()
        let isShown =
          format == .protobuf
          ? (try? ProtobufReader.families(page)[0].messages(4)[0].messages(3)[0].has(2)) ?? false
          : String(decoding: page, as: UTF8.self).contains("a_total 1 # {")
        let expected = format == .text1 ? false : format == .protobuf ? row.protobuf : row.text
        #expect(isShown == expected, "\(String(decoding: row.exemplar.labels, as: UTF8.self))")
      }
    }
  }

  @Test("renames an exemplar's labels as it does those of series")
  func renamedExemplars() {
    func line(_ labels: String, _ escaping: EscapingScheme) -> String? {
      lines(.openMetrics1, escaping: escaping) {
        $0.beginFamily(FamilyHead(Array("a_total".utf8), help: "", type: .counter))
        $0.sample(
          Array("a_total".utf8).span, nameLength: 7, 1,
          exemplar: exemplar(labels, unixSeconds: nil))
      }.last
    }
    #expect(
      line(#"{"trace.id"="x",b="y"}"#, .underscores) == #"a_total 1 # {b="y",trace_id="x"} 1"#)
    #expect(line(#"{"trace.id"="x"}"#, .values) == #"a_total 1 # {U__trace_2e_id="x"} 1"#)
    #expect(
      line(#"{"trace.id"="x"}"#, .allowUTF8) == #"a_total 1 # {"trace.id"="x"} 1"#)
    #expect(line("{}", .underscores) == "a_total 1 # {} 1")
    // Two names become one, and a name becomes too long.
    #expect(line(#"{"a.b"="x",a_b="y"}"#, .underscores) == "a_total 1")
    let long = String(repeating: ".", count: 60)
    #expect(line(#"{"\#(long)"="x"}"#, .values) == "a_total 1")
  }
}
