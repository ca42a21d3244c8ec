import Foundation
import Testing

extension WaitingTests {
  /// `weir send`, and its demo, at a running Weir.
  @Suite struct Send {
    private struct Result {
      let ending: ChildProcess.Ending
      let output: String
      let error: String

      var lines: [String] { output.split(separator: "\n").map(String.init) }
    }

    /// Runs `weir send` for a Weir, or with these words alone.
    ///
    /// - Parameter input: A text for the standard input.
    private func send(
      _ words: [String], to weir: Weir? = nil, url: String? = nil, input: String? = nil
    ) throws -> Result {
      var all = ["send"] + words
      if let weir {
        let web = try url ?? "http://\(weir.webAddress())"
        all = ["send", "--url=\(web)", try #require(weir.udp.first)] + words
      }
      var program = try Programs.weir()
      if let input {
        all = ["-c", "printf %b \"$0\" | exec \"$@\"", input, program] + all
        program = "/bin/bash"
      }
      let result = try runProgram(program, all)
      return Result(ending: result.ending, output: result.output, error: result.error)
    }

    @Test func `lines are explained, sent, and seen`() throws {
      let weir = try Weir()
      let lines = ["llm_requests_total:3|c|#provider:openai", "seconds:5|ms", "seconds:7|ms"]
      let first = try send(lines, to: weir)
      #expect(first.ending == .exit(0))
      let udp = try #require(weir.udp.first)
      #expect(
        first.lines.prefix(4) == [
          lines[0], "  a counter, plus 3.0",
          #"  series llm_requests_total{provider="openai"}: a counter, kept for ever"#, lines[1],
        ])
      #expect(first.lines.contains("sent 3 lines to \(udp) in 1 datagram"))
      #expect(
        first.output.contains(
          #/\narrived: llm_requests_total\{provider="openai"\} absent (→|->) 3 in \d+ ms\n/#))
      #expect(first.output.contains(#/\narrived: seconds_count absent (→|->) 2 in \d+ ms\n/#))
      let second = try send([lines[0]], to: weir)
      #expect(second.output.contains(#/openai"\} 3 (→|->) 6 in \d+ ms\n/#))
      #expect(try weir.scrape().value("seconds_count") == 2)
    }

    @Test func `gauges and sets that do not change have arrived all the same`() throws {
      let weir = try Weir()
      for _ in 0..<2 {
        let result = try send(["depth:5|g", "users:ann|s"], to: weir)
        #expect(result.ending == .exit(0))
      }
      let changed = try send(["depth:+2|g"], to: weir)
      #expect(changed.output.contains(#/arrived: depth 5 (→|->) 7 in/#))
    }

    @Test func `a refused line is explained, not sent, and makes the status 1`() throws {
      let weir = try Weir()
      let result = try send(["good_total:1|c", "bad:1|x", "worse"], to: weir)
      #expect(result.ending == .exit(1))
      #expect(result.output.contains("\n  refused, unknown_type: the type is none of c g ms h d s"))
      #expect(result.output.contains("arrived: good_total absent"))
      #expect(result.error == "weir: 2 lines are refused, and not sent\n")
      #expect(try weir.scrape().sum("weir_lines_refused_total") == 0)
    }

    @Test func `lines come from standard input, as long as there are any`() throws {
      let weir = try Weir()
      let text = (1...250).map { "in_\($0 % 7)_total:1|c\\n" }.joined()
      let result = try send([], to: weir, input: text)
      #expect(result.ending == .exit(0))
      let page = try weir.scrape()
      #expect((0..<7).reduce(0) { $0 + (page.value("in_\($1)_total") ?? 0) } == 250)
      #expect(page.value("weir_lines_total") == 250)
      let named = try send(["last_total:1|c"], to: weir, input: "ignored_total:1|c\\n")
      #expect(named.ending == .exit(0))
      #expect(try weir.scrape().value("ignored_total") == nil)
    }

    @Test func `a mapping file of the flags applies`() throws {
      let folder = FileManager.default.temporaryDirectory
        .appending(path: "weir-send-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      let file = folder.appending(path: "m.yml").path
      try "mappings:\n- {match: app.*, name: app_total, labels: {part: $1}}\n"
        .write(toFile: file, atomically: true, encoding: .utf8)
      let weir = try Weir("--statsd.mapping-config=\(file)")
      let same = try send(["--statsd.mapping-config=\(file)", "app.a:1|c"], to: weir)
      #expect(same.ending == .exit(0))
      #expect(same.output.contains("arrived: app_total{part=\"a\"} absent"))
      // Rules are not for what is pushed.
      let pushed = try send(
        ["--push", "--statsd.mapping-config=\(file)", "app.c:1|c"], to: weir)
      #expect(pushed.output.contains("arrived: app_c absent"))
      let other = try send(["app.b:1|c"], to: weir)
      #expect(other.ending == .exit(1))
      #expect(other.lines.contains("sent, not seen within 2 s: app_b"))
      #expect(
        other.output.contains("\n  as many lines have arrived there, so they became other series"))
      #expect(other.error == "weir: series that have not arrived as sent: 1\n")
    }

    @Test func `what has not arrived has a cause`() throws {
      let weir = try Weir("--statsd.listen-udp=127.0.0.1:0", "--no-statsd.text")
      let url = "--url=http://\(try weir.webAddress())"
      let nobody = try TestSocket.freeAddress()
      let closed = try send([url, nobody, "a:1|c", "b:1|c"])
      #expect(closed.ending == .exit(1))
      #expect(closed.output.contains("\n  nobody listens at the address: its host has answered"))
      #expect(
        closed.output.contains("\n  this weir has received no datagram since, and listens on"))
      #expect(closed.output.contains(try #require(weir.udp.first)))
      let text = try send(["a:1|c"], to: weir)
      #expect(text.ending == .exit(1))
      #expect(text.output.contains("it takes no lines (--no-statsd.text); try --push"))
      let clash = try Weir()
      #expect(try send(["a:1|c"], to: clash).ending == .exit(0))
      let other = try send(["a:1|g"], to: clash)
      #expect(other.ending == .exit(1))
      #expect(other.output.contains("reason type_clash; see /debug/refused"))
      #expect(other.lines.contains("sent, not seen within 2 s: a, which is 1"))
    }

