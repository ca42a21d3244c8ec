import Testing

@testable import WeirClient

@Suite("The definition of a metric")
struct DefinitionTests {
  private func client(_ change: (inout Configuration) -> Void = { _ in }) throws -> Client {
    var configuration = Configuration(server: "127.0.0.1:9")
    configuration.collectsProcessMetrics = false
    change(&configuration)
    return try Client(withoutThread: configuration)
  }

  /// An invalid definition, a definition before it, and the expected error.
  struct Mistake: Sendable, CustomTestStringConvertible {
    let sentence: String
    let first: @Sendable (Client) throws -> Void
    let define: @Sendable (Client) throws -> Void

    init(
      _ sentence: String, after first: @escaping @Sendable (Client) throws -> Void = { _ in },
      _ define: @escaping @Sendable (Client) throws -> Void
    ) {
      self.sentence = sentence
      self.first = first
      self.define = define
    }

    var testDescription: String { sentence }

    static let names = [
      Mistake(
        #""" is not a valid metric name; use letters, digits, _ and :, and no digit first"#
      ) { _ = try $0.counter("") },
      Mistake(
        #""9_total" is not a valid metric name; use letters, digits, _ and :, "#
          + "and no digit first"
      ) { _ = try $0.counter("9_total") },
      Mistake(
        #""http.requests" is not a valid metric name; use letters, digits, _ and :, "#
          + "and no digit first"
      ) { _ = try $0.gauge("http.requests") },
      Mistake(
        #""é_seconds" is not a valid metric name; use letters, digits, _ and :, "#
          + "and no digit first"
      ) { _ = try $0.timer("é_seconds") },
      Mistake(
        "the name weir_requests_total is reserved, because Weir's own metrics start with weir_; "
          + "choose another name"
      ) { _ = try $0.counter("weir_requests_total") },
      Mistake(
        "the name push_client_x is reserved, because the client's own metrics start with "
          + "push_client_; choose another name"
      ) { _ = try $0.gauge("push_client_x") },
      Mistake(
        #""" is not a valid label name, in x_total; use letters, digits and _, and no digit first"#
      ) { _ = try $0.counter("x_total", labels: ["": "v"]) },
      Mistake(
        #""a:b" is not a valid label name, in x_total; "#
          + "use letters, digits and _, and no digit first"
      ) { _ = try $0.counter("x_total", labels: ["a:b": "v"]) },
      Mistake(
        #""9a" is not a valid label name, in x_seconds; "#
          + "use letters, digits and _, and no digit first"
      ) { _ = try $0.histogram("x_seconds", labels: ["9a": "v"]) },
      Mistake(
        #""__name__" is not a valid label name, in x; "#
          + "names that start with __ are reserved for Prometheus"
      ) { _ = try $0.gauge("x", labels: ["__name__": "v"]) },
      Mistake(
        "x_seconds cannot have the label le, which histograms use for the bounds of buckets; "
          + "choose another name"
      ) { _ = try $0.histogram("x_seconds", labels: ["le": "1"]) },
    ]

    static let conflicts = [
      Mistake(
        "x is already a counter; choose another name for the gauge",
        after: { _ = try $0.counter("x") }, { _ = try $0.gauge("x", labels: ["a": "1"]) }),
      Mistake(
        "x is already a gauge; choose another name for the histogram",
        after: { _ = try $0.gauge("x") }, { _ = try $0.histogram("x") }),
      Mistake(
        "x is already a histogram; choose another name for the counter",
        after: { _ = try $0.timer("x") }, { _ = try $0.counter("x") }),
      Mistake(
        "depth already has the merge sum, not max; "
          + "use the same merge everywhere, or choose another name",
        after: { _ = try $0.gauge("depth", merge: .sum) },
        { _ = try $0.gauge("depth", merge: .max) }
      ),
      Mistake(
        "depth already has the merge sum, not last; "
          + "use the same merge everywhere, or choose another name",
        after: { _ = try $0.gauge("depth", merge: .sum, labels: ["a": "1"]) },
        { _ = try $0.gauge("depth", labels: ["a": "2"]) }),
      Mistake(
        "x_bytes already has the bounds [1.0, 10.0], not [1.0, 20.0]; "
          + "use the same bounds everywhere, or choose another name",
        after: { _ = try $0.histogram("x_bytes", bounds: [1, 10], labels: ["a": "1"]) },
        { _ = try $0.histogram("x_bytes", bounds: [1, 20], labels: ["a": "2"]) }),
    ]

    static let bounds = [
      Mistake("the bounds of x_bytes are [10.0, 1.0]; use finite bounds in ascending order") {
        _ = try $0.histogram("x_bytes", bounds: [10, 1])
      },
      Mistake("the bounds of x_bytes are [1.0, 1.0]; use finite bounds in ascending order") {
        _ = try $0.histogram("x_bytes", bounds: [1, 1])
      },
      Mistake("the bounds of x_bytes are [1.0, nan]; use finite bounds in ascending order") {
        _ = try $0.histogram("x_bytes", bounds: [1, .nan])
      },
      Mistake("x_bytes has 0 bounds; use 1 to 200") {
        _ = try $0.histogram("x_bytes", bounds: [])
      },
      Mistake("x_bytes has 201 bounds; use 1 to 200") {
        _ = try $0.histogram("x_bytes", bounds: (1...201).map(Double.init))
      },
    ]
  }

  @Test(arguments: Mistake.names + Mistake.conflicts + Mistake.bounds)
  func `an invalid definition throws an error that says what to write`(mistake: Mistake) throws {
    let client = try client()
    try mistake.first(client)
    #expect(throws: DefinitionError(description: mistake.sentence)) { try mistake.define(client) }
    #expect(client.statistics.seriesOverflow == 0)
  }

  @Test func `the same definition may be repeated`() throws {
    let client = try client()
    _ = try client.histogram("x_seconds")
    _ = try client.timer("x_seconds", labels: ["a": "1"])
    _ = try client.histogram(
      "x_seconds", bounds: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120])
    // Every histogram has infinity as its last bound.
    _ = try client.histogram("x_bytes", bounds: [1, 10])
    _ = try client.histogram("x_bytes", bounds: [1, 10, .infinity])
    _ = try client.gauge("depth", merge: .avg)
    _ = try client.gauge("depth", merge: .avg, labels: ["_a1": "b"])
    _ = try client.counter("job:requests:rate")
  }

  @Test func `a series that exceeds the limit does not define its name`() throws {
    let client = try client { $0.seriesMax = 1 }
    _ = try client.counter("x_total")
    _ = try client.gauge("y")
    _ = try client.counter("y")
    #expect(client.statistics.seriesOverflow == 2)
  }

  @Test func `bounds are computed like in Prometheus' client libraries`() {
    #expect(Histogram.linearBounds(from: 10, step: 5, count: 4) == [10, 15, 20, 25])
    #expect(Histogram.linearBounds(from: -1, step: 0.5, count: 3) == [-1, -0.5, 0])
    #expect(Histogram.exponentialBounds(from: 0.5, factor: 2, count: 5) == [0.5, 1, 2, 4, 8])
  }

  @Test func `invalid arguments for bounds end the program`() async {
    await #expect(processExitsWith: .failure) {
      _ = Histogram.linearBounds(from: 0, step: 0, count: 3)
    }
    await #expect(processExitsWith: .failure) {
      _ = Histogram.exponentialBounds(from: 0, factor: 2, count: 3)
    }
    await #expect(processExitsWith: .failure) {
      _ = Histogram.exponentialBounds(from: 1, factor: 2, count: 201)
    }
  }
}
