import Foundation
import Testing

extension SystemTests {
  /// A server that passes lines on to others.
  @Suite struct RelayTests {
    @Test func `every line arrives as it came, within a second or so`() throws {
      let inbox = try UnixInbox()
      let weir = try Weir(
        "--statsd.relay.address=unixgram://\(inbox.path)", "--statsd.relay.packet-length=50")
      let lines = ["aa.x_total:1|c|@0.5|#t1:v", "bb:2|ms", "not a line", "cc,z1=y:3|g\r"]
      let long = String(repeating: "x", count: 50) + "_total:1|c"
      try weir.send(lines.joined(separator: "\n") + "\n\n", long)
      #expect(try inbox.next() == "aa.x_total:1|c|@0.5|#t1:v\nbb:2|ms\nnot a line\n")
      #expect(try inbox.next() == "cc,z1=y:3|g\r\n")
      let page = try weir.scrape(afterDatagrams: 2)
      #expect(page.value("weir_relay_long_lines_total") == 1)
      let target = ["target": "unixgram://\(inbox.path)"]
      #expect(page.value("weir_relay_packets_total", target) == 2)
      #expect(page.value("weir_relay_lines_relayed_total", target) == 4)
      #expect(page.sum("weir_relay_dropped_lines_total") == 0)
      #expect(page.sum("weir_lines_total") == 5)
    }

    @Test func `another server counts the same, and one that is not there holds nothing up`() throws
    {
      let other = try Weir()
      let nobody = try TestSocket.occupy(.udp, "127.0.0.1:0").localAddress
      let weir = try Weir(
        "--statsd.relay.address=\(try #require(other.udp.first))",
        "--statsd.relay.address=\(nobody)", "--statsd.relay.address=no-such-host.invalid:8125")
      let report = try LoadReport.run(
        weir, "--series=500", "--datagram-bytes=1432", "--datagrams=4000",
        "--datagrams-per-second=4000")
      #expect(report.correct)
      let page = try weir.scrape(afterDatagrams: 4_000)
      let lines = page.sum("weir_lines_total")
      let relayed = try other.scrape(until: "Every line at the other server") {
        $0.sum("weir_lines_total") >= lines
      }
      #expect(relayed.sum("weir_lines_total") == lines)
      #expect(relayed.sum("weir_samples_total") == page.sum("weir_samples_total"))
      #expect(relayed.sum("weir_datagrams_dropped_total") == 0)
      let losses = try weir.scrape(until: "Losses of the others") {
        ($0.value("weir_relay_refusals_total", ["target": nobody]) ?? 0) > 0
          && ($0.value(
            "weir_relay_dropped_lines_total",
            ["target": "no-such-host.invalid:8125", "reason": "no_address"]) ?? 0) > 0
      }
      #expect(losses.sum("weir_datagrams_dropped_total") == 0)
      _ = try eventually("A warning for each") {
        weir.log.count { $0["msg"] == "relaying failed; trying again" } == 2 ? true : nil
      }
    }

    @Test func `what came just before the stop is relayed`() throws {
      let inbox = try UnixInbox()
      let weir = try Weir("--statsd.relay.address=\(inbox.path)")
      try weir.send("last:1|c")
      #expect(try weir.stop() == .exit(0))
      #expect(try inbox.next() == "last:1|c\n")
    }

    @Test func `a server does not relay to itself`() throws {
      let free = try TestSocket.occupy(.udp, "127.0.0.1:0").localAddress
      for command in [[], ["check-config"]] {
        let refused = try runProgram(
          try Programs.weir(),
          command + [
            "--statsd.listen-udp=\(free)", "--web.listen-address=127.0.0.1:0",
            "--statsd.relay.address=\(free)",
          ], within: 20)
        #expect(refused.ending == .exit(1))
        #expect(
          refused.error
            == "weir: --statsd.relay.address: \(free) is this Weir itself, which listens on \(free); write "
            + "the address of another server\n")
      }
    }
  }
}
