import Foundation
import Testing

extension SystemTests {
  /// What a restart keeps, and what it does not.
  @Suite("A state on disk")
  struct StateTests {
    @Test("keeps counters and their start over a restart", arguments: [SIGTERM, SIGKILL])
    func restart(signal: Int32) throws {
      let folder = try StateFolder()
      var created: String?
      for round in 1...3 {
        let weir = try Weir(folder.flag, "--web.openmetrics-created")
        try weir.send("hits_total:7|c|#k:v", "took_seconds:0.25|h", "depth:3|g")
        let page = try weir.scrape(until: "The counts") {
          $0.value("hits_total", ["k": "v"]) == Double(7 * round)
            && $0.value("took_seconds_count") == Double(round)
        }
        #expect(page.value("took_seconds_sum") == 0.25 * Double(round))
        #expect(page.value("depth") == 3)
        #expect(page.value("weir_state_protected") == 1)
        #expect(page.value("weir_state_restored_series") == (round == 1 ? 0 : 3))
        let line = try createdLine(weir)
        #expect(created == nil || created == line)
        created = line
        weir.process.signal(signal)
        _ = try weir.process.wait(within: 20)
        if signal == SIGTERM { #expect(weir.logged("the state is saved") != nil) }
        if round > 1 { #expect(weir.logged("the state is restored")?["series"] == "3") }
      }
    }

    private func createdLine(_ weir: Weir) throws -> String {
      let exchange = try HTTPExchange(try weir.webAddress())
      try exchange.send(
        "GET /metrics HTTP/1.1\r\nHost: weir\r\nAccept: application/openmetrics-text\r\n\r\n")
      let text = try exchange.answer().text
      return try String(
        #require(text.split(separator: "\n").first { $0.hasPrefix("hits_created") }))
    }

    @Test("without a scrape is committed in the interval")
    func interval() throws {
      let folder = try StateFolder()
      let weir = try Weir(folder.flag, "--state.interval=1s")
      try weir.send("hits_total:5|c")
      _ = try weir.scrape(afterDatagrams: 1)
      try weir.send("hits_total:6|c")
      usleep(2_500_000)
      try weir.kill()
      #expect(try Weir(folder.flag).scrape().value("hits_total") == 11)
    }

    @Test("belongs to one Weir")
    func second() throws {
      let folder = try StateFolder()
      let weir = try Weir(folder.flag)
      let other = try runProgram(
        try Programs.weir(),
        [folder.flag, "--statsd.listen-udp=127.0.0.1:0", "--web.listen-address=127.0.0.1:0"])
      #expect(other.ending == .exit(1))
      #expect(other.error.split(separator: "\n").count == 1)
      #expect(other.error.contains(folder.path))
      #expect(try weir.scrape().value("weir_state_protected") == 1)
    }

    @Test("needs a directory that it can write to", arguments: ["", "/missing", "/file"])
    func refused(path: String) throws {
      let folder = try StateFolder()
      #expect(FileManager.default.createFile(atPath: folder.path + "/file", contents: Data()))
      let starter =
        path.isEmpty
        ? try Programs.namespace(
          "mount -t tmpfs tmpfs \(folder.path)\nmount -o remount,ro \(folder.path)") : []
      let words =
        starter + [
          try Programs.weir(), "--state.dir=\(folder.path)\(path)",
          "--statsd.listen-udp=127.0.0.1:0", "--web.listen-address=127.0.0.1:0",
        ]
      let result = try runProgram(words[0], Array(words.dropFirst()))
      #expect(result.ending == .exit(1))
      #expect(result.error.hasPrefix("weir: "))
      #expect(result.error.split(separator: "\n").count == 1)
      #expect(result.error.contains(folder.path + path))
    }

    @Test("is left as it is by a start that can't listen", arguments: [false, true])
    func occupied(web: Bool) throws {
      let folder = try StateFolder()
      let first = try Weir(folder.flag)
      try first.send("hits_total:5|c")
      _ = try first.scrape(afterDatagrams: 1)
      try first.kill()
      let file = URL(filePath: folder.path + "/weir.state")
      let bytes = try Data(contentsOf: file)
      let socket = try TestSocket.occupy(web ? .tcp : .udp, "127.0.0.1:0")
      let taken = try socket.localAddress
      let result = try runProgram(
        try Programs.weir(),
        [
          folder.flag, "--statsd.listen-udp=\(web ? "127.0.0.1:0" : taken)",
          "--web.listen-address=\(web ? taken : "127.0.0.1:0")",
        ])
      #expect(result.ending == .exit(1))
      #expect(result.error.contains(taken))
      withExtendedLifetime(socket) {}
      #expect(try Data(contentsOf: file) == bytes)
    }

    @Test("that is damaged is set aside, and one without a state says what that means")
    func damaged() throws {
      let folder = try StateFolder()
      let first = try Weir(folder.flag)
      try first.send("hits_total:5|c")
      _ = try first.scrape(afterDatagrams: 1)
      try first.kill()
      let file = folder.path + "/weir.state"
      var bytes = try Data(contentsOf: URL(filePath: file))
      bytes[40] ^= 1
      try bytes.write(to: URL(filePath: file))
      let second = try Weir(folder.flag)
      let page = try second.scrape()
      #expect(page.value("hits_total") == nil)
      #expect(page.value("weir_state_files_set_aside") == 1)
      let aside = try #require(
        second.log.first { $0["msg"]?.hasPrefix("the state file can't be used") == true })
      #expect(try Data(contentsOf: URL(filePath: try #require(aside["file"]))) == bytes)
      let without = try Weir()
      #expect(without.log.contains { $0["msg"]?.hasPrefix("nothing is kept on disk") == true })
      #expect(try without.scrape().family("weir_state_protected") == nil)
    }

    @Test("is committed before a page of HTTP/1.0, which is whole")
    func oldHTTP() throws {
      let folder = try StateFolder()
      let weir = try Weir(folder.flag)
      try weir.send("hits_total:5|c")
      _ = try weir.scrape(afterDatagrams: 1)
      try weir.fillPage()
      let exchange = try HTTPExchange(try weir.webAddress())
      try exchange.send("GET /metrics HTTP/1.0\r\n\r\n")
      let answer = try exchange.answer()
      #expect(answer.fields["transfer-encoding"] == nil)
      #expect(answer.body.count == Int(try #require(answer.fields["content-length"])))
      #expect(try Page(answer.text).value("hits_total") == 5)
      let head = try http(try weir.webAddress(), "/metrics", method: "HEAD")
      #expect(head.status == 200)
    }

    @Test("is checked and printed while its Weir runs, and says where it is damaged")
    func commands() throws {
      let folder = try StateFolder()
      let weir = try Weir(folder.flag)
      func run(_ action: String) throws -> (ending: ChildProcess.Ending, lines: [Substring]) {
        let result = try runProgram(try Programs.weir(), ["state", action, folder.path])
        let lines = (result.output + result.error).split(separator: "\n")
        return (result.ending, lines)
      }
      try weir.send("hits_total:7|c|#k:v", "took_seconds:0.25|h", "depth:3|g", "users:ann|s")
      _ = try weir.scrape(until: "The series") { $0.value("users") == 1 }
      let check = try run("check")
      #expect(check.ending == .exit(0))
      #expect(check.lines.first?.hasPrefix("\(folder.path)/weir.state: is whole") == true)
      #expect(
        check.lines.contains("series: 4 of 4 names (counter 1, gauge 1, histogram 1, set 1)"))
      #expect(check.lines.contains { $0.hasPrefix("last commit: 20") && $0.hasSuffix(" s ago") })
      let dump = try run("dump")
      #expect(dump.ending == .exit(0))
      #expect(
        dump.lines.count { $0.hasPrefix(#"series counter hits_total{k="v"} value=7 "#) } == 1)
      // A reader that has left before the first byte.
      let pipe =
        "(sleep 0.3; '\(try Programs.weir())' state dump '\(folder.path)'; echo $? >&2) | :"
      let closed = try runProgram("/bin/sh", ["-c", pipe])
      #expect(closed.error == "0\n")
      #expect(try weir.scrape().value("weir_state_protected") == 1)
      try weir.kill()
      let file = folder.path + "/weir.state"
      var bytes = try Data(contentsOf: URL(filePath: file))
      bytes[40] ^= 1
      try bytes.write(to: URL(filePath: file))
      for action in ["check", "dump"] {
        let damaged = try run(action)
        #expect(damaged.ending == .exit(1))
        #expect(
          damaged.lines.last?.hasPrefix("weir: \(file): the file is damaged: ") == true)
      }
      #expect(try run("chek").ending == .exit(2))
      try FileManager.default.removeItem(atPath: file)
      #expect(try run("check").ending == .exit(1))
    }

    @Test("has what an instance was confirmed")
    func confirmed() throws {
      let folder = try StateFolder()
      let address = try TestSocket.freeAddress()
      for round in 1...3 {
        let weir = try Weir(folder.flag, "--statsd.listen-udp=\(address)")
        let result = try runProgram(try Programs.pushingClient(), [address, "17"])
        #expect(result.ending == .exit(0))
        // Nothing was scraped: only the confirmed frames made commits.
        try weir.kill()
        let next = try Weir(folder.flag)
        let labels = ["client": "swift", "service": "test"]
        #expect(try next.scrape().value("pushed_total", labels) == Double(17 * round))
        #expect(try next.stop() == .exit(0))
      }
    }
  }
}

extension TestSocket {
  /// A UDP address that was free just now.
  static func freeAddress() throws -> String {
    try occupy(.udp, "127.0.0.1:0").localAddress
  }
}
