import Foundation
import Testing

extension SystemTests {
  /// Who may send, and what.
  @Suite("Admission of datagrams")
  struct AdmissionTests {
    @Test("drops and counts what comes from elsewhere than the networks that are allowed")
    func networks() throws {
      let allowed = try Weir("--statsd.allow=127.0.0.0/30", "--statsd.allow=::1")
      try allowed.send("a_total:1|c")
      let page = try allowed.scrape(afterDatagrams: 1)
      #expect(page.value("a_total") == 1)
      #expect(page.sum("weir_datagrams_refused_total") == 0)
      let refused = try Weir("--statsd.allow=10.0.0.0/8", "--statsd.allow=127.0.0.2")
      try refused.send("a_total:1|c", "b_total:1|c\nc_total:1|c")
      let other = try refused.scrape(afterDatagrams: 2)
      #expect(other.sum("weir_datagrams_refused_total", ["reason": "source"]) == 2)
      #expect(other.value("a_total") == nil)
      #expect(other.value("weir_lines_total") == 0)
    }

    @Test("may be other for each listener")
    func listeners() throws {
      let weir = try Weir(
        "--statsd.listen-udp=127.0.0.1:0", "--statsd.listen-udp=[::1]:0",
        "--statsd.allow=127.0.0.1:0=10.0.0.0/8")
      for address in weir.udp { try TestSocket.connect(.udp, address).send("a_total:1|c") }
      let page = try weir.scrape(afterDatagrams: 2)
      #expect(page.value("a_total") == 1)
      #expect(page.sum("weir_datagrams_refused_total", ["listener": weir.udp[0]]) == 1)
    }

    @Test(
      "is not begun with a network that is none, or for nobody",
      arguments: [
        (
          "10.0.0.1/8",
          "--statsd.allow: \"10.0.0.1/8\" has host bits set; write 10.0.0.0/8"
        ),
        (
          ":9125=10.0.0.0/8",
          "--statsd.allow: \":9125\" is not an address of --statsd.listen-udp or --statsd.listen-tcp; "
            + "write it as there, or leave it out to mean all of them"
        ),
      ])
    func mistakes(network: String, sentence: String) throws {
      let result = try runProgram(
        try Programs.weir(),
        [
          "--statsd.listen-udp=127.0.0.1:0", "--web.listen-address=127.0.0.1:0",
          "--statsd.allow=\(network)",
        ])
      #expect(result.ending == .exit(1))
      #expect(result.error.contains(sentence))
    }

    @Test("takes no text where it is turned off")
    func textOff() throws {
      let weir = try Weir("--no-statsd.text")
      try weir.send("a_total:1|c", "b_total:1|c")
      let page = try weir.scrape(afterDatagrams: 2)
      #expect(page.sum("weir_datagrams_refused_total", ["reason": "text_off"]) == 2)
      #expect(page.value("a_total") == nil)
    }
  }
}
