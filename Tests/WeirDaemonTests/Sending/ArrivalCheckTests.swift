import Testing

@testable import WeirDaemon

@Suite struct ArrivalCheckTests {
  private func page(_ lines: String) -> PageValues { PageValues(Array(lines.utf8)) }

  @Test func `a page is read by its lines`() {
    let page = page(
      """
      # HELP a text with a 5
      # TYPE a counter
      a 5
      a{l="x y\\"} 7",m="}"} 6.5
      {"a.b",l="v"} +Inf
      a_bucket{le="+Inf"} 3
      malformed

      """)
    #expect(page["a"] == 5)
    #expect(page[#"a{l="x y\"} 7",m="}"}"#] == 6.5)
    #expect(page[#"{"a.b",l="v"}"#] == .infinity)
    #expect(page["malformed"] == nil)
    #expect(page.sum(of: "a") == 11.5)
    #expect(page.sum(of: "b") == nil)
    #expect(page.rows(of: "a_bucket").map(\.labels) == [#"{le="+Inf"}"#])
  }

  @Test func `each series is reported once, with its values and the time`() throws {
    let series = SentSeries.all(
      of: try SentSeriesTests.samples(["a:1|c", "b:2|ms|#k:v\u{202e}", "c:1|g"]))
    var check = ArrivalCheck(
      series, before: page("a 3\nweir_samples_total{type=\"gauge\"} 4\nc 1\n"), arrow: "->")
    let first = page("a 4\nc 1\nweir_samples_total{type=\"gauge\"} 4\n")
    #expect(check.take(first, afterMilliseconds: 12) == ["arrived: a 3 -> 4 in 12 ms"])
    #expect(check.take(first, afterMilliseconds: 13) == [])
    let second = page(
      "b_count{k=\"v\u{202e}\"} 1\nc 1\nweir_samples_total{type=\"gauge\"} 5\n")
    #expect(
      check.take(second, afterMilliseconds: 20) == [
        #"arrived: b_count{k="v\u{202e}"} absent -> 1 in 20 ms"#, "arrived: c 1 -> 1 in 20 ms",
      ])
    #expect(check.waiting.isEmpty)
  }

  private static let received = #"weir_datagrams_received_total{listener="10.0.0.1:8125"} "#

  @Test(
    arguments: [
      (
        "\(received)5\n", true,
        [
          "nobody listens at the address: its host has answered that the port is closed",
          "this weir has received no datagram since, and listens on 10.0.0.1:8125: the address is that of "
            + "another server, or something in between lets nothing through",
        ]
      ),
      (
        "\(received)6\nweir_datagrams_refused_total{listener=\"a\",reason=\"source\"} 1\n", false,
        ["it has refused 1 datagrams unread: --statsd.allow does not admit this machine"]
      ),
      (
        "\(received)6\nweir_datagrams_refused_total{listener=\"a\",reason=\"text_off\"} 2\n", false,
        [
          "it has refused 2 datagrams unread: it takes no lines (--no-statsd.text); try --push"
        ]
      ),
      (
        "\(received)6\nweir_datagrams_dropped_total{listener=\"a\"} 9\n", false,
        ["its kernel has dropped datagrams, because the receive buffer was full"]
      ),
      (
        "\(received)6\nweir_lines_refused_total{reason=\"type_clash\"} 1\n", false,
        [
          "it has refused 1 of all that arrived since, reason type_clash; see /debug/refused"
        ]
      ),
      (
        "\(received)6\nweir_push_frames_refused_total{reason=\"signature\"} 1\n", false,
        ["it has refused 1 frames, reason signature"]
      ),
      (
        "\(received)6\nweir_forward_frames_total 1\n", false,
        ["it forwards what it counts, and shows it only with --forward.expose"]
      ),
      (
        "\(received)6\nweir_lines_total 2\n", false,
        [
          "as many lines have arrived there, so they became other series: that weir has another mapping "
            + "file or other flags; give this command the same ones"
        ]
      ),
      ("\(received)6\n", false, []),
      (
        "\(received)6\nweir_lines_total 2\nweir_push_records_refused_total{reason=\"type_clash\"} 1\n",
        false,
        ["it has refused 1 of all that arrived since, reason type_clash; see /debug/refused"]
      ),
    ] as [(String, Bool, [String])])
  func `Weir's own metrics say why something has not arrived`(
    after: String, isRefused: Bool, causes: [String]
  ) {
    let check = ArrivalCheck([], before: page("\(Self.received)5\n"), arrow: "->")
    #expect(check.causes(page(after), isRefused: isRefused, lines: 2) == causes)
  }

  @Test func `lines are packed into datagrams, long ones alone`() {
    var packed = LineDatagrams()
    let long = [UInt8](repeating: UInt8(ascii: "l"), count: 2_000)
    let half = [UInt8](repeating: UInt8(ascii: "h"), count: 700)
    for line in [half, Array("a:1|c".utf8), half, long, half] { packed.append(line) }
    #expect(packed.lines == 5)
    #expect(packed.datagrams.map(\.count) == [706, 700, 2_000, 700])
    // The newline between two counts.
    for (count, datagrams) in [(699, 1), (700, 2)] {
      var two = LineDatagrams()
      two.append(half)
      two.append([UInt8](repeating: 0x6c, count: count))
      #expect(two.datagrams.count == datagrams)
    }
    #expect(packed.datagrams.first?.suffix(6) == Array("\na:1|c".utf8)[...])
  }
}
