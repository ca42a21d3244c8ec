import Foundation
import Testing

extension WaitingTests {
  /// What the server tells a service manager, for which a socket of the test stands.
  @Suite struct ServiceTests {
    /// What starts the server as a service manager would.
    private func starter(_ inbox: UnixInbox, watchdog: Int = 0, of pid: String = "$$") -> [String] {
      [
        "/bin/sh", "-c",
        "export NOTIFY_SOCKET=\(inbox.path) WATCHDOG_USEC=\(watchdog) WATCHDOG_PID=\(pid); "
          + "exec \"$@\"", "sh",
      ]
    }

    @Test func `it is told of the start, reloads and the stop`() throws {
      let inbox = try UnixInbox()
      let weir = try Weir.start(["--web.enable-lifecycle"], by: starter(inbox))
      let web = try weir.webAddress()
      #expect(try inbox.next() == "READY=1\nSTATUS=Receiving; serving on \(web)")
      weir.process.signal(SIGHUP)
      #expect(try inbox.next().hasPrefix("RELOADING=1\nMONOTONIC_USEC="))
      #expect(try inbox.next() == "READY=1\nSTATUS=Receiving; reloaded")
      #expect(try http(web, "/-/reload", method: "POST").status == 200)
      #expect(try inbox.next().hasPrefix("RELOADING=1\nMONOTONIC_USEC="))
      #expect(try inbox.next() == "READY=1\nSTATUS=Receiving; reloaded")
      #expect(try weir.stop() == .exit(0))
      #expect(try inbox.next() == "STOPPING=1\nSTATUS=Stopping")
    }

    @Test func `it is told that the server is alive, until the server stands still`() throws {
      let inbox = try UnixInbox()
      let weir = try Weir.start([], by: starter(inbox, watchdog: 400_000))
      for _ in 0..<3 { #expect(try inbox.next("WATCHDOG") == "WATCHDOG=1") }
      weir.process.signal(SIGSTOP)
      // One may have been on its way.
      #expect(throws: HarnessError.self) {
        for _ in 0..<2 { _ = try inbox.next(within: 1) }
      }
      weir.process.signal(SIGCONT)
      #expect(try inbox.next("WATCHDOG") == "WATCHDOG=1")
      #expect(try weir.stop() == .exit(0))
    }

    @Test func `a watchdog for another process, or no service manager, is told nothing`()
      throws
    {
      let inbox = try UnixInbox()
      let weir = try Weir.start([], by: starter(inbox, watchdog: 100_000, of: "1"))
      #expect(try inbox.next().hasPrefix("READY=1\n"))
      #expect(throws: HarnessError.self) { _ = try inbox.next(within: 1) }
      #expect(try weir.stop() == .exit(0))
      let alone = try Weir()
      #expect(try alone.stop() == .exit(0))
      #expect(!alone.log.contains { $0["msg"]?.contains("service manager") == true })
    }
  }
}
