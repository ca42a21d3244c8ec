import Foundation
import Testing

extension Weir {
  /// The address or path at which the log says that this server listens; nil if it does not say so.
  func listening(over transport: String) -> String? {
    let line = log.first { $0["msg"] == "listening for StatsD over \(transport)" }
    return line?["address"] ?? line?["path"]
  }

  func tcpAddress() throws -> String {
    guard let address = listening(over: "TCP") else {
      throw HarnessError("The server listens on no TCP.")
    }
    return address
  }
}

/// A folder for sockets, whose paths must be short.
final class SocketFolder {
  let path = "/tmp/weir-\(UUID().uuidString.prefix(8))"

  init() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func mode(_ name: String) throws -> Int? {
    let attributes = try FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")
    return attributes[.posixPermissions] as? Int
  }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(path)/\(name)") }
}

/// Leaves UDP out.
let listenNowhere = "--statsd.listen-udp="

extension SystemTests {
  /// Lines over TCP and Unix sockets, from clients that people have.
  @Suite struct Inputs {
    private let folder: SocketFolder

    init() throws { folder = try SocketFolder() }

    @Test func `the StatsD client sends over TCP`() throws {
      let weir = try Weir(listenNowhere, "--statsd.listen-tcp=127.0.0.1:0")
      let target = try HostPort(try weir.tcpAddress())
      let client = try runProgram(
        try Programs.python(),
        [try Programs.client("statsd_tcp_client.py"), target.host, "\(target.port)"])
      #expect(client.ending == .exit(0), "\(client.error)")
      let page = try weir.scrape(until: "The last line of the client") {
        $0.value("tcp_batched_total") == 7
      }
      #expect(page.value("tcp_orders_total") == 500)
      #expect(page.value("tcp_page_seconds_count") == 500)
      #expect(page.value("tcp_temperature_celsius") == 17)
      #expect(page.sum("weir_lines_refused_total") == 0)
      let listener = ["listener": try weir.tcpAddress()]
      #expect(page.value("weir_stream_connections_total", listener) == 1)
      // No datagram has come.
      #expect(page.sum("weir_datagrams_received_total") == 0)
      #expect(page.value("weir_received_bytes_total", listener) ?? 0 > 500)
      #expect(page.value("weir_limit", ["limit": "tcp_connections"]) == 1_000)
    }

    @Test func `nc sends lines, the last one without an end`() throws {
      let weir = try Weir("--statsd.listen-tcp=127.0.0.1:0", "--statsd.listen-tcp=[::1]:0")
      let addresses = weir.log.filter { $0["msg"] == "listening for StatsD over TCP" }
        .compactMap { $0["address"] }
      #expect(addresses.count == 2)
      for address in addresses {
        let target = try HostPort(address)
        let result = try runProgram(
          "/bin/sh",
          [
            "-c", "printf 'nc_total:1|c\\r\\nnc_total:2|c' | exec \"$@\"", "sh",
            try Programs.netcat(),
            "-N", target.host, "\(target.port)",
          ])
        #expect(result.ending == .exit(0), "\(result.error)")
      }
      let page = try weir.scrape(until: "Both connections") { $0.value("nc_total") == 6 }
      for address in addresses {
        #expect(page.value("weir_stream_connections_total", ["listener": address]) == 1)
      }
    }

    @Test func `nothing is lost over connections that end while the server stops`() throws {
      let weir = try Weir("--statsd.listen-tcp=127.0.0.1:0", "--log.level=info")
      let address = try weir.tcpAddress()
      let lines = 2_000
      let text = String(repeating: "last_total:1|c\n", count: lines)
      var open: [TestSocket] = []
      for _ in 0..<20 {
        let socket = try TestSocket.connect(.tcp, address)
        try socket.send(text)
        open.append(socket)
      }
      #expect(try weir.stop() == .exit(0))
      let stopped = weir.log.last { $0["msg"] == "stopped" }
      #expect(stopped?["lines"] == "\(20 * lines)")
      #expect(stopped?["datagrams"] == "0")
    }

