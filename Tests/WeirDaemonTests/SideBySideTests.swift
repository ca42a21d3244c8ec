import Foundation
import TestSupport
import Testing
import WeirAggregation
import WeirConfiguration
import WeirExposition
import WeirMetrics
import WeirPush

@testable import WeirDaemon

/// Series of several classes in one process: bounds, summary, native histogram and TTL by flags, and bounds
/// of a client, through text and pushed frames, in every format.
@Suite("Series of several classes in one process")
struct SideBySideTests {
  private static let flags = [
    "--histogram.bounds=small=1,2", "--histogram.bounds=wid*=10,100,1000",
    "--histogram.bounds=n_*=1,4", "--histogram.bounds=short_*=5", "--observe=q_*=summary",
    "--summary.quantiles=0.25,1", "--histogram.native=n_*=both", "--series.ttl=short_*=5s",
  ]

  /// What one writer sends as text in each round.
  private static let lines = [
    "small:0.5:1.5:9|h|#way:text", "wide:50:5000|h|#way:text", "q_load:0:4|h|#way:text",
    "n_size:1:3|h|#way:text", "short_wait:3:8|d|#way:text", "llm.tokens:99:1000|h|#way:text",
  ].joined(separator: "\n")

  private static let writers = 3
  private static let rounds = 100
  /// Rounds of all writers.
  private static let all = writers * rounds
  private static let clientBounds = [100.0, 1_000, 10_000]

  private let server: TestServer

  init() throws { server = try TestServer(Self.flags) }

  /// The records of a round: totals since the start, and what was observed in the round.
  private static func records(_ round: Int) -> [TestServer.Record] {
    let rounds = Double(round)
    func series(_ name: String) -> TestServer.Series {
      TestServer.Series(name, labels: [TestServer.Label("way", "push")])
    }
    return [
      .histogram(
        series("small"), bounds: [1, 2], sum: 11 * rounds, buckets: [rounds, rounds, rounds]),
      .histogram(
        series("wide"), bounds: [50, 5_000], sum: 5_050 * rounds, buckets: [rounds, rounds, 0]),
      .observations(series("q_load"), weight: 1, [0, 4]),
      // One up to 1, one up to 4.
      .exponential(
        series("n_size"), schema: 0, sum: 4 * rounds, zero: 0,
        positive: [
          TestServer.Bucket(index: 0, observations: rounds),
          TestServer.Bucket(index: 2, observations: rounds),
        ], negative: []),
      .observations(series("short_wait"), weight: 1, [3, 8]),
      .histogram(
        series("llm.tokens"), bounds: clientBounds, sum: 50_000 * rounds,
        buckets: [rounds, 2 * rounds, 3 * rounds, 4 * rounds]),
    ]
  }

  /// One writer's rounds, each with a text and a frame in one batch, and its last frame.
  private static func write(_ writer: Int, to server: TestServer) {
    var pipeline = server.pipeline()
    let instance = UInt64(writer + 1)
    for round in 1...rounds {
      var messages = Messages()
      messages.append(Array(lines.utf8))
      messages.append(TestServer.frame(instance, UInt64(round), records(round)))
      pipeline.ingest(messages)
    }
    var last = Messages()
    last.append(TestServer.frame(instance, UInt64(rounds + 1), [], flags: .final))
    pipeline.ingest(last)
  }

  /// A client with bounds of its own is the first to send `llm.tokens`.
  private func pushFirst() {
    var pipeline = server.pipeline()
    var messages = Messages()
    let series = TestServer.Series("llm.tokens", labels: [TestServer.Label("way", "first")])
    messages.append(
      TestServer.frame(
        99, 1, [.histogram(series, bounds: Self.clientBounds, sum: 7, buckets: [1, 0, 0, 0])]))
    pipeline.ingest(messages)
  }