    @Test func `the status says what went wrong`() throws {
      let nobody = try TestSocket.freeAddress()
      let noWeir = try send(["--url=http://\(nobody)", "a:1|c"])
      #expect(noWeir.ending == .exit(3))
      #expect(noWeir.error.hasPrefix("weir: http://\(nobody)/metrics cannot be asked: "))
      #expect(noWeir.error.hasSuffix("or send without asking by --no-check\n"))
      let weir = try Weir()
      let wrongPath = try send(["a:1|c"], to: weir, url: "http://\(weir.webAddress())/nowhere")
      #expect(wrongPath.ending == .exit(3))
      #expect(wrongPath.error.contains("answered with status 404"))
      let page = try send(["a:1|c"], to: weir, url: "http://\(weir.webAddress())/-/healthy")
      #expect(page.error.contains("is not a page of weir"))
      #expect(try send(["--rate=0", "a:1|c"]).ending == .exit(2))
      #expect(try send(["--url=\(nobody)", "a:1|c"]).ending == .exit(2))
      #expect(try send(["--no-check", "nowhere.invalid:8125", "a:1|c"]).ending == .exit(3))
    }

    @Test func `Weir is asked over TLS, with a user, at any of its paths`() throws {
      let certificates = try Certificates()
      let weir = try Weir(
        "--web.config.file=\(try certificates.configureTLS(and: Security.users))")
      let password = certificates.path("password")
      try "right\n".write(toFile: password, atomically: true, encoding: .utf8)
      let web = "https://\(try weir.webAddress())"
      let trust = "--ca-file=\(certificates.path("ca.crt"))"
      let flags = [trust, "--user=prometheus", "--password-file=\(password)", "secret:1|c"]
      #expect(try send(flags, to: weir, url: web).ending == .exit(0))
      #expect(
        try send(flags, to: weir, url: "\(web)/api/metrics/prometheus").ending == .exit(0))
      let unknown = try send([trust, "secret:1|c"], to: weir, url: web)
      #expect(unknown.ending == .exit(3))
      #expect(unknown.error.contains("needs a user; write --user"))
      #expect(try send(["secret:1|c"], to: weir, url: web).ending == .exit(3))
    }

    @Test func `without the check any receiver will do`() throws {
      let inbox = try UnixInbox()
      let result = try send(["--no-check", inbox.path, "a:1|c", "b:2|g"])
      #expect(result.ending == .exit(0))
      #expect(result.lines.last == "sent 2 lines to \(inbox.path) in 1 datagram")
      #expect(try inbox.next() == "a:1|c\nb:2|g")
      // Frames have answers all the same.
      let nobody = try TestSocket.freeAddress()
      let pushed = try send(["--no-check", "--push", nobody, "a:1|c"])
      #expect(pushed.ending == .exit(1))
      #expect(pushed.error == "weir: 1 packet could not be sent, or were not confirmed\n")
    }

