import Foundation
import Testing

extension SystemTests {
  /// Where the server can be told to listen.
  @Suite struct Listening {
    @Test(arguments: [
      ("[::1]:0", ["[::1]"]), ("[::]:0", ["[::1]", "127.0.0.1"]), (":0", ["[::1]", "127.0.0.1"]),
      ("127.0.0.1:0", ["127.0.0.1"]), ("localhost:0", ["127.0.0.1"]),
    ])
    func `an address is reached from each of its hosts`(address: String, hosts: [String]) throws {
      let weir = try Weir("--statsd.listen-udp=\(address)", "--web.listen-address=\(address)")
      let udp = try HostPort(try #require(weir.udp.first)).port
      let web = try HostPort(try #require(weir.web.first)).port
      for (index, host) in hosts.enumerated() {
        let socket = try TestSocket.connect(.udp, "\(host):\(udp)")
        try socket.send("reached_total:1|c|#host:h\(index)")
        // A datagram is counted as received after its lines are shown.
        let page = try eventually("The datagram sent to \(host)") {
          let page = try weir.scrape(at: "\(host):\(web)")
          return page.sum("weir_datagrams_received_total") >= Double(index + 1) ? page : nil
        }
        #expect(page.sum("weir_datagrams_received_total") == Double(index + 1))
        #expect(page.value("reached_total", ["host": "h\(index)"]) == 1)
      }
    }

    @Test func `two UDP and two web addresses are counted and served by themselves`() throws {
      let weir = try Weir(
        "--statsd.listen-udp=127.0.0.1:0", "--statsd.listen-udp", "[::1]:0",
        "--web.listen-address=127.0.0.1:0", "--web.listen-address", "[::1]:0")
      try #require(weir.udp.count == 2 && weir.web.count == 2)
      for (count, address) in weir.udp.enumerated() {
        let socket = try TestSocket.connect(.udp, address)
        for _ in 0...count { try socket.send("both_total:1|c") }
      }
      _ = try weir.scrape(afterDatagrams: 3)
      for web in weir.web {
        let page = try weir.scrape(at: web)
        #expect(page.value("both_total") == 3)
        for (count, address) in weir.udp.enumerated() {
          let listener = ["listener": address]
          #expect(page.value("weir_datagrams_received_total", listener) == Double(count + 1))
          let bytes = Double((count + 1) * "both_total:1|c".utf8.count)
          #expect(page.value("weir_received_bytes_total", listener) == bytes)
          #expect(page.value("weir_datagrams_dropped_total", listener) == 0)
        }
      }
    }

    /// A port that was free a moment ago, by TCP and by UDP.
    ///
    /// The kernel chooses one without connections of TCP that have ended lately, of which a run of tests has
    /// thousands. By UDP it may be taken, so that others are tried.
    private func freePort() throws -> UInt16 {
      for _ in 0..<100 {
        let tcp = try TestSocket.occupy(.tcp, "127.0.0.1:0")
        let port = try HostPort(try tcp.localAddress).port
        if (try? TestSocket.occupy(.udp, "127.0.0.1:\(port)")) != nil { return port }
      }
      throw HarnessError("No port is free by TCP and by UDP.")
    }

    @Test func `all IPv4 and all IPv6 addresses of a port stand side by side`() throws {
      let port = try freePort()
      let both = ["0.0.0.0:\(port)", "[::]:\(port)"]
      let weir = try Weir.start(
        both.flatMap { ["--statsd.listen-udp=\($0)", "--web.listen-address=\($0)"] })
      #expect(weir.udp == both)
      #expect(weir.web == both)
      for host in ["127.0.0.1", "[::1]"] {
        try TestSocket.connect(.udp, "\(host):\(port)").send("both_total:1|c")
      }
      _ = try weir.scrape(afterDatagrams: 2)
      for host in ["127.0.0.1", "[::1]"] {
        let page = try weir.scrape(at: "\(host):\(port)")
        for listener in both {
          #expect(page.value("weir_datagrams_received_total", ["listener": listener]) == 1)
        }
      }
    }

    @Test func `a name means all its addresses that the machine has`() throws {
      let hosts = FileManager.default.temporaryDirectory
        .appending(path: "weir-hosts-\(UUID().uuidString)")
      // The third is set aside for documentation, so that no machine has it.
      try "127.0.0.1 both.test\n::1 both.test\n192.0.2.1 both.test\n"
        .write(to: hosts, atomically: true, encoding: .utf8)
      defer { try? FileManager.default.removeItem(at: hosts) }
      let port = try freePort()
      let address = "both.test:\(port)"
      let weir = try Weir.start(
        [
          "--statsd.listen-udp=\(address)", "--web.listen-address=\(address)",
          "--statsd.allow=\(address)=127.0.0.0/8",
        ], by: try Programs.namespace("mount --bind '\(hosts.path)' /etc/hosts"))
      let expected = ["127.0.0.1:\(port)", "[::1]:\(port)"]
      #expect(weir.udp == expected)
      #expect(weir.web == expected)
      for listener in expected { try TestSocket.connect(.udp, listener).send("named_total:1|c") }
      _ = try weir.scrape(afterDatagrams: 2)
      for web in expected {
        let page = try weir.scrape(at: web)
        // Who may send to the name may send to each of its addresses, and nobody else.
        #expect(page.value("named_total") == 1)
        #expect(page.sum("weir_datagrams_refused_total", ["listener": expected[1]]) == 1)
      }
    }

    @Test func `two addresses that exclude each other are one sentence`() throws {
      for flag in ["--statsd.listen-udp", "--web.listen-address"] {
        let flags = ["\(flag)=:9", "\(flag)=127.0.0.1:9"]
        for arguments in [flags, ["check-config"] + flags] {
          let result = try runProgram(try Programs.weir(), arguments, within: 20)
          #expect(result.ending == .exit(1))
          #expect(
            result.error
              == "weir: \(flag): \":9\" and \"127.0.0.1:9\" both listen on 127.0.0.1:9; "
              + "leave one of them out\n")
        }
      }
    }

    @Test func `an empty UDP address leaves the web server alone`() throws {
      let weir = try Weir("--statsd.listen-udp=")
      #expect(weir.udp.isEmpty)
      let page = try weir.scrape()
      #expect(page.sum("weir_build_info") == 1)
      #expect(try weir.stop() == .exit(0))
    }

    @Test func `several receivers at one address count as one listener`() throws {
      let weir = try Weir("--statsd.receivers=4")
      let address = try #require(weir.udp.first)
      // The kernel spreads the senders over the sockets.
      for _ in 0..<32 { try weir.send("spread_total:1|c") }
      let page = try weir.scrape(afterDatagrams: 32)
      #expect(page.value("spread_total") == 32)
      #expect(page.value("weir_datagrams_received_total", ["listener": address]) == 32)
    }

    @Test func `the largest datagram is taken whole`() throws {
      let weir = try Weir()
      let line = "wide_total:1|c\n"
      let count = 65_507 / line.utf8.count
      let datagram = String(repeating: line, count: count)
      let filler = String(repeating: "\n", count: 65_507 - datagram.utf8.count)
      try weir.send(datagram + filler)
      let page = try weir.scrape(afterDatagrams: 1)
      #expect(page.value("wide_total") == Double(count))
      #expect(page.sum("weir_received_bytes_total") == 65_507)
      #expect(page.sum("weir_lines_refused_total") == 0)
    }
  }
}
