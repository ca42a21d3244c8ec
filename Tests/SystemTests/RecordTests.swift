import Foundation
import Testing
import WeirCapture

extension WaitingTests {
  /// `weir record`, beside a running Weir. It needs root, or sudo that asks for no password.
  @Suite struct Record {
    private let folder: CaptureFolder

    init() throws { folder = try CaptureFolder() }

    /// The words that start a program as root.
    ///
    /// - Throws: `HarnessError` if nothing here can.
    private func starter() throws -> [String] {
      if geteuid() == 0 { return [] }
      let sudo = ["/usr/bin/sudo", "-n"]
      guard FileManager.default.isExecutableFile(atPath: sudo[0]),
        try runProgram(sudo[0], ["-n", "true"]).ending == .exit(0)
      else {
        throw HarnessError(
          "Tests of weir record need root: run them as root, or allow sudo without a password.")
      }
      return sudo
    }

    /// Starts a recording of what a Weir receives, and waits until it sees packets.
    private func record(_ file: String, at address: String, _ flags: String...) throws
      -> ChildProcess
    {
      let words =
        try starter() + [try Programs.weir(), "record", file, "--statsd.listen-udp=\(address)"]
        + flags
      let child = try ChildProcess(words[0], Array(words.dropFirst()))
      _ = try eventually("A recording") {
        if let ending = child.poll() {
          throw HarnessError("It ended at once, \(ending): \(child.standardError)")
        }
        return child.standardError.hasPrefix("recording datagrams to port") ? true : nil
      }
      return child
    }

    @Test func `what was recorded is replayed with the same counts`() throws {
      let file = folder.path("own.pcap")
      let recorded = try Weir()
      let udp = try #require(recorded.udp.first)
      let recording = try record(file, at: udp)
      let payloads = Captures.payloads(1_000)
      let start = Date().timeIntervalSince1970
      try Captures.send(payloads, to: udp)
      let total = try recorded.scrape(afterDatagrams: 1_000).sum("rq_total")
      #expect(total == Captures.sum(payloads))
      recording.signal(SIGINT)
      #expect(try recording.wait() == .exit(0))
      #expect(recording.standardError.contains("\nrecorded 1000 datagrams in "))
      let datagrams = try Captures.read(file)
      #expect(datagrams.map(\.payload) == payloads)
      let end = Date().timeIntervalSince1970
      #expect(
        datagrams.allSatisfy { start - 1...end + 1 ~= Double($0.nanoseconds) / 1e9 })
      #expect(datagrams.allSatisfy { $0.source.low == 0x7f00_0001 && $0.source.port != 0 })
      let attributes = try FileManager.default.attributesOfItem(atPath: file)
      #expect(attributes[.posixPermissions] as? Int == 0o600)
      let weir = try Weir()
      let replay = try runProgram(
        try Programs.weir(), ["replay", file, try #require(weir.udp.first), "--speed=max"])
      #expect(replay.ending == .exit(0), "\(replay.error)")
      #expect(try weir.scrape(afterDatagrams: 1_000).sum("rq_total") == total)
    }

    @Test func `datagrams over IPv6 are recorded, and those of other ports are not`() throws {
      let file = folder.path("six.pcap")
      let weir = try Weir("--statsd.listen-udp=[::1]:0", "--statsd.listen-udp=127.0.0.1:0")
      let six = try #require(weir.udp.first { $0.hasPrefix("[") })
      let four = try #require(weir.udp.first { !$0.hasPrefix("[") })
      let recording = try record(file, at: six)
      try TestSocket.connect(.udp, four).send("four_total:1|c")
      try TestSocket.connect(.udp, six).send("six_total:1|c")
      _ = try weir.scrape(afterDatagrams: 2)
      recording.signal(SIGTERM)
      #expect(try recording.wait() == .exit(0))
      let datagrams = try Captures.read(file)
      #expect(datagrams.map(\.payload) == [Array("six_total:1|c".utf8)])
      #expect(datagrams.first?.source.family == .ipv6 && datagrams.first?.source.low == 1)
    }

    @Test func `senders of other networks are left out`() throws {
      let file = folder.path("sender.pcap")
      let weir = try Weir()
      let udp = try #require(weir.udp.first)
      let recording = try record(file, at: udp, "--sender=10.0.0.0/8")
      try weir.send("a_total:1|c")
      _ = try weir.scrape(afterDatagrams: 1)
      recording.signal(SIGINT)
      #expect(try recording.wait() == .exit(1))
      #expect(try Captures.read(file).isEmpty)
      #expect(recording.standardError.contains("weir: no datagram to port "))
    }

    @Test func `it stops at its limit with a whole file, and after its time`() throws {
      let file = folder.path("full.pcap")
      let weir = try Weir()
      let udp = try #require(weir.udp.first)
      let recording = try record(file, at: udp, "--limit=2000")
      try Captures.send(Captures.payloads(100), to: udp)
      #expect(try recording.wait() == .exit(0))
      #expect(recording.standardError.contains("stopped because the file has reached --limit"))
      let size = try Data(contentsOf: URL(filePath: file)).count
      #expect(1_000...2_000 ~= size)
      #expect(!(try Captures.read(file).isEmpty))
      let dry = try runProgram(try Programs.weir(), ["replay", file, "--dry-run"])
      #expect(dry.ending == .exit(0) && !dry.output.contains("ends within"))
      let timed = try record(folder.path("timed.pcap"), at: udp, "--for=1s")
      #expect(try timed.wait() == .exit(1))
      #expect(timed.standardError.contains("\nrecorded 0 datagrams in "))
    }

    @Test func `a full disk leaves a whole file with what fits`() throws {
      let file = folder.path("full.pcap")
      let weir = try Weir()
      let udp = try #require(weir.udp.first)
      // The shell's limit on the length of files is in blocks of 512 or 1,024 bytes.
      let words =
        try starter() + [
          "/bin/sh", "-c", "ulimit -f 8; exec \"$@\"", "sh", try Programs.weir(),
          "record", file, "--statsd.listen-udp=\(udp)",
        ]
      let recording = try ChildProcess(words[0], Array(words.dropFirst()))
      _ = try eventually("A recording") {
        recording.standardError.hasPrefix("recording datagrams") ? true : nil
      }
      let payloads = Captures.payloads(300)
      try Captures.send(payloads, to: udp)
      #expect(try recording.wait() == .exit(1))
      let datagrams = try Captures.read(file)
      #expect(datagrams.map(\.payload) == Array(payloads.prefix(datagrams.count)))
      #expect(datagrams.count > 5)
      #expect(recording.standardError.contains("\nrecorded \(datagrams.count) datagrams in "))
      #expect(recording.standardError.contains("the file would be longer than allowed"))
      let dry = try runProgram(try Programs.weir(), ["replay", file, "--dry-run"])
      #expect(dry.ending == .exit(0) && !dry.output.contains("ends within"))
    }

    @Test func `a file that is there stays, unless --force replaces it`() throws {
      let file = folder.path("there.pcap")
      try "mine".write(toFile: file, atomically: true, encoding: .utf8)
      let words =
        try starter() + [
          try Programs.weir(), "record", file, "--statsd.listen-udp=127.0.0.1:9", "--for=1s",
        ]
      let refused = try runProgram(words[0], Array(words.dropFirst()))
      #expect(refused.ending == .exit(1))
      #expect(
        refused.error == "weir: \(file) exists; write another name, or replace it with --force\n")
      #expect(try String(contentsOfFile: file, encoding: .utf8) == "mine")
      let forced = try runProgram(words[0], Array(words.dropFirst()) + ["--force"])
      #expect(forced.error.contains("recorded 0 datagrams"))
      #expect(try Captures.read(file).isEmpty)
      let device = try runProgram(
        words[0],
        Array(words.dropFirst()).map { $0 == file ? "/dev/null" : $0 } + ["--force"])
      #expect(device.error.contains("/dev/null is not a regular file; write another name"))
      #expect(FileManager.default.fileExists(atPath: "/dev/null"))
      let inside = folder.path("")
      let there = try runProgram(
        words[0], Array(words.dropFirst()).map { $0 == file ? inside : $0 })
      #expect(
        there.error.hasSuffix("is a folder; write the name of a file, such as statsd.pcap in it\n"))
    }

