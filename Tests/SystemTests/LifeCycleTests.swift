import Foundation
import Testing

extension SystemTests {
  /// How the server starts, refuses to start, and stops.
  @Suite struct LifeCycle {
    static let signals = [SIGTERM, SIGINT]

    @Test(arguments: signals)
    func `a signal stops an idle server with status 0`(signal: Int32) throws {
      let weir = try Weir()
      #expect(try weir.stop(signal) == .exit(0))
      #expect(weir.process.standardOutput.isEmpty)
      #expect(weir.log.last?["msg"] == "stopped")
    }

    @Test(arguments: signals)
    func `a signal is not lost however soon it comes after the server is ready`(
      signal: Int32
    ) throws {
      // Busy neighbours, which end by themselves, stretch every moment of the start.
      let busy = "import time\nend = time.time() + 60\nwhile time.time() < end: pass"
      let neighbours = try (0..<3).map { _ in
        try ChildProcess(try Programs.python(), ["-c", busy])
      }
      defer { for neighbour in neighbours { neighbour.signal(SIGKILL) } }
      let addresses = ["--statsd.listen-udp=127.0.0.1:0", "--web.listen-address=127.0.0.1:0"]
      for _ in 0..<60 {
        let server = try ChildProcess(try Programs.weir(), addresses)
        // Without a pause between looks: the moment after the line is the one that counts.
        let end = ContinuousClock.now + .seconds(20)
        while !server.standardError.contains("ready\n"), ContinuousClock.now < end {}
        server.signal(signal)
        #expect(try server.wait(within: 20) == .exit(0))
      }
    }

    @Test(arguments: signals)
    func `what the kernel has received is applied before the server stops`(signal: Int32) throws {
      let weir = try Weir()
      let sender = try weir.sender()
      // While the server stands still its datagrams and the signal gather in the kernel.
      weir.process.signal(SIGSTOP)
      let datagrams = 200
      for _ in 0..<datagrams { try sender.send("late_total:1|c\nlate_seconds:1|h") }
      weir.process.signal(signal)
      weir.process.signal(SIGCONT)
      #expect(try weir.process.wait(within: 20) == .exit(0))
      let stopped = try #require(weir.log.last)
      #expect(stopped["msg"] == "stopped")
      #expect(stopped["datagrams"] == "\(datagrams)")
      #expect(stopped["lines"] == "\(2 * datagrams)")
    }

    @Test func `what the kernel dropped is in the log when the server stops`() throws {
      let weir = try Weir("--statsd.read-buffer=4096")
      let sender = try weir.sender()
      weir.process.signal(SIGSTOP)
      let datagrams = 2_000
      for _ in 0..<datagrams { try sender.send("dropped_total:1|c") }
      weir.process.signal(SIGTERM)
      weir.process.signal(SIGCONT)
      #expect(try weir.process.wait(within: 20) == .exit(0))
      let log = weir.log
      let stopped = try #require(log.last)
      let received = try #require(stopped["datagrams"].flatMap { Int($0) })
      let drops = log.filter {
        $0["msg"] == "the kernel dropped datagrams because the receive buffer was full"
      }
      #expect(received < datagrams)
      #expect(drops.count == 1)
      #expect(drops.first?["level"] == "warn")
      #expect(drops.first?["address"] == weir.udp[0])
      #expect(drops.first?["dropped"] == "\(datagrams - received)")
    }

    @Test func `a hangup ends nothing`() throws {
      let weir = try Weir()
      weir.process.signal(SIGHUP)
      try weir.send("after_hangup_total:1|c")
      #expect(try weir.scrape(afterDatagrams: 1).value("after_hangup_total") == 1)
      #expect(try weir.stop(SIGTERM) == .exit(0))
    }

    @Test func `a hangup while a file is loaded at the start is one of after the start`() throws {
      let file = FileManager.default.temporaryDirectory
        .appending(path: "weir-hangup-\(UUID().uuidString).yml").path
      defer { try? FileManager.default.removeItem(atPath: file) }
      // An expression that takes some time to compile.
      let rules = "mappings:\n- match: '(\\pL{1,200}){2}x'\n  match_type: regex\n  name: nn\n"
      try rules.write(toFile: file, atomically: true, encoding: .utf8)
      let server = try ChildProcess(
        try Programs.weir(),
        [
          "--statsd.listen-udp=127.0.0.1:0", "--web.listen-address=127.0.0.1:0",
          "--statsd.mapping-config=\(file)",
        ])
      _ = try eventually("A process that SIGHUP does not end") {
        let status = try String(contentsOfFile: "/proc/\(server.pid)/status", encoding: .utf8)
        let caught = status.split(separator: "\n").first { $0.hasPrefix("SigCgt:") }
        return caught?.last.flatMap { $0.hexDigitValue }.map { $0 & 1 == 1 } == true ? true : nil
      }
      server.signal(SIGHUP)
      _ = try eventually("A reload", within: 30) {
        server.standardError.contains("reason=SIGHUP") ? true : nil
      }
      server.signal(SIGTERM)
      #expect(try server.wait(within: 20) == .exit(0))
    }

