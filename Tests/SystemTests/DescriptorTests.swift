import Foundation
import Testing

extension WaitingTests {
  /// What becomes of scrapes where few files may be open.
  @Suite struct Descriptors {
    /// A shell that runs a command and then becomes what its further arguments name.
    private static func after(_ command: String) -> [String] {
      ["/bin/sh", "-c", "\(command) && exec \"$@\"", "sh"]
    }

    @Test("a limit that leaves no room is one sentence and status 1", arguments: [8, 12, 20, 30])
    func refusal(limit: Int) throws {
      let child = try ChildProcess(
        "/bin/sh",
        [
          "-c", "ulimit -n \(limit) && exec \"$@\"", "sh", try Programs.weir(),
          "--statsd.listen-udp=127.0.0.1:0", "--web.listen-address=127.0.0.1:0",
        ])
      #expect(try child.wait(within: 20) == .exit(1))
      let sentence = child.standardError
      #expect(sentence.hasPrefix("weir: the limit of \(limit) open files is too low; Weir needs "))
      #expect(sentence.split(separator: "\n").count == 1)
    }

    @Test func `the limit is raised as far as the system allows`() throws {
      let hard = try runProgram("/bin/sh", ["-c", "ulimit -H -n"]).output
      let weir = try Weir.start([], by: Self.after("ulimit -S -n 64"))
      let page = try weir.scrape()
      let asked = hard.trimmingCharacters(in: .whitespacesAndNewlines)
      #expect(page.value("process_max_fds") == Double(asked))
      #expect(page.value("weir_limit", ["limit": "http_connections"]) == 512)
      #expect(weir.log.allSatisfy { $0["level"] != "warn" || $0["asked"] != "512" })
    }

    @Test
    func `where fewer connections fit than were asked for, the log says so, and scrapes go on`()
      throws
    {
      let weir = try Weir.start([], by: Self.after("ulimit -n 100"))
      let lines = weir.log.filter { $0["msg"]?.hasPrefix("the limit on open files") == true }
      #expect(lines.count == 1)
      #expect(
        lines.first?["msg"]
          == "the limit on open files allows fewer connections than --web.max-connections"
      )
      #expect(lines.first?["asked"] == "512")
      let granted = try #require(lines.first?["granted"].flatMap(Double.init))
      #expect(granted > 40 && granted < 100)
      let web = try weir.webAddress()
      var idle: [TestSocket] = []
      for number in 0..<300 {
        idle.append(try .connect(.tcp, web))
        if number % 30 == 0 { _ = try weir.scrape() }
      }
      let page = try weir.scrape()
      #expect(page.value("weir_limit", ["limit": "http_connections"]) == granted)
      #expect(page.value("weir_limit_used", ["limit": "http_connections"]) ?? 0 <= granted)
      #expect(page.value("weir_limit_used", ["limit": "http_connections"]) ?? 0 > granted / 2)
      #expect(page.sum("process_open_fds") > 0)
      let evicted = page.value(
        "weir_http_connections_closed_early_total", ["reason": "evicted"])
      #expect(evicted ?? 0 >= 300 - granted)
    }

    @Test func `scrapes go on where the limit falls below what is open`() throws {
      let weir = try Weir()
      let web = try weir.webAddress()
      _ = try weir.scrape()
      let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(weir.process.pid)/fd")
      let limit = open.count + 10
      let result = try runProgram(
        "/bin/sh", ["-c", "prlimit --pid \(weir.process.pid) --nofile=\(limit):\(limit)"])
      try #require(result.ending == .exit(0))
      var idle: [TestSocket] = []
      for number in 0..<200 {
        idle.append(try .connect(.tcp, web))
        if number % 10 == 0 { #expect(try http(web, "/metrics").status == 200) }
      }
      for _ in 0..<30 { #expect(try weir.scrape().sum("process_open_fds") > 0) }
    }
  }
}
