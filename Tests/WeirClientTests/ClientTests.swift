import Foundation
import Synchronization
import Testing

@testable import WeirClient

@Suite("A client")
struct ClientTests {
  /// A client that sends often, to a server of the test's own.
  private func client(
    _ server: String, _ change: (inout Configuration) -> Void = { _ in }
  ) throws -> Client {
    var configuration = Configuration(server: server)
    configuration.flushInterval = .milliseconds(10)
    configuration.collectsProcessMetrics = false
    configuration.exitTimeout = .zero
    change(&configuration)
    return try Client(configuration)
  }

  /// Runs `body` on threads of its own, and the server here until the last frames have come.
  private func serve(_ server: FakeServer, _ body: @escaping @Sendable () -> Void) throws {
    let thread = Thread { body() }
    thread.start()
    #expect(try server.receive { $0.owners.values.contains { $0.isFinal } })
  }

  @Test func `what threads record while it flushes arrives exactly, and never falls`() throws {
    let server = try FakeServer()
    let client = try client(server.address)
    let counter = try client.counter("x_total", labels: ["a": "b"])
    let histogram = try client.histogram("x_seconds")
    try serve(server) {
      DispatchQueue.concurrentPerform(iterations: 4) { _ in
        for index in 0..<20_000 {
          counter.increment(by: 0.25)
          histogram.observe(Double(index % 4_096) / 1_024)
          if index % 5_000 == 0 { client.flush() }
        }
      }
      client.close()
    }
    let values = (0..<20_000).map { Double($0 % 4_096) / 1_024 }
    let owner = try #require(server.owners.values.first)
    #expect(server.owners.count == 1)
    #expect(owner.counters["x_total{a=b}"] == 20_000)
    #expect(owner.counts["x_seconds"] == 80_000)
    #expect(owner.sums["x_seconds"] == values.reduce(0, +) * 4)
    #expect(server.falls.isEmpty)
  }

  @Test func `last frames that get lost are sent again until they are answered`() throws {
    let server = try FakeServer(dropsFinals: 2)
    let client = try client(server.address)
    try client.counter("x_total").increment(by: 7)
    let closed = DispatchSemaphore(value: 0)
    let answered = Answer()
    try serve(server) {
      answered.flag.store(client.close(timeout: .seconds(30)), ordering: .releasing)
      closed.signal()
    }
    closed.wait()
    let wasAnswered = answered.flag.load(ordering: .acquiring)
    #expect(wasAnswered)
    #expect(server.owners.values.first?.counters["x_total"] == 7)
  }

  /// Nobody listens at a port that was just given back; a name under `.invalid` is never known.
  @Test(arguments: ["127.0.0.1:9", "nowhere.invalid:8125"])
  func `a server that is not there costs nothing but a count`(server: String) throws {
    let client = try client(server)
    let counter = try client.counter("x_total")
    for _ in 0..<1_000 { counter.increment() }
    #expect(counter.total == 1_000)
    #expect(!client.close(timeout: .milliseconds(200)))
    #expect(client.statistics.framesSent + client.statistics.framesFailed > 0)
  }

  @Test func `a series that is one too many is counted, and records to nowhere`() throws {
    let server = try FakeServer()
    let client = try client(server.address) { $0.seriesMax = 2 }
    for index in 0..<5 {
      try client.counter("x_total", labels: ["i": "\(index)"]).increment(by: 10)
    }
    // One that is there can still be had.
    try client.counter("x_total", labels: ["i": "1"]).increment()
    try serve(server) { client.close() }
    #expect(client.statistics.seriesOverflow == 3)
    let owner = try #require(server.owners.values.first)
    #expect(owner.counters["push_client_series_overflow_total"] == 3)
    #expect(owner.counters["x_total{i=0}"] == 10)
    #expect(owner.counters["x_total{i=1}"] == 11)
    #expect(owner.counters.count { $0.key.hasPrefix("x_total") } == 2)
  }

  @Test func `values that poison a sum are dropped and counted`() throws {
    let client = try client("127.0.0.1:9")
    let counter = try client.counter("x_total")
    let histogram = try client.histogram("x_seconds")
    let gauge = try client.gauge("x")
    for value in [Double.nan, .infinity, -.infinity] {
      counter.increment(by: value)
      histogram.observe(value)
      gauge.set(value)
      gauge.add(value)
    }
    counter.increment(by: -1)
    histogram.observe(-1)
    gauge.set(-1)
    #expect(client.statistics.valuesDropped == 14)
    #expect(counter.total == 0)
    #expect(histogram.count == 0)
    #expect(gauge.value == -1)
  }

  @Test func `asking twice gives the same series, whatever the order of its labels`() throws {
    let client = try client("127.0.0.1:9")
    try client.counter("x_total", labels: ["a": "1", "b": "2"]).increment()
    try client.counter("x_total", labels: ["b": "2", "a": "1"]).increment()
    #expect(try client.counter("x_total", labels: ["a": "1", "b": "2"]).total == 2)
    // Strings that Swift takes for equal, and that have other bytes.
    try client.counter("x_total", labels: ["a": "caf\u{e9}"]).increment()
    #expect(try client.counter("x_total", labels: ["a": "cafe\u{301}"]).total == 0)
  }

