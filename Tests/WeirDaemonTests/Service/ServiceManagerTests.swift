import Glibc
import Synchronization
import TestSupport
import Testing
import WeirConfiguration
import WeirSockets

@testable import WeirDaemon

@Suite struct ServiceManagerTests {
  private static let quiet = Log(level: .error, format: .logfmt, descriptor: -1)

  private func manager(
    _ socket: String?, microseconds: String? = nil, pid: String? = nil
  ) -> ServiceManager? {
    ServiceManager(
      socket: socket, watchdogMicroseconds: microseconds, watchdogPID: pid, pid: 17,
      log: ServiceManagerTests.quiet)
  }

  @Test(arguments: [nil, "", "@", "vsock:2:1234", "relative"])
  func `without a socket that it knows there is no manager`(socket: String?) {
    #expect(manager(socket) == nil)
  }

  @Test(
    arguments: [
      (nil, nil, nil), ("30000000", nil, Duration.seconds(30)), ("30000000", "17", .seconds(30)),
      ("30000000", "18", nil), ("30000000", "x", nil), ("0", "17", nil), ("-5", nil, nil),
      ("soon", nil, nil),
    ] as [(String?, String?, Duration?)])
  func `the watchdog is for this process only`(
    microseconds: String?, pid: String?, limit: Duration?
  ) throws {
    #expect(
      try #require(manager("/run/notify", microseconds: microseconds, pid: pid)).watchdog == limit)
  }

  @Test func `each message is one datagram`() throws {
    let folder = try Folder()
    let path = "\(folder.path)/notify"
    let inbox = Inbox(at: path)
    let service = try #require(manager(path))
    service.ready(served: [.loopback(port: 9_102), .loopback6(port: 9_102)])
    #expect(
      inbox.next()
        == "READY=1\nSTATUS=Receiving; serving on 127.0.0.1:9102, [::1]:9102")
    let before = ServiceManagerTests.monotonicMicroseconds()
    service.reloading()
    let reloading = try #require(inbox.next()).split(separator: "\n")
    #expect(reloading.first == "RELOADING=1" && reloading.last == "STATUS=Reloading")
    let time = try #require(reloading.first { $0.hasPrefix("MONOTONIC_USEC=") })
    let microseconds = try #require(Int64(time.dropFirst("MONOTONIC_USEC=".count)))
    // The manager takes an earlier time for one that belongs to another reload.
    #expect((before...ServiceManagerTests.monotonicMicroseconds()).contains(microseconds))
    service.reloaded(failure: nil)
    #expect(inbox.next() == "READY=1\nSTATUS=Receiving; reloaded")
    service.reloaded(failure: "m.yml:1: bad\nWATCHDOG=trigger")
    #expect(
      inbox.next()
        == "READY=1\nSTATUS=Reload failed, keeping the previous configuration: m.yml:1: bad "
        + "WATCHDOG=trigger")
    service.stopping()
    #expect(inbox.next() == "STOPPING=1\nSTATUS=Stopping")
    service.alive()
    #expect(inbox.next() == "WATCHDOG=1")
  }

  private static func monotonicMicroseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
  }

  private struct Failed: Error, CustomStringConvertible { let description: String }

  @Test func `a reload is announced, and so is its end, whatever comes of it`() async throws {
    let folder = try Folder()
    let path = "\(folder.path)/notify"
    let inbox = Inbox(at: path)
    let service = try #require(manager(path))
    for (failures, end) in [
      ([], "STATUS=Receiving; reloaded"),
      (
        ["m.yml:1: bad", "w.yml:2: worse"],
        "STATUS=Reload failed, keeping the previous configuration: m.yml:1: bad"
      ),
    ] {
      var items = [Reloads.Item(name: "fine", reload: {}, reloadIfChanged: {})]
      for failure in failures {
        items.append(
          Reloads.Item(
            name: failure, reload: { throw Failed(description: failure) }, reloadIfChanged: {}))
      }
      let reloads = Reloads(items, log: ServiceManagerTests.quiet, service: service)
      #expect(await reloads.reload(because: "SIGHUP") == failures)
      #expect(try #require(inbox.next()).hasPrefix("RELOADING=1\n"))
      #expect(inbox.next() == "READY=1\n\(end)")
    }
  }

  @Test func `the watchdog is told twice in its time`() {
    #expect(Watchdog(limit: .seconds(30), checks: [], tell: {}).interval == .seconds(15))
  }

  @Test func `a manager that is gone does no harm`() throws {
    try #require(manager("/nonexistent/notify")).stopping()
    try #require(manager("@weir-test-nobody-\(getpid())")).stopping()
  }

  private final class Seen: Sendable {
    let calls = Atomic(0)
    let told = Atomic(0)
    let entered = Atomic(false)
  }

  @Test func `a queue that hangs keeps the watchdog silent`() async throws {
    let seen = Seen()
    // It never returns until the test ends it.
    let (gate, open) = AsyncStream.makeStream(of: Void.self)
    let task = Task {
      await Watchdog(
        limit: .milliseconds(2),
        checks: [
          {
            guard seen.calls.add(1, ordering: .relaxed).newValue == 3 else { return }
            seen.entered.store(true, ordering: .relaxed)
            for await _ in gate {}
          }
        ],
        tell: { seen.told.add(1, ordering: .relaxed) }
      ).run()
    }
    while !seen.entered.load(ordering: .relaxed) { try await Task.sleep(for: .milliseconds(1)) }
    #expect(seen.told.load(ordering: .relaxed) == 2)
    open.finish()
    while seen.told.load(ordering: .relaxed) < 5 { try await Task.sleep(for: .milliseconds(1)) }
    task.cancel()
    await task.value
  }
}