    @Test func `lines can be pushed as frames, signed if Weir wants it`() throws {
      let certificates = try Certificates()
      let keys = certificates.path("keys.yml")
      try "keys: [{id: a, secret: \(String(repeating: "0f", count: 16))}]\n"
        .write(toFile: keys, atomically: true, encoding: .utf8)
      chmod(keys, 0o600)
      let weir = try Weir("--push.keys-file=\(keys)", "--no-statsd.text")
      let lines = ["a_total:3|c|#k:v", "b:5|g", "c:+2|g", "d:40:50|ms", "e:ann|s"]
      let signed = try send(["--push", "--push.keys-file=\(keys)"] + lines, to: weir)
      #expect(signed.ending == .exit(0), "\(signed.output)")
      #expect(signed.output.contains("in 1 frame, of which weir has confirmed 1\n"))
      let page = try weir.scrape()
      #expect(page.value("a_total", ["k": "v"]) == 3 && page.value("b") == 5)
      #expect(page.value("c") == 2 && page.value("d_count") == 2 && page.value("e") == 1)
      let again = try send(["--push", "--push.keys-file=\(keys)", "b:5|g"], to: weir)
      #expect(again.output.contains(#/arrived: b 5 (→|->) 5 in/#))
      let unsigned = try send(["--push"] + lines, to: weir)
      #expect(unsigned.ending == .exit(1))
      #expect(unsigned.output.contains("of which weir has confirmed 0\n"))
      #expect(unsigned.output.contains("\n  it has refused "))
      #expect(!unsigned.output.contains("arrived: b"))
    }

    @Test func `names as sent are found`() throws {
      let weir = try Weir("--statsd.names=utf-8")
      let result = try send(
        ["--statsd.names=utf-8", "http.requests:1|c|#path.é:a b", "http.seconds:1|ms"], to: weir)
      #expect(result.ending == .exit(0))
      #expect(result.output.contains(#"arrived: {"http.requests","path.é"="a b"} absent"#))
      #expect(result.output.contains(#"arrived: {"http.seconds_count"} absent"#))
    }

    private static let metrics = [
      "llm_requests_total", "llm_request_duration_seconds", "llm_tokens_total",
      "rate_limit_hits_total", "process_resident_memory_bytes", "process_heap_bytes",
      "process_cpu_user_seconds_total", "process_cpu_system_seconds_total",
      "process_uptime_seconds", "nodejs_eventloop_lag_seconds", "nodejs_version_info",
    ]

    @Test(arguments: [[], ["--push"]])
    func `the demo arrives whole, with all metrics of the gateway`(flags: [String]) throws {
      let weir = try Weir("--push.gauge-ttl=1s")
      let result = try send(["--demo", "--rate=400/s", "--for=4s"] + flags, to: weir)
      #expect(result.ending == .exit(0), "\(result.output)\(result.error)")
      let page = try weir.scrape()
      // An instance that dies has not pushed its last second.
      #expect(page.sum("llm_requests_total") >= (flags.isEmpty ? 1_599 : 1_400))
      #expect(page.sum("llm_requests_total", ["status": "error"]) > 10)
      // Pushed gauges have left with their instances.
      let kept = Self.metrics.filter {
        flags.isEmpty || $0.hasSuffix("_total") || $0 == "llm_request_duration_seconds"
      }
      for name in kept { #expect(page.family(name) != nil, "\(name)") }
      #expect(result.output.contains("gateway-1 runs out of memory and dies"))
      #expect(result.output.contains(#/arrived: the sum of llm_requests_total 0 (→|->) \d+\n/#))
      #expect(page.sum("weir_lines_refused_total") == 0)
      #expect(page.sum("weir_push_records_refused_total") == 0)
    }

    @Test func `a signal ends the demo, which says what has arrived`() throws {
      let weir = try Weir()
      let demo = try ChildProcess(
        try Programs.weir(),
        [
          "send", "--demo=gateway", "--url=http://\(try weir.webAddress())",
          try #require(weir.udp.first),
        ])
      _ = try weir.scrape(until: "Requests") { $0.sum("llm_requests_total") > 20 }
      demo.signal(SIGINT)
      #expect(try demo.wait() == .exit(0))
      #expect(demo.standardOutput.contains("\narrived: the sum of llm_requests_total 0 "))
    }

    @Test func `a demo that nobody hears says so`() throws {
      let weir = try Weir()
      let nobody = try TestSocket.freeAddress()
      let result = try send([
        "--demo", "--for=1s", "--url=http://\(try weir.webAddress())", nobody,
      ])
      #expect(result.ending == .exit(1))
      #expect(result.output.contains("nobody listens at \(nobody)"))
      #expect(result.error.contains("requests have not arrived"))
      #expect(result.lines.count { $0.hasPrefix("nobody listens at \(nobody)") } == 1)
    }
  }
}