  @Test("shows each by its class in every format, also while writers and scrapes run")
  func everyFormat() async throws {
    pushFirst()
    let server = server
    try await withThrowingTaskGroup { group in
      for writer in 0..<Self.writers {
        group.addTask { await onThread { Self.write(writer, to: server) } }
      }
      group.addTask {
        for second in 1...4 as ClosedRange<UInt32> {
          server.aggregator.expire(atSecond: second)
          for format in ExpositionFormat.allCases {
            try Self.checkShape(try await server.page(format, Self.names), format)
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(server.refused.lastEntries.isEmpty && server.refused.pushes.lastEntries.isEmpty)
    for format in ExpositionFormat.allCases {
      let page = try await server.page(format, Self.names)
      switch format {
      case .text, .text1: #expect(Self.lines(page) == Self.expectedText)
      case .openMetrics0, .openMetrics1:
        #expect(Self.lines(page) == Self.expectedText + ["# EOF"])
      case .protobuf:
        #expect(try ShownObservations.read(page).map(\.description) == Self.expectedMessages)
      }
    }
  }

  @Test("expires series after the TTL of their name, and gives up their class")
  func lifetime() async throws {
    pushFirst()
    Self.write(0, to: server)
    let own = [
      "weir_series_classes", "weir_limit", "weir_limit_used", "weir_names_without_own_class_total",
    ]
    func classes() async throws -> [String] {
      Self.lines(try await server.page(.text, own)).filter {
        $0.hasPrefix("weir_") && ($0.contains("class"))
      }
    }
    // Four that are always there, and one for each name.
    #expect(
      try await classes() == [
        "weir_limit{limit=\"series_classes\"} 1000", "weir_limit_used{limit=\"series_classes\"} 10",
        "weir_names_without_own_class_total 0", "weir_series_classes 10",
      ])
    for second in 1...40 as ClosedRange<UInt32> { server.aggregator.expire(atSecond: second) }
    let page = Self.lines(try await server.page(.text, Self.names))
    #expect(page.filter { $0.hasPrefix("# TYPE") } == Self.types.filter { !$0.contains("short_") })
    #expect(try await classes().last == "weir_series_classes 9")
  }

  @Test(
    "gives names that come after 500 lists of clients' bounds the default bounds, and counts them")
  func manyClasses() async throws {
    let server = try TestServer([])
    var pipeline = server.pipeline()
    let room = 500
    for number in 0..<room + 3 {
      let record = TestServer.Record.histogram(
        TestServer.Series("h\(number)"), bounds: [Double(number) + 0.5], sum: 1, buckets: [1, 0])
      var messages = Messages()
      messages.append(TestServer.frame(1, UInt64(number + 1), [record]))
      pipeline.ingest(messages)
    }
    let own = ["weir_series_classes", "weir_names_without_own_class_total"]
    let page = Self.lines(try await server.page(.text, own)).filter { !$0.hasPrefix("#") }
    #expect(page == ["weir_names_without_own_class_total 3", "weir_series_classes 504"])
    let shown = try ShownObservations.read(
      try await server.page(.protobuf, ["h\(room - 1)", "h\(room)"]))
    #expect(shown.map(\.bounds) == [[Double(room) - 0.5], HistogramBounds.standard.upper])
    #expect(shown.map(\.count) == [1, 1])
  }

  private static let names = ["llm_tokens", "n_size", "q_load", "short_wait", "small", "wide"]

  private static var types: [String] {
    names.map { "# TYPE \($0) \($0 == "q_load" ? "summary" : "histogram")" }
  }

  /// The lines of each family, in the order of names.
  private static var expectedText: [String] {
    let client = ["100.0", "1000.0", "10000.0"]
    // At schema 5 an estimate of 4 is off by 1.1 % at most.
    let four = "3.9566799949865046"
    let blocks: [[String]] = [
      head("llm_tokens"),
      histogram("llm_tokens", "first", client, [1, 1, 1, 1], sum: 7),
      histogram(
        "llm_tokens", "push", client, [all, 3 * all, 6 * all, 10 * all], sum: 50_000 * all),
      histogram("llm_tokens", "text", client, [all, 2 * all, 2 * all, 2 * all], sum: 1_099 * all),
      head("n_size"), bothWays("n_size", ["1.0", "4.0"], [all, 2 * all, 2 * all], sum: 4 * all),
      head("q_load", "summary"),
      ["push", "text"].flatMap { way in
        [
          "q_load{way=\"\(way)\",quantile=\"0.25\"} 0",
          "q_load{way=\"\(way)\",quantile=\"1.0\"} \(four)",
          "q_load_sum{way=\"\(way)\"} \(4 * all)", "q_load_count{way=\"\(way)\"} \(2 * all)",
        ]
      },
      head("short_wait"), bothWays("short_wait", ["5.0"], [all, 2 * all], sum: 11 * all),
      head("small"), bothWays("small", ["1.0", "2.0"], [all, 2 * all, 3 * all], sum: 11 * all),
      head("wide"),
      bothWays("wide", ["10.0", "100.0", "1000.0"], [0, all, all, 2 * all], sum: 5_050 * all),
    ]
    return blocks.flatMap { $0 }
  }

  private static func head(_ name: String, _ type: String = "histogram") -> [String] {
    ["# HELP \(name) Received by Weir.", "# TYPE \(name) \(type)"]
  }

  private static func bothWays(
    _ name: String, _ bounds: [String], _ cumulative: [Int], sum: Int
  ) -> [String] {
    histogram(name, "push", bounds, cumulative, sum: sum)
      + histogram(name, "text", bounds, cumulative, sum: sum)
  }

  private static func histogram(
    _ name: String, _ way: String, _ bounds: [String], _ cumulative: [Int], sum: Int
  ) -> [String] {
    zip(bounds + ["+Inf"], cumulative).map { bound, count in
      "\(name)_bucket{way=\"\(way)\",le=\"\(bound)\"} \(count)"
    } + [
      "\(name)_sum{way=\"\(way)\"} \(sum)",
      "\(name)_count{way=\"\(way)\"} \(cumulative.last ?? 0)",
    ]
  }

  /// The same as decoded messages. The bucket `+Inf` is not sent, because it is the count.
  private static var expectedMessages: [String] {
    func both(_ name: String, _ values: String) -> [String] {
      ["\(name) way=push \(values)", "\(name) way=text \(values)"]
    }
    let native = "count 600 sum 1200 1.0: 300 4.0: 600"
    let blocks: [[String]] = [
      [
        "llm_tokens way=first count 1 sum 7 100.0: 1 1000.0: 1 10000.0: 1",
        "llm_tokens way=push count 3000 sum 15000000 100.0: 300 1000.0: 900 10000.0: 1800",
        "llm_tokens way=text count 600 sum 329700 100.0: 300 1000.0: 600 10000.0: 600",
        // The client's schema 0; the flags' factor 1.1 makes 3 of a line's values.
        "n_size way=push \(native) schema 0: [0: 300, 2: 300]",
        "n_size way=text \(native) schema 3: [0: 300, 13: 300]",
      ],
      both("q_load", "count 600 sum 1200 0.25 → 0.0 1.0 → 3.9566799949865046"),
      both("short_wait", "count 600 sum 3300 5.0: 300"),
      both("small", "count 900 sum 3300 1.0: 300 2.0: 600"),
      both("wide", "count 600 sum 1515000 10.0: 0 100.0: 300 1000.0: 300"),
    ]
    return blocks.flatMap { $0 }
  }

  private static func lines(_ page: [UInt8]) -> [String] {
    String(decoding: page, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  /// Checks that no series of a page has buckets or quantiles of another class, whatever its values are
  /// by now.
  private static func checkShape(_ page: [UInt8], _ format: ExpositionFormat) throws {
    func series(_ lines: [String]) -> Set<Substring> {
      Set(lines.filter { $0 != "# EOF" }.map { $0.prefix(upTo: $0.lastIndex(of: " ")!) })
    }
    guard format == .protobuf else {
      let strangers = series(lines(page)).subtracting(series(expectedText))
      #expect(strangers.isEmpty, "\(format)")
      return
    }
    let bounds: [String: [Double]] = [
      "llm_tokens": clientBounds, "n_size": [1, 4], "q_load": [], "short_wait": [5],
      "small": [1, 2], "wide": [10, 100, 1_000],
    ]
    for shown in try ShownObservations.read(page) {
      #expect(shown.bounds == bounds[shown.name])
      #expect(shown.cumulative == shown.cumulative.sorted())
      #expect(shown.quantiles.count == (shown.name == "q_load" ? 2 : 0))
      #expect((shown.schema != nil) == (shown.name == "n_size"))
    }
  }
}

/// Runs `body` on a thread of its own.
func onThread(_ body: @escaping @Sendable () -> Void) async {
  await withCheckedContinuation { continuation in
    Thread {
      body()
      continuation.resume()
    }.start()
  }
}
