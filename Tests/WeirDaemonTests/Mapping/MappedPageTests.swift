import TestSupport
import Testing
import WeirConfiguration
import WeirExposition
import WeirMapping
import WeirMetrics

@testable import WeirDaemon

@Suite("A page with a mapping file")
struct MappedPageTests {
  private static let observers = """
    defaults:
      observer_type: histogram
      histogram_options: {buckets: [1, 2.5]}
    mappings:
    - match: api.*.latency
      name: api_latency_seconds
      help: How long $1 takes.
      labels: {route: $1}
    - match: db.*.latency
      name: db_latency_seconds
      observer_type: summary
      summary_options: {quantiles: [{quantile: 0.5}, {quantile: 1}]}
    - match: brief.*
      name: brief
      histogram_options: {buckets: [7]}
      ttl: 5s
    """

  @Test func `shows what its rules say of observations`() async throws {
    let server = try MappedServer(Self.observers)
    server.send("api.cart.latency:2000|ms", "db.main.latency:0|h", "plain.latency:0.5|h")
    #expect(
      try await server.lines() == [
        "# HELP api_latency_seconds How long $1 takes.", "# TYPE api_latency_seconds histogram",
        #"api_latency_seconds_bucket{route="cart",le="1.0"} 0"#,
        #"api_latency_seconds_bucket{route="cart",le="2.5"} 1"#,
        #"api_latency_seconds_bucket{route="cart",le="+Inf"} 1"#,
        #"api_latency_seconds_sum{route="cart"} 2"#, #"api_latency_seconds_count{route="cart"} 1"#,
        "# HELP db_latency_seconds Received by Weir.", "# TYPE db_latency_seconds summary",
        #"db_latency_seconds{quantile="0.5"} 0"#, #"db_latency_seconds{quantile="1.0"} 0"#,
        "db_latency_seconds_sum 0", "db_latency_seconds_count 1",
        "# HELP plain_latency Received by Weir.", "# TYPE plain_latency histogram",
        #"plain_latency_bucket{le="1.0"} 1"#, #"plain_latency_bucket{le="2.5"} 1"#,
        #"plain_latency_bucket{le="+Inf"} 1"#, "plain_latency_sum 0.5", "plain_latency_count 1",
      ])
  }

  @Test(
    "writes bounds and quantiles as --web.bounds says, in the text format only",
    arguments: [
      (ExpositionFormat.text, "canonical", "1.0"), (.text, "short", "1"), (.text1, "short", "1"),
      (.openMetrics1, "short", "1.0"),
    ])
  func bounds(_ format: ExpositionFormat, _ style: String, _ bound: String) async throws {
    let server = try MappedServer(Self.observers, ["--web.bounds=\(style)"])
    server.send("api.cart.latency:2|h", "db.main.latency:4|h")
    let lines = try await server.lines(format)
    for start in [
      #"api_latency_seconds_bucket{route="cart",le="\#(bound)"} "#,
      #"api_latency_seconds_bucket{route="cart",le="2.5"} "#,
      #"db_latency_seconds{quantile="\#(bound)"} "#, #"db_latency_seconds{quantile="0.5"} "#,
    ] { #expect(lines.contains { $0.hasPrefix(start) }, "\(start)") }
    // Weir's own histogram, too.
    let text = String(decoding: try await server.page(format), as: UTF8.self)
    #expect(text.contains("weir_scrape_duration_seconds_bucket{le=\"\(bound)\"} "))
  }

  @Test(
    "spells names as --statsd.names says",
    arguments: [
      ("classic", "a--b.c---d_-e", "a__b_c___d__e"),
      ("joined-dashes", "a--b.c---d_-e", "a_b_c_d__e"),
      ("joined-dashes", "---", "_"), ("joined-dashes", "a..b", "a__b"),
      ("joined-dashes", "9--x", "_9_x"), ("joined-dashes", "a-é-b", "a___b"),
    ])
  func names(_ style: String, _ name: String, _ expected: String) async throws {
    let server = try MappedServer(
      "mappings:\n- {match: m.*, name: 'n_$1', labels: {tag: '$1'}}\n", ["--statsd.names=\(style)"])
    server.send("\(name):1|c|#\(name):v", "m.a--b:1|c")
    #expect(
      Set(try await server.samples()) == [
        "\(expected){\(expected)=\"v\"} 1",
        (style == "classic" ? "n_a__b" : "n_a_b") + #"{tag="a--b"} 1"#,
      ])
  }

  @Test(
    "takes a bracket that does not close as a part of the name if it is told so",
    arguments: [
      ("a[k=v.b:1|c", #"a_k_v_b 1"#), ("a[k=v].b:1|c", #"a_b{k="v"} 1"#),
      ("a[k=v.b:1|c|#x:y", #"a_k_v_b{x="y"} 1"#), ("a[b:1|c", "a_b 1"),
    ])
  func brackets(_ line: String, _ sample: String) async throws {
    let server = try MappedServer("", ["--statsd.unclosed-brackets"])
    server.send(line)
    #expect(try await server.samples() == [sample])
    let strict = try MappedServer("")
    strict.send(line)
    let isOpen = line.contains("[k=v.")
    // Two styles of tags come first.
    let refusal: Refusal = line.contains("|#") ? .mixedTagStyles : .unclosedTags
    #expect(strict.refused() == (isOpen ? [refusal: 1] : [:]))
  }

  @Test func `matches the name before the tags in it are taken out`() async throws {
    let server = try MappedServer(
      "mappings:\n- {match: a.*.c, name: n, labels: {part: '$1'}}\n- {match: a_b, name: wrong}\n")
    server.send("a.b.c,k=v:1|c", "a.b[k=v].c:1|c", "a.b.c:1|c|#k:v", "a#k=v:1|c")
    #expect(try await server.samples() == [#"a{k="v"} 1"#, #"n{k="v",part="b"} 3"#])
  }

  @Test func `has one help for each name, the first`() async throws {
    let server = try MappedServer(
      """
      mappings:
      - {match: a.*, name: n, help: First., labels: {from: a}}
      - {match: b.*, name: n, help: Second., labels: {other: b}}
      """)
    server.send("a.1:1|c", "b.1:1|c")
    #expect(
      try await server.lines() == [
        "# HELP n First.", "# TYPE n counter", #"n{from="a"} 1"#, #"n{other="b"} 1"#,
      ])
  }

  /// Everything by which a page of statsd_exporter becomes invalid, or its process ends.
  @Test("is valid, whatever names clash", arguments: [false, true])
  func clashes(_ isTurned: Bool) async throws {
    let server = try MappedServer(
      """
      mappings:
      - {match: h.count, name: h_count}
      - {match: h.bucket, name: h_bucket}
      - {match: own.*, name: weir_lines_total}
      - {match: up.*, name: up}
      - {match: two.*, name: two, help: '$1', labels: {le: x, quantile: y, __name__: z}}
      """)
    let lines = [
      "h:1|h", "h.count:1|h", "h.count:1|g", "h.bucket:1|c", "own.a:1|c", "up.a:1|g",
      "two.a:1|c|#le:1", "two.b:1|h", "x:1|c|#__name__:y,__x:z,job:j", "process_open_fds:1|g",
      "h:1|c",
    ]
    server.send(isTurned ? lines.reversed() : lines)
    let text = String(decoding: try await server.page(), as: UTF8.self)
    var types: Set<Substring> = []
    var samples: Set<Substring> = []
    for line in text.split(separator: "\n") {
      if line.hasPrefix("# TYPE ") {
        #expect(types.insert(line.split(separator: " ")[2]).inserted, "\(line)")
      } else if !line.hasPrefix("#") {
        let end = line.lastIndex(of: " ") ?? line.endIndex
        #expect(samples.insert(line[..<end]).inserted, "\(line)")
      }
    }
    // A histogram's own lines have no family of their own.
    #expect(
      !(types.contains("h") && types.contains("h_count")) || text.contains("# TYPE h counter"))
    #expect(text.contains(#"{_name__="z","#) && !text.contains("{__name__"))
    #expect(server.refused()[.reservedName] == 3)
  }

  @Test func `counts samples that rules map and drop`() async throws {
    let server = try MappedServer(
      "mappings:\n- {match: a, name: b}\n- {match: noise.*, name: x, action: drop}\n")
    server.send("a:1:2:3|c\nnoise.x:1|c\nnoise.y:1:2|h\nother:1|c", "a:1|c\nnoise.x:1|c")
    #expect(try await server.own("weir_mapping_samples_total", #"{action="map"}"#) == 4)
    #expect(try await server.own("weir_mapping_samples_total", #"{action="drop"}"#) == 4)
    #expect(try await server.own("weir_mapping_rules") == 2)
  }

  @Test func `has native histograms where a rule asks for them`() async throws {
    let server = try MappedServer(
      """
      mappings:
      - match: n
        name: n
        observer_type: histogram
        histogram_options: {native_histogram_bucket_factor: 2, buckets: [1, 4]}
      - {match: b, name: b, observer_type: histogram, histogram_options: {buckets: [1, 4]}}
      """)
    server.send("n:1:3|h", "b:1:3|h")
    let shown = try ShownObservations.read(try await server.page(.protobuf, ["n", "b"]))
    #expect(
      shown.map(\.description) == [
        "b  count 2 sum 4 1.0: 1 4.0: 2", "n  count 2 sum 4 1.0: 1 4.0: 2 schema 0: [0: 1, 2: 1]",
      ])
  }

  @Test func `turns counters that go down into gauges`() async throws {
    let server = try MappedServer(
      "mappings:\n- {match: open.*, name: open_files, metric_type: gauge, labels: {pool: '$1'}}\n")
    server.send("open.a:5|c", "open.a:-2|c\nopen.b:-1|c\nplain:-1|c")
    #expect(
      try await server.samples() == [#"open_files{pool="a"} 3"#, #"open_files{pool="b"} -1"#])
    #expect(try await server.lines().contains("# TYPE open_files gauge"))
    #expect(server.refused() == [.negativeCounter: 1])
  }
}

@Suite("A mapping file's help")
struct LongHelpTests {
  @Test func `is cut where the state file could not keep it`() throws {
    let text = String(repeating: "é", count: 2_100)
    let file = try MappingFile.parse(
      Array("mappings:\n- match: a\n  name: b\n  help: \(text)x\n".utf8), file: "m.yml")
    let help = file.rules.rules[0].content.help
    #expect(help == String(repeating: "é", count: 2_048))
    #expect(
      file.warnings == [
        "m.yml:4: help is 4201 bytes long, and what is beyond 4096 is cut off; shorten it"
      ])
  }
}
