import Testing

extension WaitingTests {
  /// What `weir send` reads, when, and where it asks.
  @Suite struct SendInput {
    @Test func `lines that come later are sent, too, at a rate and for a time`() throws {
      let weir = try Weir()
      let udp = try #require(weir.udp.first)
      func send(_ script: String, _ flags: [String]) throws -> (
        ending: ChildProcess.Ending, output: String, error: String
      ) {
        let all = ["send", "--url=http://\(try weir.webAddress())", udp] + flags
        return try runProgram(
          "/bin/bash", ["-c", "(\(script)) | \"$0\" \"$@\"", try Programs.weir()] + all)
      }
      let paused = "printf 'first_total:1|c\\n'; sleep 0.3; printf 'second_total:1|c\\n'"
      #expect(try send(paused, []).ending == .exit(0))
      #expect(try weir.scrape().value("second_total") == 1)
      let many = "yes 'many_total:1|c' | head -n 200"
      let begin = ContinuousClock.now
      #expect(try send(many, ["--rate=100/s"]).ending == .exit(0))
      // Only a lower bound: it never takes less than this.
      #expect(ContinuousClock.now - begin >= .seconds(2))
      let stopped = try send(many, ["--rate=50/s", "--for=1s"])
      #expect(stopped.ending == .exit(1))
      #expect(
        stopped.error
          == "weir: stopped after 1s, and not all lines are sent; write a longer time with --for\n")
      #expect(try weir.scrape().value("many_total").map { 201..<400 ~= $0 } == true)
    }

    @Test func `many long names are looked for in several requests`() throws {
      let weir = try Weir()
      let name = String(repeating: "n", count: 200)
      let lines = (0..<99).map { "\(name)\($0)_total:1|c" }
      let result = try runProgram(
        try Programs.weir(),
        ["send", "--url=http://\(try weir.webAddress())", try #require(weir.udp.first)] + lines)
      #expect(result.ending == .exit(0), "\(result.error)")
      #expect(result.output.split(separator: "\n").count { $0.hasPrefix("sent ") } == 11)
    }

    @Test func `Weir is asked where the environment says, or where its flags listen`() throws {
      let weir = try Weir()
      let (web, udp) = (try weir.webAddress(), try #require(weir.udp.first))
      let program = try Programs.weir()
      let named = try runProgram(
        "/usr/bin/env", ["WEIR_URL=http://\(web)", program, "send", udp, "a_total:1|c"])
      #expect(named.ending == .exit(0), "\(named.error)")
      let port = try #require(web.split(separator: ":").last)
      let flagged = try runProgram(
        "/usr/bin/env",
        ["-u", "WEIR_URL", program, "send", "--web.listen-address=:\(port)", udp, "a_total:1|c"])
      #expect(flagged.ending == .exit(0), "\(flagged.error)")
      #expect(try weir.scrape().value("a_total") == 2)
    }
  }
}
