import Foundation
import Testing

extension SystemTests {
  /// Clients that want the server to stop answering, on a plain port and on one with TLS.
  @Suite struct HostileClients {
    /// A server with TLS or without, and how to scrape it.
    private struct Target {
      let weir: Weir
      let certificates: Certificates?

      init(tls: Bool, _ flags: String...) throws {
        certificates = tls ? try Certificates() : nil
        let file = try certificates?.configureTLS()
        weir = try Weir.start(flags + (file.map { ["--web.config.file=\($0)"] } ?? []))
      }

      func expectScrape(_ location: SourceLocation = #_sourceLocation) throws {
        let web = try weir.webAddress()
        let answer =
          try certificates.map {
            try CurlAnswer("https://\(web)/metrics", ["--cacert", $0.path("ca.crt")])
          } ?? CurlAnswer("http://\(web)/metrics")
        #expect(answer.status == 200, sourceLocation: location)
        #expect(answer.text.contains("\nweir_build_info"), sourceLocation: location)
      }
    }

    /// What a client sends that is no request: random bytes, starts of TLS, halves of requests.
    private static func garbage(_ index: Int) -> [UInt8] {
      var state = UInt64(index) &* 0x9E37_79B9_7F4A_7C15 | 1
      func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
      }
      let random = (0..<Int(next() % 600 + 1)).map { _ in UInt8(truncatingIfNeeded: next() >> 32) }
      return switch index % 6 {
      case 0: random
      case 1: [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03] + random
      case 2: Array("GET /metrics HTTP/1.1\r\nHost: a\r\n".utf8) + random + Array("\r\n\r\n".utf8)
      case 3: Array("GET /metrics HTTP/9.9\r\n\r\n".utf8)
      case 4: [0x80, 0x2e, 0x01, 0x00, 0x02] + random
      default: [0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x28] + random
      }
    }

    @Test(arguments: [false, true])
    func `ten thousand garbage requests leave the server answering scrapes`(tls: Bool) throws {
      let target = try Target(tls: tls)
      let web = try target.weir.webAddress()
      for index in 0..<10_000 {
        let socket = try TestSocket.connect(.tcp, web)
        // The server may have closed already.
        try? socket.send(Self.garbage(index))
        if index % 7 == 0 {
          socket.finishSending()
          _ = try? socket.receive()
        }
        if index % 2_500 == 0 { try target.expectScrape() }
      }
      try target.expectScrape()
      #expect(target.weir.process.poll() == nil)
      #expect(try target.weir.stop() == .exit(0))
    }

    @Test(arguments: [false, true])
    func `clients that drip bytes or say nothing are put out, and scrapes go on`(
      tls: Bool
    ) throws {
      let target = try Target(tls: tls, "--web.read-header-timeout=2s", "--web.idle-timeout=2s")
      let web = try target.weir.webAddress()
      let request = Array("GET /metrics HTTP/1.1\r\nHost: a\r\nX-Drip: ".utf8)
      let hello: [UInt8] = [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]
      let start = tls ? hello : request
      let sockets = try (0..<200).map { _ in try TestSocket.connect(.tcp, web) }
      for socket in sockets.prefix(100) { try socket.send(Array(start[..<1])) }
      let end = ContinuousClock.now + .seconds(4)
      var sent = 1
      while ContinuousClock.now < end {
        let byte = sent < start.count ? start[sent] : UInt8(ascii: "x")
        for socket in sockets.prefix(100) { try? socket.send([byte]) }
        sent += 1
        try target.expectScrape()
      }
      for socket in sockets { #expect(socket.isReadable(within: 10)) }
      try target.expectScrape()
    }

    @Test(arguments: [false, true])
    func `a flood of connections takes no more places than there are, and scrapes go on`(
      tls: Bool
    ) throws {
      let target = try Target(tls: tls, "--web.max-connections=50")
      let web = try target.weir.webAddress()
      var sockets: [TestSocket] = []
      for index in 0..<400 {
        sockets.append(try .connect(.tcp, web))
        if index % 100 == 99 { try target.expectScrape() }
      }
      let page =
        try target.certificates.map {
          try CurlAnswer("https://\(web)/metrics", ["--cacert", $0.path("ca.crt")])
        } ?? CurlAnswer("http://\(web)/metrics")
      let shown = try Page(page.text)
      #expect(shown.sum("weir_http_connections") <= 50)
      #expect(
        shown.value("weir_http_connections_closed_early_total", ["reason": "evicted"]) ?? 0 >= 300)
    }

    @Test func `a long page goes over TLS whole, also to a slow reader`() throws {
      let certificates = try Certificates()
      let weir = try Weir("--web.config.file=\(try certificates.configureTLS())")
      let sender = try weir.sender()
      for index in 0..<400 {
        let lines = (0..<20).map {
          "long_total:1|c|#label:\(String(repeating: "v", count: 40))\(index)_\($0)"
        }
        try sender.send(lines.joined(separator: "\n"))
      }
      let url = "https://\(try weir.webAddress())/metrics"
      let trust = ["--cacert", certificates.path("ca.crt")]
      func count(_ answer: CurlAnswer) -> Int {
        answer.text.split(separator: "\n").count { $0.hasPrefix("long_total{") }
      }
      _ = try eventually("All series") { count(try CurlAnswer(url, trust)) == 8_000 ? true : nil }
      #expect(count(try CurlAnswer(url, trust + ["--limit-rate", "300k"])) == 8_000)
      #expect(count(try CurlAnswer(url, trust + ["--compressed"])) == 8_000)
    }

    @Test func `requests that come in one piece over TLS are all answered`() throws {
      let certificates = try Certificates()
      let weir = try Weir("--web.config.file=\(try certificates.configureTLS())")
      let requests = String(
        repeating: "GET /-/healthy HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n", count: 50)
      let result = try runProgram(
        "/bin/sh",
        [
          "-c", "request=$1; shift; printf \"$request\" | exec \"$@\"", "sh",
          requests
            + "GET / HTTP/1.1\\r\\nHost: localhost\\r\\nAccept: text/html\\r\\nConnection: close\\r\\n\\r\\n",
          try Programs.openssl(), "s_client", "-connect", try weir.webAddress(), "-ign_eof",
          "-quiet",
        ], within: 30)
      #expect(result.output.components(separatedBy: "Weir is healthy.").count == 51)
      #expect(result.output.contains("</html>"))
    }
  }
}
