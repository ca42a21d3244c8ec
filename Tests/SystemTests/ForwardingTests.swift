import Foundation
import Testing

extension SystemTests {
  /// A Weir that pushes what it counts to another.
  @Suite("Forwarding")
  struct ForwardingTests {
    private static func folder() throws -> URL {
      let folder = FileManager.default.temporaryDirectory
        .appending(path: "weir-forward-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      return folder
    }

    /// An address that nobody has just now.
    private static func freeAddress() throws -> String {
      try TestSocket.occupy(.udp, "127.0.0.1:0").localAddress
    }

    @Test("two hosts are one in the middle: counters, histograms, gauges, sets and summaries")
    func twoHosts() throws {
      let middle = try Weir("--observe=slow_*=summary")
      let to = "--forward.address=\(try #require(middle.udp.first))"
      let hosts = [
        try Weir(to, "--observe=slow_*=summary"), try Weir(to, "--forward.labels=zone=b"),
      ]
      try hosts[0].send("hits_total:3|c|#code:200\njobs:+3|g|#zone:b\nuser:ann|s|#zone:b")
      try hosts[0].send("lat:0.3|h\nslow_io:2|h\nslow_io:4|h")
      try hosts[1].send(
        "hits_total:4|c|#code:200,zone:own\njobs:-1|g\nuser:ann|s\nuser:bob|s\nlat:7|h")
      let page = try middle.scrape(until: "All series") {
        $0.value("jobs", ["zone": "b"]) == 2 && $0.value("hits_total", ["code": "200"]) == 3
          && $0.value("hits_total", ["code": "200", "zone": "own"]) == 4
          && $0.value("user", ["zone": "b"]) == 2 && $0.value("lat_count", ["zone": "b"]) == 1
          && $0.value("slow_io_count") == 2
      }
      #expect(page.value("lat_count") == 1)
      #expect(page.value("lat_bucket", ["le": "0.5"]) == 1)
      #expect(page.value("lat_sum", ["zone": "b"]) == 7)
      #expect(page.value("slow_io_sum") == 6)
      #expect(page.value("slow_io", ["quantile": "0.5"]) != nil)
      #expect(page.sum("weir_push_records_refused_total") == 0)
      // The hosts show only their own metrics.
      let own = try hosts[0].scrape(until: "A confirmation") {
        $0.sum("weir_forward_frames_confirmed_total") > 0
      }
      #expect(own.value("hits_total", ["code": "200"]) == nil)
      #expect(page.value("weir_forward_frames_total") == nil)
    }

    @Test("HTTPS: by the certificates of a file, with a password that no log shows")
    func https() throws {
      let certificates = try Certificates()
      let web = try certificates.configure(
        """
        tls_server_config:
          cert_file: server.crt
          key_file: server.key
        """)
      let middle = try Weir("--web.config.file=\(web)")
      let url = "https://ann:secret-word@\(try middle.webAddress())/api/v1/push"
      let trusting = try Weir(
        "--forward.url=\(url)", "--forward.ca-file=\(certificates.path("ca.crt"))",
        "--forward.expose")
      let doubting = try Weir(
        "--forward.url=\(url)", "--forward.ca-file=\(certificates.path("other.crt"))")
      try trusting.send("hits_total:5|c")
      try doubting.send("hits_total:100|c")
      let confirmed = try trusting.scrape(until: "A confirmation") {
        $0.sum("weir_forward_frames_confirmed_total") > 0
      }
      #expect(confirmed.value("hits_total") == 5, "--forward.expose")
      _ = try eventually("A fault in the log") {
        doubting.log.first { $0["msg"] == "forwarding failed; trying again" }
      }
      let failed = try doubting.scrape()
      #expect(failed.sum("weir_forward_frames_confirmed_total") == 0)
      #expect(failed.sum("weir_forward_frames_total") == 0)
      for weir in [trusting, doubting] {
        #expect(!weir.process.standardError.contains("secret-word"))
      }
      let answer = try runProgram(
        "/usr/bin/env",
        [
          "curl", "-s", "--cacert", certificates.path("ca.crt"),
          "https://\(try middle.webAddress())/metrics",
        ])
      #expect(answer.output.contains("\nhits_total 5\n"))
    }

    @Test("after a restart with its state it is the same instance, and without it another")
    func restarts() throws {
      let folder = try Self.folder()
      defer { try? FileManager.default.removeItem(at: folder) }
      let middle = try Weir()
      let to = "--forward.address=\(try #require(middle.udp.first))"
      func instance(_ weir: Weir) throws -> String {
        try #require(weir.log.first { $0["msg"] == "forwarding" }?["instance"])
      }
      func run(_ count: Int, total: Double, _ flags: [String], kill: Int32) throws -> String {
        let weir = try Weir.start([to] + flags)
        try weir.send("hits_total:\(count)|c\njobs:+\(count)|g")
        _ = try middle.scrape(until: "A total of \(total)") {
          $0.value("hits_total") == total && $0.value("jobs") == total
        }
        let instance = try instance(weir)
        _ = try weir.stop(kill)
        return instance
      }
      let state = "--state.dir=\(folder.path)"
      let first = try run(3, total: 3, [state], kill: SIGKILL)
      let second = try run(4, total: 7, [state], kill: SIGTERM)
      #expect(second == first)
      let third = try run(5, total: 12, [], kill: SIGTERM)
      #expect(third != first)
      // A copy would be the same instance a second time.
      let copy = try Self.folder()
      defer { try? FileManager.default.removeItem(at: copy) }
      try FileManager.default.copyItem(
        at: folder.appending(path: "weir.state"), to: copy.appending(path: "weir.state"))
      let fourth = try run(6, total: 18, ["--state.dir=\(copy.path)"], kill: SIGTERM)
      #expect(fourth != first)
      let fifth = try run(7, total: 25, [state], kill: SIGTERM)
      #expect(fifth == first)
      #expect(try middle.scrape().sum("weir_push_frames_refused_total") == 0)
    }

    @Test("frames are passed on, and a client is answered when the middle has answered")
    func relays() throws {
      let middle = try Weir()
      let near = try Weir("--forward.address=\(try #require(middle.udp.first))")
      #expect(try PushTests.Client.python.push(41, to: try #require(near.udp.first)))
      // No scrape is waited for: it was confirmed.
      let labels = PushTests.Client.python.labels
      #expect(try middle.scrape().value("pushed_total", labels) == 41)
      let page = "http://\(try near.webAddress())/api/v1/push"
      #expect(try PushTests.Client.python.push(1, to: page))
      #expect(try middle.scrape().value("pushed_total", labels) == 42)
      let own = try near.scrape()
      #expect(own.sum("weir_forward_relayed_frames_confirmed_total") >= 2)
      #expect(own.sum("weir_push_instances") == 0)
      #expect(own.sum("weir_forward_relayed_frames_dropped_total") == 0)
    }

    @Test("a middle that is away for a while gets everything when it is back")
    func away() throws {
      let folder = try Self.folder()
      defer { try? FileManager.default.removeItem(at: folder) }
      let state = "--state.dir=\(folder.path)"
      let middle = try Weir(state)
      let address = try #require(middle.udp.first)
      let near = try Weir("--forward.address=\(address)")
      try near.send("hits_total:3|c")
      _ = try middle.scrape(until: "The first") { $0.value("hits_total") == 3 }
      _ = try middle.stop(SIGKILL)
      try near.send("hits_total:4|c\nmore_total:1|c")
      Thread.sleep(forTimeInterval: 2.5)
      let again = try Weir(state, "--statsd.listen-udp=\(address)")
      _ = try again.scrape(until: "The rest") {
        $0.value("hits_total") == 7 && $0.value("more_total") == 1
      }
    }

    @Test("a circle is found, and an address of its own is refused")
    func loops() throws {
      let ports = try (0..<2).map { _ in try Self.freeAddress() }
      let first = try Weir("--statsd.listen-udp=\(ports[0])", "--forward.address=\(ports[1])")
      let second = try Weir("--statsd.listen-udp=\(ports[1])", "--forward.address=\(ports[0])")
      defer { withExtendedLifetime(second) {} }
      try first.send("hits_total:3|c")
      let page = try first.scrape(until: "A loop") { $0.sum("weir_forward_loops_total") > 0 }
      #expect(page.value("weir_push_frames_refused_total", ["reason": "loop"]) ?? 0 > 0)
      let own = try Self.freeAddress()
      let itself = try runProgram(
        try Programs.weir(),
        [
          "--statsd.listen-udp=\(own)", "--web.listen-address=127.0.0.1:0",
          "--forward.address=\(own)",
        ])
      #expect(itself.ending == .exit(1))
      #expect(
        itself.error.contains(
          "--forward.address: \(own) is this Weir itself, which listens on \(own); write the "
            + "address of another Weir"))
    }
  }
}
