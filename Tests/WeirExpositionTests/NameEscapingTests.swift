import Foundation
import TestSupport
import Testing
import WeirExposition
import WeirMetrics

@Suite("Names of a page")
struct NameEscapingTests {
  private func spelled(_ name: String) -> [UInt8] {
    var bytes: [UInt8] = []
    SpelledName.append(Array(name.utf8), colons: true, to: &bytes)
    return bytes
  }

  private func escaped(_ name: String, _ scheme: EscapingScheme) -> String {
    let escaping = NameEscaping(scheme, of: .utf8)
    return escaping.map { String(decoding: $0.name(spelled(name)), as: UTF8.self) } ?? name
  }

  @Test(
    "are escaped as the scheme has it",
    arguments: [
      ("mysystem_prod:load", "mysystem_prod:load", "mysystem__prod:load", "mysystem_prod:load"),
      (
        "mysystem.prod.load_total", "mysystem_prod_load_total",
        "mysystem_dot_prod_dot_load__total", "U__mysystem_2e_prod_2e_load__total"
      ),
      ("http.status:sum", "http_status:sum", "http_dot_status:sum", "U__http_2e_status:sum"),
      ("9lives", "_lives", "__lives", "U___39_lives"),
      ("花火", "__", "____", "U___82b1__706b_"),
      ("label with 😱", "label_with__", "label__with____", "U__label_20_with_20__1f631_"),
      ("_", "_", "__", "_"),
    ])
  func schemes(name: String, underscores: String, dots: String, values: String) {
    #expect(escaped(name, .underscores) == underscores)
    #expect(escaped(name, .dots) == dots)
    #expect(escaped(name, .values) == values)
    #expect(escaped(name, .allowUTF8) == name)
  }

  @Test("stay as they are if all are classic, except with dots")
  func classic() {
    for scheme in EscapingScheme.allCases {
      for names in [NameStyle.classic, .joinedDashes] {
        #expect((NameEscaping(scheme, of: names) == nil) == (scheme != .dots))
      }
    }
  }

  private func page(
    _ format: ExpositionFormat, _ scheme: EscapingScheme, _ names: NameStyle = .utf8,
    taken: [String] = [], _ write: (inout ExpositionEncoder) -> Void
  ) -> (text: String, hidden: Int) {
    let taken = Set(taken.map { Array($0.utf8) })
    var encoder = ExpositionEncoder(
      format, escaping: NameEscaping(scheme, of: names), isTaken: { taken.contains($0) })
    write(&encoder)
    encoder.finish()
    let bytes = encoder.take()
    return (String(decoding: bytes, as: UTF8.self), encoder.hiddenSeries)
  }

  private func write(
    _ type: ExposedType, _ name: String, _ labels: [String], into encoder: inout ExpositionEncoder
  ) {
    let name = spelled(name)
    encoder.beginFamily(FamilyHead(name, help: "Help.", type: type))
    for labels in labels {
      let series = name + Array(labels.utf8)
      switch type {
      case .histogram:
        encoder.histogram(
          series.span, nameLength: name.count, HistogramReading(buckets: [1, 2], sum: 3),
          labels: BucketLabels(HistogramBounds(upper: [0.5])))
      case .summary:
        encoder.summary(
          series.span, nameLength: name.count,
          SummaryReading(quantiles: [(0.5, 2)], sum: 3, count: 1))
      default: encoder.sample(series.span, nameLength: name.count, 1)
      }
    }
    encoder.endFamily()
  }