    @Test(arguments: signals)
    func `a flood that outpaces the server does not keep it from stopping`(signal: Int32) throws {
      let weir = try Weir()
      let address = try #require(weir.udp.first)
      let flood = [
        "--address=\(address)", "--datagrams-per-second=0", "--datagram-bytes=60000",
        "--seconds=40",
      ]
      let senders = try (0..<2).map { _ in try ChildProcess(try Programs.load(), flood) }
      defer { for sender in senders { sender.signal(SIGKILL) } }
      _ = try eventually("Losses, which show that the server is behind") {
        try weir.scrape().sum("weir_datagrams_dropped_total") > 0 ? true : nil
      }
      weir.process.signal(signal)
      // Two seconds for the socket, five for answers, and some for a busy machine.
      #expect(try weir.process.wait(within: 20) == .exit(0))
      #expect(senders.allSatisfy { $0.poll() == nil })
    }

    @Test(arguments: signals)
    func `a scrape in progress is answered in full`(signal: Int32) throws {
      let weir = try Weir()
      try weir.fillPage()
      let scraper = try HTTPExchange(try weir.webAddress(), receiveBuffer: 65_536)
      try scraper.request("GET", "/metrics")
      // The answer is longer than both socket buffers hold, so it is still being written.
      try #require(scraper.hasAnswer(within: 10))
      weir.process.signal(signal)
      _ = try eventually("The stop") { weir.log.first { $0["msg"] == "stopping" } }
      #expect(weir.process.poll() == nil)
      let answer = try scraper.answer()
      #expect(answer.status == 200)
      #expect(answer.text.hasSuffix("\n"))
      #expect(try weir.process.wait(within: 20) == .exit(0))
    }

    @Test func `a port of another program is one sentence and status 1`() throws {
      let udp = try TestSocket.occupy(.udp, "127.0.0.1:0")
      try expectRefusal(
        ["--statsd.listen-udp=\(try udp.localAddress)", "--web.listen-address=127.0.0.1:0"],
        status: 1,
        "cannot listen on \(try udp.localAddress): the port is in use; stop the other program or "
          + "choose another with --statsd.listen-udp")
      let tcp = try TestSocket.occupy(.tcp, "127.0.0.1:0")
      try expectRefusal(
        ["--statsd.listen-udp=127.0.0.1:0", "--web.listen-address=\(try tcp.localAddress)"],
        status: 1,
        "cannot listen on \(try tcp.localAddress): the port is in use; stop the other program or "
          + "choose another with --web.listen-address")
    }

    @Test(arguments: [1, 2])
    func `a second server at the same UDP address does not start`(receivers: Int) throws {
      let weir = try Weir("--statsd.receivers=\(receivers)")
      let address = try #require(weir.udp.first)
      try expectRefusal(
        [
          "--statsd.listen-udp=\(address)", "--web.listen-address=127.0.0.1:0",
          "--statsd.receivers=\(receivers)",
        ],
        status: 1,
        "cannot listen on \(address): the port is in use; stop the other program or choose "
          + "another with --statsd.listen-udp")
    }

    @Test(arguments: [
      ("--nonsense", "--nonsense is not a flag of weir; see weir --help for the flags"),
      (
        "--statsd.listen-upd=:8125",
        "--statsd.listen-upd is not a flag of weir; did you mean --statsd.listen-udp?"
      ),
      ("8125", "\"8125\" is not a command of weir; see weir --help for commands and flags"),
      ("--log.level", "--log.level has no value; write --log.level=debug|info|warn|error"),
      (
        "--web.telemetry-path=metrics",
        "--web.telemetry-path: \"metrics\" does not begin with a slash; "
          + "write a path such as /metrics"
      ),
    ])
    func `a mistake in the flags is one sentence and status 2`(
      argument: String, sentence: String
    ) throws {
      try expectRefusal([argument], status: 2, sentence)
    }

