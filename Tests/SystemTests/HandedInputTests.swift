import Foundation
import Testing

extension SystemTests {
  /// Sockets that the process which starts the server hands over.
  @Suite struct HandedInputs {
    private let folder: SocketFolder

    init() throws { folder = try SocketFolder() }

    @Test func `systemd hands over a TCP socket, and what was sent to it before`() throws {
      let port = try freePort()
      let weir = try Weir.start(
        [listenNowhere],
        by: [
          "/bin/sh", "-c",
          "(while ! printf 'early_total:1|c' | \(try Programs.netcat()) -N 127.0.0.1 \(port); do "
            + "sleep 0.05; done) & exec \"$@\"",
          "sh", try Programs.socketActivate(), "--listen=127.0.0.1:\(port)", "--fdname=statsd",
        ])
      #expect(weir.listening(over: "TCP") == "127.0.0.1:\(port)")
      let page = try weir.scrape(until: "The first line") { $0.value("early_total") == 1 }
      #expect(page.sum("weir_stream_connections_total") == 1)
      #expect(try weir.stop() == .exit(0))
    }

    @Test func `systemd hands over a UDP socket, and what was sent to it before`() throws {
      let port = try freePort()
      let weir = try Weir.start(
        // This address is not bound: the socket takes its place.
        ["--statsd.listen-udp=127.0.0.1:1"],
        by: [
          "/bin/sh", "-c",
          // Until the socket is there, nobody gets what is sent.
          "(for i in $(seq 100); do printf 'early_total:1|c' | \(try Programs.netcat()) -u -w0 127.0.0.1 "
            + "\(port); sleep 0.1; done) & exec \"$@\"",
          "sh", try Programs.socketActivate(), "--datagram", "--listen=127.0.0.1:\(port)",
        ])
      #expect(weir.udp == ["127.0.0.1:\(port)"])
      _ = try weir.scrape(until: "The first line") { $0.value("early_total") ?? 0 >= 1 }
    }

    @Test func `sockets of every kind can be handed over, and their files stay`() throws {
      let weir = try Weir.start(
        ["--statsd.allow=127.0.0.0/8"],
        by: [
          try Programs.python(), try Programs.client("hand_over.py"), "udp:127.0.0.1:0",
          "tcp=statsd:127.0.0.1:0", "tcp=web:127.0.0.1:0", "unixgram:\(folder.path)/a.sock",
          "unix=weir.socket:\(folder.path)/b.sock", "--",
        ])
      #expect(weir.udp.count == 1 && weir.web.count == 1)
      #expect(weir.listening(over: "a Unix datagram socket") == "\(folder.path)/a.sock")
      #expect(weir.listening(over: "a Unix stream socket") == "\(folder.path)/b.sock")
      let page = try weir.scrape(until: "All early lines") { $0.sum("early_total") == 4 }
      for kind in ["udp", "tcp", "unixgram", "unix"] {
        #expect(page.value("early_total", ["kind": kind]) == 1)
      }
      #expect(try weir.stop() == .exit(0))
      #expect(folder.exists("a.sock") && folder.exists("b.sock"))
    }

    @Test(
      "a socket that is not understood is a refusal to start",
      arguments: [
        (
          "tcp=weir.socket:127.0.0.1:0", "is called \"weir.socket\"; set FileDescriptorName=web for"
        ),
        ("udp=web:127.0.0.1:0", "is called \"web\", and scrapes are served over TCP only"),
        ("file:/dev/null", "descriptor 3, which was handed over, is no socket"),
      ])
    func notUnderstood(_ spec: String, _ sentence: String) throws {
      let result = try runProgram(
        try Programs.python(),
        [try Programs.client("hand_over.py"), spec, "--", try Programs.weir()], within: 20)
      #expect(result.ending == .exit(1))
      #expect(result.error.contains(sentence))
      #expect(result.error.split(separator: "\n").count == 1)
    }

    private func freePort() throws -> UInt16 {
      let udp = try TestSocket.occupy(.udp, "127.0.0.1:0")
      let port = try HostPort(try udp.localAddress).port
      _ = try TestSocket.occupy(.tcp, "127.0.0.1:\(port)")
      return port
    }
  }
}