  @Test("are in quotes within the braces where UTF-8 may stay")
  func quoted() {
    let (text, hidden) = page(.text1, .allowUTF8) {
      write(.counter, "a.b_total", ["", #"{"c.d"="v",e="w"}"#], into: &$0)
      write(.histogram, "h.s", ["", #"{"k.l"="v"}"#], into: &$0)
      write(.summary, "s.é", ["", #"{k="v"}"#], into: &$0)
    }
    #expect(hidden == 0)
    #expect(
      text == #"""
        # HELP "a.b_total" Help.
        # TYPE "a.b_total" counter
        {"a.b_total"} 1
        {"a.b_total","c.d"="v",e="w"} 1
        # HELP "h.s" Help.
        # TYPE "h.s" histogram
        {"h.s_bucket",le="0.5"} 1
        {"h.s_bucket",le="+Inf"} 3
        {"h.s_sum"} 3
        {"h.s_count"} 3
        {"h.s_bucket","k.l"="v",le="0.5"} 1
        {"h.s_bucket","k.l"="v",le="+Inf"} 3
        {"h.s_sum","k.l"="v"} 3
        {"h.s_count","k.l"="v"} 3
        # HELP "s.é" Help.
        # TYPE "s.é" summary
        {"s.é",quantile="0.5"} 2
        {"s.é_sum"} 3
        {"s.é_count"} 1
        {"s.é",k="v",quantile="0.5"} 2
        {"s.é_sum",k="v"} 3
        {"s.é_count",k="v"} 1

        """#)
  }

  @Test("of a family in OpenMetrics lose the counter's ending within the quotes")
  func openMetrics() {
    let (text, _) = page(.openMetrics1, .allowUTF8) {
      write(.counter, "a.b_total", [""], into: &$0)
    }
    #expect(text.contains("# TYPE \"a.b\" counter\n{\"a.b_total\"} 1\n"))
  }

  @Test("of labels that become the same make one series, whatever their order was before")
  func labelOrder() {
    let (text, hidden) = page(.text, .underscores) {
      write(.counter, "j_total", [#"{"+q"="1",m="2"}"#, #"{m="2","~q"="1"}"#], into: &$0)
      write(.histogram, "z", [#"{"+q"="1",m="2"}"#, #"{m="2"}"#, #"{m="2","~q"="1"}"#], into: &$0)
    }
    #expect(hidden == 2)
    #expect(text.contains("j_total{_q=\"1\",m=\"2\"} 1\n") && !text.contains(",_q="))
    #expect(text.components(separatedBy: "z_count{_q=\"1\",m=\"2\"}").count == 2)
  }

  @Test("that become one are shown once, a classic one before others")
  func collisions() {
    let (text, hidden) = page(.text, .underscores, taken: ["x_y"]) {
      write(
        .gauge, "a.b", ["", #"{"k.l"="1"}"#, #"{k_l="1"}"#, #"{"k.l"="1",k_l="2"}"#], into: &$0)
      write(.gauge, "a b", ["", "{k=\"v\"}"], into: &$0)
      write(.histogram, "x.y", [""], into: &$0)
      write(.gauge, "x_y", [""], into: &$0)
    }
    #expect(hidden == 5)
    #expect(
      text == #"""
        # HELP a_b Help.
        # TYPE a_b gauge
        a_b 1
        a_b{k_l="1"} 1
        # HELP x_y Help.
        # TYPE x_y gauge
        x_y 1

        """#)
  }

  @Test(
    "that become what another's samples are called are left out, whichever comes first",
    arguments: [ExpositionFormat.text, .openMetrics1, .protobuf])
  func sampleCollisions(format: ExpositionFormat) {
    // The classic ones, and what they call their samples.
    let taken = ["h", "h_bucket", "h_sum", "h_count", "h_created", "g_count"]
    let (_, hidden) = page(format, .underscores, taken: taken) {
      write(.gauge, "h.sum", [""], into: &$0)
      write(.gauge, "h.created", [""], into: &$0)
      write(.histogram, "g ", [""], into: &$0)
      write(.histogram, "g.x", [""], into: &$0)
      write(.gauge, "g x.bucket", [""], into: &$0)
      write(.histogram, "h", [""], into: &$0)
    }
    // `g ` is `g_`, and takes nothing that is taken.
    #expect(hidden == 3)
    let (_, others) = page(format, .underscores, taken: taken) {
      write(.histogram, "g", [""], into: &$0)
      write(.gauge, "g_x.sum", [""], into: &$0)
      write(.histogram, "g.x", [""], into: &$0)
    }
    #expect(others == 1)
  }

  @Test("of counters keep their ending in OpenMetrics where another name has become theirs")
  func stems() {
    let (text, hidden) = page(.openMetrics1, .underscores, taken: ["x_y_total", "z_total"]) {
      write(.gauge, "x.y", [""], into: &$0)
      write(.gauge, "z.created", [""], into: &$0)
      write(.counter, "x_y_total", [""], into: &$0)
      write(.counter, "z_total", [""], into: &$0)
      write(.counter, "w_total", [""], into: &$0)
    }
    #expect(hidden == 0)
    let types = text.split(separator: "\n").filter { $0.hasPrefix("# TYPE") }
    #expect(
      types == [
        "# TYPE x_y gauge", "# TYPE z_created gauge", "# TYPE x_y_total unknown",
        "# TYPE z_total unknown", "# TYPE w counter",
      ])
  }

  @Test("with dots are left out too if a classic name has become the same")
  func dotCollisions() {
    let (text, hidden) = page(.text1, .dots, taken: ["weir_lines_total", "h", "h_x_sum"]) {
      write(.gauge, "weir lines/total", [""], into: &$0)
      write(.gauge, "h.x", [""], into: &$0)
      write(.counter, "weir_lines_total", [""], into: &$0)
    }
    #expect(hidden == 1)
    #expect(text.contains("# TYPE h_dot_x gauge") && text.contains("weir__lines__total counter"))
  }

  @Test("with dots have labels and endings escaped apart")
  func dots() {
    let (text, _) = page(.text1, .dots, .classic) {
      write(.histogram, "a_s", [#"{k_l="v_,}\"="}"#], into: &$0)
    }
    #expect(text.contains("a__s_bucket{k__l=\"v_,}\\\"=\",le=\"0.5\"} 1\n"))
    #expect(text.contains("a__s_count{k__l=\"v_,}\\\"=\"} 3\n"))
  }

  @Test("of labels never become the name of the metric")
  func metricLabel() {
    let (text, hidden) = page(.text1, .dots, .classic) {
      write(.gauge, "a", [#"{_name_="v"}"#, #"{name="v"}"#], into: &$0)
    }
    #expect(hidden == 0)
    #expect(text.hasSuffix("gauge\na{_name__=\"v\"} 1\na{name=\"v\"} 1\n"))
  }

  @Test("of labels never begin with two underscores, which are Prometheus' own")
  func reservedLabels() {
    for scheme in [EscapingScheme.underscores, .dots] {
      let (text, hidden) = page(.openMetrics1, scheme) {
        write(.gauge, "a", [#"{"..x"="v"}"#, #"{_x="v"}"#, #"{"é"="v"}"#], into: &$0)
      }
      #expect(!text.contains("{__"))
      // `..x` and `_x` have both become `_x` where dots do not stay apart.
      #expect(hidden == (scheme == .underscores ? 1 : 0))
    }
  }

  @Test("are not quoted in protobuf, labels neither")
  func protobuf() throws {
    var encoder = ExpositionEncoder(.protobuf, escaping: NameEscaping(.allowUTF8, of: .utf8))
    write(.gauge, "a.\"b", [#"{"c.\n"="v",d="w"}"#], into: &encoder)
    let family = try ProtobufReader.families(encoder.take())[0]
    #expect(try family.text(1) == Array("a.\"b".utf8))
    #expect(
      try ProtobufReader.labels(try family.messages(4)[0])
        == [Array("c.\n".utf8): Array("v".utf8), Array("d".utf8): Array("w".utf8)])
  }
}