    @Test func `without the right to see packets it says what to do, and makes no file`() throws {
      let file = folder.path("none.pcap")
      let words = [try Programs.weir(), "record", file, "--statsd.listen-udp=127.0.0.1:8125"]
      var ways = [words]
      if geteuid() == 0 {
        // As root without the capability, and as a user without any.
        ways = [
          [try Programs.setpriv(), "--bounding-set=-net_raw", "--inh-caps=-net_raw"] + words,
          [try Programs.setpriv(), "--reuid=65534", "--clear-groups"] + words,
        ]
      }
      for words in ways {
        let result = try runProgram(words[0], Array(words.dropFirst()))
        #expect(result.ending == .exit(1))
        #expect(
          result.error
            == "weir: recording needs root or CAP_NET_RAW; run it with sudo, or record with tcpdump -i any "
            + "-w FILE udp port 8125, which weir replay reads\n")
        #expect(result.output.isEmpty && !FileManager.default.fileExists(atPath: file))
      }
    }

    @Test func `mistakes on the command line are sentences`() throws {
      let weir = try Programs.weir()
      for (words, sentence) in [
        (["record"], "record takes one file; write weir record FILE, such as statsd.pcap"),
        (
          ["record", "x", "--sender=10.0.0.1/8"],
          "--sender: \"10.0.0.1/8\" has host bits set; write 10.0.0.0/8"
        ),
        (
          ["record", "x", "--statsd.listen-udp="],
          "record: these flags turn UDP off, and only datagrams can be recorded; write "
            + "--statsd.listen-udp=:PORT"
        ),
        (
          ["record", "x", "--statsd.listen-udp=:0"],
          "--statsd.listen-udp: port 0 does not identify a running weir; write the port from its log"
        ),
      ] {
        let result = try runProgram(weir, words)
        #expect(result.ending == .exit(2))
        #expect(result.error == "weir: \(sentence)\n")
      }
    }
  }
}