    @Test(arguments: [
      (
        "8125",
        "--statsd.listen-udp: bad address \"8125\": write host:port, for example 127.0.0.1:8125"
      ),
      (
        "::1:8125",
        "--statsd.listen-udp: bad address \"::1:8125\": write an IPv6 address as [host]:port, "
          + "for example [::1]:8125"
      ),
      (
        "127.0.0.1:80000",
        "--statsd.listen-udp: bad address \"127.0.0.1:80000\": the port must be a number from 0 to "
          + "65535, for example 127.0.0.1:8125"
      ),
      (
        "192.0.2.1:8125",
        "cannot listen on 192.0.2.1:8125: this machine does not have this address; "
          + "choose another with --statsd.listen-udp"
      ),
    ])
    func `a bad address is one sentence and status 1`(address: String, sentence: String) throws {
      try expectRefusal(["--statsd.listen-udp=\(address)"], status: 1, sentence)
    }

    @Test func `an unknown host is one sentence and status 1`() throws {
      let refused = try runProgram(
        try Programs.weir(), ["--statsd.listen-udp=no-such-host.invalid:8125"])
      #expect(refused.ending == .exit(1))
      // Between the two stand the resolver's own words.
      let start =
        "weir: --statsd.listen-udp: unknown host \"no-such-host.invalid\" in "
        + "\"no-such-host.invalid:8125\": "
      #expect(refused.error.hasPrefix(start))
      #expect(
        refused.error.hasSuffix("; write an address of this machine, for example 127.0.0.1:8125\n"))
      #expect(refused.error.count { $0 == "\n" } == 1)
    }

    @Test func `help and version are on standard output with status 0`() throws {
      let help = try runProgram(try Programs.weir(), ["--help"])
      #expect(help.ending == .exit(0))
      for flag in [
        "--statsd.listen-udp", "--statsd.read-buffer", "--statsd.receivers", "--statsd.gather",
        "statsd.gro", "--statsd.gauge-sign", "--series.ttl",
        "--web.listen-address", "--web.telemetry-path", "--log.level", "--log.format",
      ] { #expect(help.output.contains(flag)) }
      let version = try runProgram(try Programs.weir(), ["--version"])
      #expect(version.ending == .exit(0))
      #expect(version.output.wholeMatch(of: #/weir [0-9]+\.[0-9]+\.[0-9]+\n/#) != nil)
      #expect(help.error + version.error == "")
    }

    @Test(arguments: ["logfmt", "json"])
    func `the log has one event a line with its time and level`(format: String) throws {
      let weir = try Weir("--log.format=\(format)")
      #expect(try weir.stop() == .exit(0))
      #expect(weir.log.count == weir.process.standardError.count { $0 == "\n" })
      for line in weir.log {
        let time = try #require(line["ts"])
        let form = #/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z/#
        #expect(time.wholeMatch(of: form) != nil)
        #expect(["info", "warn"].contains(line["level"]))
        #expect(line["msg"]?.isEmpty == false)
      }
      let granted = weir.log.compactMap { $0["read_buffer_bytes"].flatMap { Int($0) } }
      #expect(granted.count == 1 && granted.allSatisfy { $0 > 0 })
    }

    @Test func `a small receive buffer is reported with the remedy`() throws {
      // More than any kernel's default limit; a privileged server is granted it all the same.
      let asked = 64 << 20
      let weir = try Weir("--statsd.read-buffer=\(asked)")
      let granted = weir.log.compactMap { $0["read_buffer_bytes"].flatMap { Int($0) } }.first
      let remedies = weir.log.compactMap { $0["remedy"] }.filter { $0.hasPrefix("sysctl") }
      let isSmall = try #require(granted) < asked
      #expect(remedies == (isSmall ? ["sysctl -w net.core.rmem_max=\(asked)"] : []))
    }

    private func expectRefusal(
      _ arguments: [String], status: Int32, _ sentence: String,
      sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      let refused = try runProgram(try Programs.weir(), arguments, within: 20)
      #expect(refused.ending == .exit(status), sourceLocation: sourceLocation)
      #expect(refused.error == "weir: \(sentence)\n", sourceLocation: sourceLocation)
      #expect(refused.output.isEmpty, sourceLocation: sourceLocation)
    }
  }
}

extension Weir {
  /// Sends so many series that the page is longer than what socket buffers hold: some 7 MB.
  func fillPage() throws {
    let report = try LoadReport.run(
      self, "--series=16000", "--datagram-bytes=1432", "--datagrams=1000",
      "--datagrams-per-second=2000")
    #expect(report.correct)
  }
}