  @Test func `a timer counts what it measures, errors too`() async throws {
    struct Failure: Error {}
    let client = try client("127.0.0.1:9")
    let timer = try client.timer("x_seconds")
    #expect(timer.measure { 42 } == 42)
    #expect(throws: Failure.self) { try timer.measure { throw Failure() } }
    await timer.measure { await Task.yield() }
    timer.observe(.milliseconds(1_500))
    #expect(timer.histogram.count == 4)
    #expect(timer.histogram.sum >= 1.5)
  }

  @Test func `an exemplar is made only where there is room for it`() throws {
    let client = try client("127.0.0.1:9") { $0.flushInterval = .seconds(5) }
    let counter = try client.counter("x_total")
    var made = 0
    func labels(_ value: String) -> [String: String] {
      made += 1
      return ["trace_id": value]
    }
    counter.increment(exemplar: labels(String(repeating: "x", count: 200)))
    for index in 0..<10 { counter.increment(exemplar: labels("\(index)")) }
    // The first was too long.
    #expect(made == 2)
    #expect(counter.total == 11)
  }

  @Test func `the process tells of itself`() throws {
    let usage = try #require(ProcessUsage.read())
    #expect(usage.residentMemoryBytes > 1_048_576)
    #expect(usage.threads >= 1)
    #expect(try #require(usage.openDescriptors) >= 3)
    let server = try FakeServer()
    let client = try client(server.address) {
      $0.collectsProcessMetrics = true
      $0.instance = "a"
    }
    try serve(server) { client.close() }
    let owner = try #require(server.owners.values.first)
    // Without the label, so that Weir adds up those of all processes, and none stays behind.
    let cpu = owner.counters.filter { $0.key.hasPrefix("process_cpu_") }
    #expect(
      Set(cpu.keys) == ["process_cpu_user_seconds_total", "process_cpu_system_seconds_total"])
    #expect(cpu.values.reduce(0, +) > 0)
  }

  @Test func `the CPU time is told by process where that is asked for`() throws {
    let server = try FakeServer()
    let client = try client(server.address) {
      $0.collectsProcessMetrics = true
      $0.perProcessCPU = true
      $0.instance = "a"
    }
    try serve(server) { client.close() }
    let owner = try #require(server.owners.values.first)
    let cpu = owner.counters.keys.filter { $0.hasPrefix("process_cpu_") }
    #expect(
      Set(cpu) == [
        "process_cpu_user_seconds_total{instance=a}",
        "process_cpu_system_seconds_total{instance=a}",
      ])
  }

  /// Weir adds the totals of all instances up.
  @Test func `the CPU time is told once, however many clients a process has`() throws {
    let server = try FakeServer()
    func cpu(_ owner: FakeServer.Owner) -> Double {
      owner.counters.filter { $0.key.hasPrefix("process_cpu_") }.values.reduce(0, +)
    }
    func begin() throws -> Client {
      try client(server.address) { $0.collectsProcessMetrics = true }
    }
    func end(_ client: Client, _ count: Int) throws {
      Thread { client.close() }.start()
      #expect(try server.receive { $0.owners.values.count { $0.isFinal } == count })
    }
    let first = try begin()
    #expect(try server.receive { $0.owners.values.contains { cpu($0) > 0 } })
    let second = try begin()
    try end(second, 1)
    #expect(server.owners.values.first { $0.isFinal }.map(cpu) == 0)
    try end(first, 2)
    // One that comes later tells the rest.
    try end(try begin(), 3)
    let usage = try #require(ProcessUsage.read())
    let told = server.owners.values.map(cpu).reduce(0, +)
    // It is told in ticks of 10 ms, and sums of such have a rounding error.
    #expect(told <= usage.cpuUserSeconds + usage.cpuSystemSeconds + 0.001)
  }

  /// Runs the program that forks until so many instances have ended.
  private func fork(_ server: FakeServer, child: String, instances: Int) throws {
    let process = Process()
    // Beside the program that runs the tests.
    process.executableURL = Bundle.main.bundleURL.appending(path: "ForkingClient")
    process.arguments = [server.address, "10", child]
    // Under the thread sanitizer a forked child may else start no thread.
    process.environment = ProcessInfo.processInfo.environment
      .merging(["TSAN_OPTIONS": "die_after_fork=0"]) { $0 + " " + $1 }
    try process.run()
    #expect(try server.receive { $0.owners.values.count { $0.isFinal } == instances })
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }

  @Test func `a child that begins anew is an instance with its own numbers`() throws {
    let server = try FakeServer()
    try fork(server, child: "3", instances: 2)
    let totals = server.owners.values.map { $0.counters["forked_total"] ?? 0 }
    #expect(totals.sorted() == [3, 110])
    #expect(server.owners.values.map { $0.counts["forked_seconds"] } == [1, 1])
    #expect(server.owners.values.map { $0.sums["forked_seconds"] ?? 0 }.sorted() == [1, 2])
  }

  @Test func `a child that does not begin anew sends nothing`() throws {
    let server = try FakeServer()
    try fork(server, child: "silent", instances: 1)
    #expect(server.owners.values.map { $0.counters["forked_total"] } == [110])
  }
}

/// Whether a close was answered, from one thread to another.
final class Answer: Sendable {
  let flag = Atomic<Bool>(false)
}
