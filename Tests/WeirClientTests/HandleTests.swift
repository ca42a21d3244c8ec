import Testing

@testable import WeirClient

@Suite("Handles")
struct HandleTests {
  private func client(_ change: (inout Configuration) -> Void = { _ in }) throws -> Client {
    var configuration = Configuration(server: "127.0.0.1:9")
    configuration.collectsProcessMetrics = false
    change(&configuration)
    return try Client(withoutThread: configuration)
  }

  private struct Failure: Error, Equatable { var isCounted = true }

  @Test func `a counter counts the errors of a closure and rethrows them`() async throws {
    let failures = try client().counter("failures_total")
    #expect(failures.countErrors { 42 } == 42)
    #expect(throws: Failure()) {
      try failures.countErrors { () throws(Failure) in throw Failure() }
    }
    #expect(failures.total == 1)
    let isCounted: (Failure) -> Bool = { $0.isCounted }
    #expect(throws: Failure(isCounted: false)) {
      try failures.countErrors(where: isCounted) { () throws(Failure) in
        throw Failure(isCounted: false)
      }
    }
    #expect(failures.total == 1)
    #expect(await failures.countErrors { await later(7) } == 7)
    await #expect(throws: Failure()) {
      try await failures.countErrors { () async throws(Failure) in
        _ = await later(7)
        throw Failure()
      }
    }
    #expect(failures.total == 2)
    let isNoCancellation: (any Error) -> Bool = { !($0 is CancellationError) }
    await #expect(throws: CancellationError.self) {
      try await failures.countErrors(where: isNoCancellation) {
        _ = await later(7)
        throw CancellationError()
      }
    }
    #expect(failures.total == 2)
  }

  @Test func `a gauge is incremented while a closure runs, whether it returns or throws`()
    async throws
  {
    let running = try client().gauge("running", merge: .sum)
    #expect(running.trackInProgress { running.trackInProgress { running.value } } == 2)
    #expect(running.value == 0)
    #expect(throws: Failure()) {
      try running.trackInProgress { () throws(Failure) in throw Failure() }
    }
    #expect(running.value == 0)
    #expect(await running.trackInProgress { await later(running.value) } == 1)
    await #expect(throws: Failure()) {
      try await running.trackInProgress { () async throws(Failure) in
        _ = await later(0)
        throw Failure()
      }
    }
    #expect(running.value == 0)
  }

  private func later<Value>(_ value: Value) async -> Value {
    await Task.yield()
    return value
  }

  @Test func `a gauge can be set to the seconds since 1970`() throws {
    let time = FakeTime()
    var configuration = Configuration(server: "127.0.0.1:9")
    configuration.exitTimeout = .zero
    let client = try Client(configuration, in: Environment(clock: time.clock))
    let gauge = try client.gauge("last_success_timestamp_seconds")
    gauge.setToCurrentTime()
    #expect(gauge.value == 1_700_000_000)
    time.setWall(milliseconds: 1_700_000_000_125)
    gauge.setToCurrentTime()
    #expect(gauge.value == 1_700_000_000.125)
  }

  @Test func `a timer records the time since an instant`() throws {
    let timer = try client().timer("x_seconds")
    timer.observe(since: ContinuousClock.now - .seconds(3))
    #expect(timer.histogram.count == 1)
    #expect(timer.histogram.sum >= 3)
  }

  @Test func `a removed series makes room, and continues from its total when it is used again`()
    throws
  {
    let client = try client { $0.seriesMax = 2 }
    let a = try client.counter("x_total", labels: ["i": "a"])
    a.increment(by: 5)
    _ = try client.counter("x_total", labels: ["i": "b"])
    _ = try client.counter("x_total", labels: ["i": "c"])
    #expect(client.statistics.seriesOverflow == 1)
    a.remove()
    a.remove()
    // Amounts added with the old handle still count.
    a.increment(by: 2)
    let c = try client.counter("x_total", labels: ["i": "c"])
    c.increment()
    #expect(client.statistics.seriesOverflow == 1)
    #expect(c.total == 1)
    let again = try client.counter("x_total", labels: ["i": "a"])
    again.increment(by: 1)
    #expect(again.total == 8)
  }

  @Test func `the number of removed series is limited too`() throws {
    let client = try client { $0.seriesMax = 3 }
    for index in 0..<10 {
      try client.gauge("x", labels: ["i": "\(index)"]).remove()
    }
    #expect(client.statistics.seriesOverflow == 4)
  }

  @Test func `removed histograms and timers continue from their totals`() throws {
    let client = try client()
    let timer = try client.timer("x_seconds")
    timer.observe(.seconds(2))
    timer.remove()
    let again = try client.timer("x_seconds")
    again.observe(.seconds(3))
    #expect(again.histogram.count == 2)
    #expect(again.histogram.sum == 5)
  }

  @Test func `all series of a metric, or of all metrics, can be removed`() throws {
    let client = try client { $0.seriesMax = 4 }
    let depths = try ["a", "b"].map { try client.gauge("depth", labels: ["q": $0]) }
    let other = try client.gauge("other")
    let total = try client.counter("x_total")
    for gauge in depths + [other] { gauge.set(1) }
    total.increment()
    client.remove("depth")
    #expect(depths.map(\.value) == [nil, nil])
    #expect(other.value == 1)
    _ = try client.counter("y_total")
    _ = try client.counter("z_total")
    #expect(client.statistics.seriesOverflow == 0)
    client.clear()
    #expect(other.value == nil)
    #expect(try client.counter("x_total").total == 1)
    depths[0].set(2)
    #expect(depths[0].value == 2)
  }
}
