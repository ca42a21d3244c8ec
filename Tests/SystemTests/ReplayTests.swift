import Foundation
import Testing
import WeirCapture

extension WaitingTests {
  /// `weir replay`, at a running Weir.
  @Suite struct Replay {
    private let folder: CaptureFolder

    init() throws { folder = try CaptureFolder() }

    private func replay(
      _ words: String...
    ) throws -> (ending: ChildProcess.Ending, output: String, error: String) {
      try runProgram(try Programs.weir(), ["replay"] + words, within: 120)
    }

    /// The seconds that the summary of a replay gives.
    private func seconds(_ output: String) throws -> Double {
      let match = try #require(output.firstMatch(of: #/ in ([0-9.]+) s, /#))
      return try #require(Double(match.1))
    }

    @Test func `tcpdump reads what is written here, and finds the check sums right`() throws {
      let file = folder.path("own.pcap")
      let payloads = Captures.payloads(200)
      try Captures.write(payloads, to: file)
      let result = try runProgram(try Programs.tcpdump(), ["-nn", "-vv", "-r", file])
      #expect(result.ending == .exit(0))
      #expect(result.error.contains("link-type RAW"))
      #expect(result.output.matches(of: /udp sum ok/).count == payloads.count)
      #expect(!result.output.contains("bad") && !result.output.contains("truncated"))
      #expect(result.output.contains("10.0.0.7.40000 > 10.0.0.1.8125"))
      #expect(result.output.contains("fd00::7.40000 > fd00::1.8125"))
    }

    @Test func `the pace is that of the recording, or a multiple, and every count is exact`() throws
    {
      let file = folder.path("own.pcap")
      let payloads = Captures.payloads(1_500)
      try Captures.write(payloads, to: file, everyMilliseconds: 2)
      var took: [Double] = []
      for speed in ["1", "10", "max"] {
        let weir = try Weir()
        let udp = try #require(weir.udp.first)
        let result = try replay(file, udp, "--speed=\(speed)")
        #expect(result.ending == .exit(0), "\(result.error)")
        #expect(result.output.hasPrefix("sent 1500 datagrams of "))
        let page = try weir.scrape(afterDatagrams: 1_500)
        #expect(page.sum("rq_total") == Captures.sum(payloads))
        #expect(page.sum("weir_datagrams_received_total") == 1_500)
        took.append(try seconds(result.output))
      }
      // The last is due after 2.998 s.
      #expect(took[0] >= 2.99)
      #expect(took[1] >= 0.29)
    }

    /// What tcpdump writes, by its interface and type of link.
    @Test(arguments: [["-i", "lo"], ["-i", "any"], ["-i", "any", "-y", "LINUX_SLL"]])
    func `what tcpdump records live is replayed exactly`(interface: [String]) throws {
      let file = folder.path("live.pcap")
      let recorded = try Weir()
      let udp = try #require(recorded.udp.first)
      let port = try HostPort(udp).port
      let root = geteuid() == 0 ? ["-Z", "root"] : []
      let dump = try ChildProcess(
        try Programs.tcpdump(),
        // The shorter packets are cut, the more of them the kernel has room for.
        interface + root + [
          "--immediate-mode", "-U", "-s", "2048", "-B", "8192", "-w", file, "udp", "port",
          "\(port)",
        ])
      _ = try eventually("A capture") {
        dump.standardError.contains("listening on") ? true : nil
      }
      let payloads = Captures.payloads(600)
      try Captures.send(payloads, to: udp)
      _ = try recorded.scrape(afterDatagrams: 600)
      _ = try eventually("All packets in the file") {
        try Captures.read(file).count >= 600 ? true : nil
      }
      dump.signal(SIGINT)
      #expect(try dump.wait() == .exit(0))
      #expect(try Captures.read(file).map(\.payload) == payloads)
      let weir = try Weir()
      let result = try replay(file, try #require(weir.udp.first), "--speed=max")
      #expect(result.ending == .exit(0), "\(result.error)")
      #expect(
        try weir.scrape(afterDatagrams: 600).sum("rq_total") == Captures.sum(payloads))
    }

    @Test func `a file is sent several times, to the port of the flags, or one of its ports`()
      throws
    {
      let weir = try Weir()
      let udp = try #require(weir.udp.first)
      let (one, two) = (folder.path("one.pcap"), folder.path("two.pcap"))
      try Captures.write([Array("a_total:1|c".utf8)], to: one, port: 9_125)
      try Captures.write([Array("b_total:1|c".utf8)], to: two)
      let both = folder.path("both.pcap")
      var bytes = try Data(contentsOf: URL(filePath: one))
      bytes += try Data(contentsOf: URL(filePath: two)).dropFirst(24)
      try bytes.write(to: URL(filePath: both))
      let result = try replay(both, "--statsd.listen-udp=\(udp)", "--loop=3", "--speed=10")
      #expect(result.ending == .exit(0))
      #expect(
        result.output.contains(
          "the file has datagrams to several ports: 8125 (1), 9125 (1); --port sends those to one"))
      let page = try weir.scrape(afterDatagrams: 6)
      #expect(page.value("a_total") == 3 && page.value("b_total") == 3)
      let picked = try replay(both, udp, "--port=9125")
      #expect(picked.ending == .exit(0) && picked.output.hasPrefix("sent 1 datagram of 11 bytes"))
      #expect(try weir.scrape(afterDatagrams: 7).value("a_total") == 4)
      let none = try replay(both, udp, "--port=1")
      #expect(none.ending == .exit(1))
      #expect(none.error.contains("has no whole datagram to port 1; record again"))
    }

