import Foundation
import Synchronization
import Testing

@testable import WeirClient

/// Requested flushes, and the end of a client.
@Suite("The end of a client")
struct EndingTests {
  /// Blocks every frame until the test releases it.
  private final class Gate: Sendable {
    let arrived = DispatchSemaphore(value: 0)
    let open = DispatchSemaphore(value: 0)
    let sent = Atomic<Int>(0)
    let finals = Atomic<Int>(0)
  }

  private final class GatedTransport: FrameTransport {
    private let gate: Gate
    private let working: WorkingTime

    init(_ gate: Gate, _ working: WorkingTime) {
      self.gate = gate
      self.working = working
    }

    func send(_ frame: [UInt8]) -> Bool {
      gate.sent.add(1, ordering: .relaxed)
      // The flags follow the magic number and the version.
      if frame[3] & 2 != 0 { gate.finals.add(1, ordering: .relaxed) }
      working.resting {
        gate.arrived.signal()
        gate.open.wait()
      }
      return true
    }

    func receive(withinMilliseconds: Int) -> [UInt8]? { nil }
  }

  @Test func `several requests during a flush cause one more flush`() throws {
    let gate = Gate()
    var configuration = Configuration()
    configuration.collectsProcessMetrics = false
    configuration.flushInterval = .seconds(5)
    configuration.exitTimeout = .zero
    let client = try Client(
      configuration,
      in: Environment(transport: { _, _, working in GatedTransport(gate, working) }))
    let counter = try client.counter("x_total")
    counter.increment()
    client.flush()
    gate.arrived.wait()
    for _ in 0..<1_000 { client.flush() }
    counter.increment()
    gate.open.signal()
    gate.arrived.wait()
    gate.open.signal()
    // The close sends one frame once, because the timeout is zero.
    let end = Thread { client.close(timeout: .zero) }
    end.start()
    gate.arrived.wait()
    #expect(gate.sent.load(ordering: .relaxed) == 3)
    #expect(gate.finals.load(ordering: .relaxed) == 1)
    gate.open.signal()
  }

  @Test func `values recorded after the close are counted and have no effect`() throws {
    let server = try FakeServer()
    var configuration = Configuration(server: server.address)
    configuration.collectsProcessMetrics = false
    let client = try Client(configuration)
    let counter = try client.counter("x_total")
    let histogram = try client.histogram("x_seconds")
    let gauge = try client.gauge("depth")
    func record() {
      counter.increment(by: 2)
      counter.increment(exemplar: ["a": "b"])
      histogram.observe(1)
      histogram.observe(1, exemplar: ["a": "b"])
      gauge.set(1)
      gauge.add(1)
    }
    record()
    let thread = Thread { client.close() }
    thread.start()
    #expect(try server.receive { $0.owners.values.contains { $0.isFinal } })
    #expect(client.statistics.recordedAfterClose == 0)
    record()
    // Also for a series created after the close.
    try client.counter("late_total").increment()
    #expect(client.statistics.recordedAfterClose == 7)
    counter.increment(by: .nan)
    gauge.set(.infinity)
    #expect(client.statistics.recordedAfterClose == 7)
    #expect(client.statistics.valuesDropped == 2)
    #expect(counter.total == 3)
    #expect(histogram.count == 2)
    #expect(gauge.value == 2)
    #expect(server.owners.values.first?.counters["x_total"] == 3)
  }

  @Test func `a gauge's function is called before each flush until it is removed`() throws {
    let server = try FakeServer()
    var configuration = Configuration(server: server.address)
    configuration.collectsProcessMetrics = false
    configuration.flushInterval = .milliseconds(10)
    let client = try Client(configuration)
    let gauge = try client.gauge("depth")
    try withExtendedLifetime(client) {
      let box = Box(depth: 3)
      gauge.setFunction { Double(box.depth.load(ordering: .relaxed)) }
      #expect(try server.receive { $0.owners.values.first?.gauges["depth"] == 3 })
      box.depth.store(4, ordering: .relaxed)
      #expect(try server.receive { $0.owners.values.first?.gauges["depth"] == 4 })
      gauge.setFunction(nil)
      gauge.set(9)
      #expect(try server.receive { $0.owners.values.first?.gauges["depth"] == 9 })
      gauge.setFunction { .nan }
      try client.counter("x_total").increment()
      #expect(
        try server.receive {
          ($0.owners.values.first?.counters["push_client_values_dropped_total"] ?? 0) > 0
        })
      #expect(gauge.value == 9)
      gauge.remove()
      #expect(try server.receive { $0.owners.values.first?.gauges["depth"]?.isNaN == true })
    }
  }

  private final class Box: Sendable {
    let depth: Atomic<Int>
    init(depth: Int) { self.depth = Atomic(depth) }
  }

  /// Starts the test program that pushes, and waits until it has recorded.
  private func start(_ server: FakeServer, _ mode: String) throws -> (Process, Pipe) {
    let process = Process()
    process.executableURL = Bundle.main.bundleURL.appending(path: "PushingClient")
    process.arguments = [server.address, "5", mode]
    let (output, input) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardInput = input
    try process.run()
    let said = output.fileHandleForReading.readData(ofLength: 6)
    #expect(String(decoding: said, as: UTF8.self) == "ready\n")
    return (process, input)
  }

  @Test(arguments: [SIGTERM, SIGINT])
  func `the last frames are sent before a signal ends the process`(
    signal: Int32
  ) throws {
    let server = try FakeServer()
    let (process, _) = try start(server, "signals")
    kill(process.processIdentifier, signal)
    #expect(try server.receive { $0.owners.values.contains { $0.isFinal } })
    process.waitUntilExit()
    #expect(process.terminationReason == .uncaughtSignal)
    #expect(process.terminationStatus == signal)
    let owner = try #require(server.owners.values.first)
    #expect(owner.counters["pushed_total{client=swift}"] == 5)
    #expect(owner.counts["pushed_seconds{client=swift}"] == 1)
  }

  @Test func `a handler of the application is called after all clients were flushed`() throws {
    let server = try FakeServer()
    let (process, _) = try start(server, "handler")
    kill(process.processIdentifier, SIGTERM)
    #expect(
      try server.receive {
        $0.owners.values.first?.counters["pushed_total{client=swift}"] == 5
      })
    process.waitUntilExit()
    #expect(process.terminationReason == .exit)
    #expect(process.terminationStatus == 7)
    // The clients are not closed, because the handler may record more.
    #expect(server.owners.values.first?.isFinal == false)
  }

  @Test func `an ignored signal remains ignored`() throws {
    let server = try FakeServer()
    let (process, input) = try start(server, "ignored")
    kill(process.processIdentifier, SIGTERM)
    try input.fileHandleForWriting.close()
    #expect(try server.receive { $0.owners.values.contains { $0.isFinal } })
    process.waitUntilExit()
    #expect(process.terminationReason == .exit)
    #expect(process.terminationStatus == 0)
  }
}