    @Test func `a line that is too long is refused with its sender, and ends its connection`()
      throws
    {
      let weir = try Weir("--statsd.listen-tcp=127.0.0.1:0")
      let socket = try TestSocket.connect(.tcp, try weir.tcpAddress())
      try socket.send("short_total:1|c\n\(String(repeating: "x", count: 70_000))")
      let sender = try socket.localAddress
      #expect(try socket.receive().isEmpty)
      let page = try weir.scrape()
      #expect(page.value("short_total") == 1)
      #expect(page.value("weir_lines_refused_total", ["reason": "line_too_long"]) == 1)
      #expect(page.sum("weir_stream_connections_ended_total", ["reason": "too_long"]) == 1)
      let refused = try http(try weir.webAddress(), "/debug/refused").text
      #expect(refused.contains(" \(sender) line_too_long \"xxx"))
      #expect(
        weir.log.contains {
          $0["msg"] == "a line is too long, and its connection is closed" && $0["sender"] == sender
        })
    }

    @Test func `networks and the limit hold at accept`() throws {
      let refused = try Weir("--statsd.listen-tcp=127.0.0.1:0", "--statsd.allow=10.0.0.0/8")
      let stranger = try TestSocket.connect(.tcp, try refused.tcpAddress())
      #expect(stranger.isReadable(within: 10))
      #expect(
        try refused.scrape().sum("weir_stream_connections_refused_total", ["reason": "source"]) == 1
      )
      let weir = try Weir("--statsd.listen-tcp=127.0.0.1:0", "--limit.tcp-connections=2")
      let address = try weir.tcpAddress()
      let first = try TestSocket.connect(.tcp, address)
      let second = try TestSocket.connect(.tcp, address)
      try first.send("a_total:1|c\n")
      try second.send("a_total:1|c\n")
      _ = try weir.scrape(until: "Both") { $0.value("a_total") == 2 }
      let third = try TestSocket.connect(.tcp, address)
      #expect(third.isReadable(within: 10))
      let page = try weir.scrape()
      #expect(page.sum("weir_stream_connections_refused_total", ["reason": "limit"]) == 1)
      #expect(page.value("weir_limit_used", ["limit": "tcp_connections"]) == 2)
      #expect(weir.log.contains { $0["msg"] == "too many connections, new ones are closed" })
    }

    @Test func `where few files may be open, fewer connections may, and scrapes go on`() throws {
      let weir = try Weir.start(
        ["--statsd.listen-tcp=127.0.0.1:0"],
        by: ["/bin/sh", "-c", "ulimit -n 120 && exec \"$@\"", "sh"])
      let granted = weir.log.first {
        $0["msg"] == "the limit on open files allows fewer connections than --limit.tcp-connections"
      }?["granted"].flatMap(Double.init)
      let address = try weir.tcpAddress()
      var open: [TestSocket] = []
      for number in 0..<200 {
        open.append(try .connect(.tcp, address))
        if number % 20 == 0 { _ = try weir.scrape() }
      }
      let page = try weir.scrape(until: "All are accepted") {
        $0.sum("weir_stream_connections_total") == 200
      }
      #expect(page.value("weir_limit", ["limit": "tcp_connections"]) == granted)
      #expect(page.value("weir_limit_used", ["limit": "tcp_connections"]) == granted)
      #expect(page.sum("weir_stream_connections_refused_total") == 200 - (granted ?? 0))
    }

    @Test("the DogStatsD client sends over Unix sockets", arguments: ["datagram", "stream"])
    func datadog(_ kind: String) throws {
      let path = "\(folder.path)/dsd.sock"
      let flag = kind == "datagram" ? "--statsd.listen-unixgram" : "--statsd.listen-unix"
      let weir = try Weir(listenNowhere, "\(flag)=\(path)")
      #expect(weir.listening(over: "a Unix \(kind) socket") == path)
      let client = try runProgram(
        try Programs.python(), [try Programs.client("datadog_unix_client.py"), path, kind])
      #expect(client.ending == .exit(0), "\(client.error)")
      let page = try weir.scrape(until: "All lines") {
        $0.value("unix_orders_total", ["shop": "berlin"]) == 300
          && $0.value("unix_buffered_total") == 1_000
      }
      #expect(page.value("unix_queue_length", ["shop": "berlin"]) == 11)
      #expect(page.sum("weir_events_total") == 1)
      #expect(page.sum("weir_lines_refused_total") == 0)
      #expect(try weir.stop() == .exit(0))
      #expect(!folder.exists("dsd.sock"))
    }

    @Test func `a Unix socket has its mode, and a dead server's is replaced`() throws {
      let path = "\(folder.path)/a.sock"
      let weir = try Weir("--statsd.listen-unixgram=\(path)", "--statsd.unixsocket-mode=622")
      #expect(try folder.mode("a.sock") == 0o622)
      // A second server is refused, and leaves the first alone.
      let sentence =
        "weir: cannot listen on \(path): another program listens there; stop it, or choose another path "
        + "with --statsd.listen-unixgram\n"
      let second = try runProgram(
        try Programs.weir(),
        [
          "--statsd.listen-udp=", "--web.listen-address=127.0.0.1:0",
          "--statsd.listen-unixgram=\(path)",
        ], within: 20)
      #expect(second.ending == .exit(1) && second.error.hasSuffix(sentence))
      #expect(try weir.stop(SIGKILL) == .signal(SIGKILL))
      #expect(folder.exists("a.sock"))
      let third = try Weir("--statsd.listen-unixgram=\(path)")
      #expect(try folder.mode("a.sock") == 0o755)
      #expect(try third.stop() == .exit(0))
      #expect(!folder.exists("a.sock"))
      try Data("keep".utf8).write(to: URL(filePath: path))
      let fourth = try runProgram(
        try Programs.weir(), ["--statsd.listen-udp=", "--statsd.listen-unixgram=\(path)"],
        within: 20)
      #expect(fourth.ending == .exit(1))
      #expect(fourth.error.contains("there is a file that is no socket"))
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "keep")
    }

    @Test func `a start that fails later removes the sockets that it has made`() throws {
      let occupied = try TestSocket.occupy(.tcp, "127.0.0.1:0")
      let result = try runProgram(
        try Programs.weir(),
        [
          "--statsd.listen-udp=", "--statsd.listen-unixgram=\(folder.path)/a.sock",
          "--statsd.listen-unix=\(folder.path)/b.sock",
          "--web.listen-address=\(try occupied.localAddress)",
        ], within: 20)
      #expect(result.ending == .exit(1))
      #expect(!folder.exists("a.sock") && !folder.exists("b.sock"))
    }

    @Test func `mistakes in the flags are one sentence, also from check-config`() throws {
      for (flags, sentence) in [
        (
          ["--statsd.listen-tcp=9125"],
          "--statsd.listen-tcp: bad address \"9125\": write host:port, for example 127.0.0.1:8125"
        ),
        (
          ["--statsd.listen-tcp=127.0.0.1:9", "--no-statsd.text"],
          "--statsd.listen-tcp: connections carry lines of text only, which --no-statsd.text refuses; "
            + "leave one of them out"
        ),
        (
          ["--statsd.listen-unix=/tmp/x", "--statsd.listen-unixgram=/tmp/x"],
          "--statsd.listen-unix: \"/tmp/x\" is a path of --statsd.listen-unixgram as well; write "
            + "another one"
        ),
        (
          ["--compat=statsd_exporter", "--statsd.listen-udp=", "--statsd.listen-tcp="],
          "there is nothing to receive on: set one of --statsd.listen-udp, --statsd.listen-tcp, "
            + "--statsd.listen-unixgram and --statsd.listen-unix"
        ),
      ] {
        for arguments in [flags, ["check-config"] + flags] {
          let result = try runProgram(try Programs.weir(), arguments, within: 20)
          #expect(result.ending == .exit(1))
          #expect(result.error == "weir: \(sentence)\n")
        }
      }
    }
  }
}

extension WaitingTests {
  /// What becomes of connections after some time.
  @Suite struct IdleInputs {
    @Test func `an idle connection is closed, and one that sends is not`() throws {
      let weir = try Weir("--statsd.listen-tcp=127.0.0.1:0", "--statsd.tcp-idle-timeout=1s")
      let address = try weir.tcpAddress()
      let idle = try TestSocket.connect(.tcp, address)
      let busy = try TestSocket.connect(.tcp, address)
      try idle.send("idle_total:1|c\n")
      var sent = 0.0
      while !idle.isReadable(within: 0.1) {
        try busy.send("busy_total:1|c\n")
        sent += 1
      }
      #expect(try idle.receive().isEmpty)
      let page = try weir.scrape(until: "All lines") { $0.value("busy_total") == sent }
      #expect(page.value("idle_total") == 1)
      #expect(page.sum("weir_stream_connections") == 1)
      #expect(page.sum("weir_stream_connections_ended_total", ["reason": "idle"]) == 1)
    }
  }
}