    @Test func `timestamps are moved to the present`() throws {
      let file = folder.path("times.pcap")
      // Five seconds before the packet was recorded.
      try Captures.write([Array("a_total:1|c|#k:v|T1749999995".utf8)], to: file)
      let receiver = try TestSocket.occupy(.udp, "127.0.0.1:0")
      let before = Date().timeIntervalSince1970
      let result = try replay(file, try receiver.localAddress, "--rewrite-time")
      let after = Date().timeIntervalSince1970
      #expect(result.ending == .exit(0))
      let text = String(decoding: try receiver.receive(), as: UTF8.self)
      #expect(text.hasPrefix("a_total:1|c|#k:v|T"))
      let time = try #require(Double(text.dropFirst(18)))
      #expect(before - 6...after - 4 ~= time)
      _ = try replay(file, try receiver.localAddress)
      #expect(try receiver.receive() == Array("a_total:1|c|#k:v|T1749999995".utf8))
    }

    @Test func `a dry run says what the file has, and sends nothing`() throws {
      let file = folder.path("own.pcap")
      try Captures.write(Captures.payloads(100), to: file)
      let result = try replay(file, "--dry-run")
      #expect(result.ending == .exit(0))
      let lines = result.output.split(separator: "\n").map(String.init)
      #expect(lines.first == "\(file): pcap, raw IP, times in nanoseconds")
      #expect(lines[1].hasPrefix("100 datagrams of "))
      #expect(lines[1].hasSuffix(" lines in 0.099 s"))
      #expect(
        lines[2...] == [
          "the first is of 2025-06-15T15:06:40.000Z", "ports: 8125 (100)",
          "senders: 10.0.0.7 (90), fd00::7 (10)",
        ])
    }

    @Test func `Ctrl-C ends it with a summary`() throws {
      let file = folder.path("slow.pcap")
      try Captures.write(Captures.payloads(3), to: file, everyMilliseconds: 3_600_000)
      let weir = try Weir()
      let child = try ChildProcess(
        try Programs.weir(), ["replay", file, try #require(weir.udp.first)])
      _ = try weir.scrape(afterDatagrams: 1)
      child.signal(SIGINT)
      #expect(try child.wait() == .exit(0))
      #expect(child.standardOutput.hasPrefix("sent 1 datagram of "))
      #expect(child.standardOutput.contains("\nstopped by a signal before the end\n"))
      let short = try replay(file, try #require(weir.udp.first), "--for=1s")
      #expect(short.ending == .exit(1))
      #expect(short.error.contains("stopped after 1s, and not everything is sent"))
    }

    @Test func `what goes wrong is a sentence and a status`() throws {
      let file = folder.path("own.pcap")
      try Captures.write(Captures.payloads(2), to: file)
      let nobody = try replay(file, try TestSocket.freeAddress())
      #expect(nobody.ending == .exit(3))
      #expect(nobody.error.contains("its host has answered that the port is closed"))
      let missing = try replay(folder.path("none.pcap"), "127.0.0.1:9")
      #expect(missing.ending == .exit(1))
      #expect(missing.error.contains("cannot be read: there is no such file; write the path"))
      let text = folder.path("text.pcap")
      try "a_total:1|c\nand so on and on and on".write(
        toFile: text, atomically: true, encoding: .utf8)
      let foreign = try replay(text, "127.0.0.1:9")
      #expect(foreign.ending == .exit(1))
      #expect(
        foreign.error
          == "weir: \(text) is not a pcap file; give one that weir record or tcpdump -w has written\n"
      )
      // Nothing was sent, and nothing is told about it.
      #expect(foreign.output.isEmpty && missing.output.isEmpty)
      let empty = folder.path("empty.pcap")
      try Captures.write([], to: empty)
      let nothing = try replay(empty, "127.0.0.1:9")
      #expect(nothing.ending == .exit(1) && nothing.output.isEmpty)
      #expect(nothing.error.contains("has no whole datagram; record again"))
      for words in [
        ["replay"], ["replay", file, "nowhere"], ["replay", file, "a:1", "b:2"],
        ["replay", file, "--speed=0"], ["replay", file, "--loop=0"],
      ] {
        #expect(try runProgram(try Programs.weir(), words).ending == .exit(2))
      }
    }
  }
}
