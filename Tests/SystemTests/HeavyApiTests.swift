import Foundation
import Testing

extension SystemTests {
  /// Heavy questions to a real server with many series.
  @Suite("Heavy questions")
  struct HeavyApiTests {
    /// A server with series of one name, sent over TCP so that none is lost.
    private func server(series: Int, _ flags: String...) throws -> Weir {
      let weir = try Weir.start(["--statsd.listen-tcp=127.0.0.1:0"] + flags)
      let socket = try TestSocket.connect(.tcp, try weir.tcpAddress())
      for start in stride(from: 0, to: series, by: 1_000) {
        let lines = (start..<min(series, start + 1_000)).map { "user_total:1|c|#user:u\($0)\n" }
        try socket.send(lines.joined())
      }
      socket.finishSending()
      _ = try eventually("\(series) series", within: 60) {
        let path = try weir.api("status")["path"] as? [String: Any]
        return path?["series"] as? Int == series ? true : nil
      }
      return weir
    }

    @Test("of 20,000 series a thousand are shown, and all are counted")
    func rows() throws {
      let weir = try server(series: 20_000)
      let series = try weir.api("series?match=user_total&limit=1000")
      #expect(series["shown"] as? Int == 1_000 && series["total"] as? Int == 20_000)
      #expect((series["series"] as? [Any])?.count == 1_000)
      let names = try weir.api("names")["names"] as? [[String: Any]]
      #expect(names?.map { $0["series"] as? Int } == [20_000])
      let labels = try weir.api("names/user_total/labels?limit=1000")
      #expect(labels["series"] as? Int == 20_000)
      let one = try #require((labels["labels"] as? [[String: Any]])?.first)
      #expect((one["top"] as? [Any])?.count == 1_000)
      #expect(
        labels["advice"] as? String == "Without the label user, 1 series would be left of 20,000.")
      let tsdb = try weir.api("status/tsdb?limit=1000")["data"] as? [String: Any]
      #expect((tsdb?["headStats"] as? [String: Any])?["numSeries"] as? Int == 20_000)
      #expect((tsdb?["seriesCountByLabelValuePair"] as? [Any])?.count == 1_000)
      #expect(
        try http(try weir.webAddress(), "/api/v1/series?match=user_total&limit=1001").status == 400)
    }

    @Test("many at once are answered one after another, or asked to come back")
    func crowd() throws {
      let weir = try server(series: 20_000)
      let address = try weir.webAddress()
      // Each is a question of its own, so that no kept answer serves two.
      let exchanges = try (1...24).map { number in
        let exchange = try HTTPExchange(address)
        try exchange.request("GET", "/api/v1/status/tsdb?limit=\(number)", close: true)
        return exchange
      }
      var answered = 0
      for exchange in exchanges {
        let answer = try exchange.answer()
        guard answer.status != 200 else {
          answered += 1
          continue
        }
        #expect(answer.status == 503 && answer.fields["retry-after"] == "1")
        #expect(answer.text.hasPrefix("{\"error\":\""))
      }
      #expect(answered > 0)
      // Light questions and scrapes have no turns.
      #expect(try http(address, "/api/v1/status").status == 200)
      #expect(try http(address, "/metrics").status == 200)
      _ = try eventually("A free turn") {
        try http(address, "/api/v1/status/tsdb?limit=100").status == 200 ? true : nil
      }
    }

    @Test("an answer of more than a megabyte is cut, and says so")
    func bytes() throws {
      let weir = try Weir("--statsd.listen-tcp=127.0.0.1:0")
      let socket = try TestSocket.connect(.tcp, try weir.tcpAddress())
      let long = String(repeating: "\u{1}", count: 400)
      for number in 0..<1_000 { try socket.send("user_total:1|c|#user:\(long)\(number)\n") }
      socket.finishSending()
      _ = try eventually("All series", within: 60) {
        let path = try weir.api("status")["path"] as? [String: Any]
        return path?["series"] as? Int == 1_000 ? true : nil
      }
      let answer = try http(try weir.webAddress(), "/api/v1/series?match=user_total&limit=1000")
      #expect(answer.status == 200 && answer.body.count <= 1 << 20)
      let json = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
      #expect(json?["complete"] as? Bool == false && json?["total"] as? Int == 1_000)
      let shown = try #require(json?["shown"] as? Int)
      #expect(shown > 100 && shown < 1_000 && (json?["series"] as? [Any])?.count == shown)
    }

    @Test("names come back as they were sent, by their percent encoding")
    func hostile() throws {
      let weir = try Weir("--statsd.names=utf-8")
      let names = [
        "a/b", "a/labels", "50%", "a b", "a?b&c", "a%2Fb", "\u{202e}evil", "<img src=x>", "..", "+",
        "\"q\"", #"back\slash"#, "ünïcödé",
      ]
      for name in names { try weir.send("\(name):1|c|#\(name):\(name)") }
      _ = try eventually("All names") {
        try weir.api("names")["total"] as? Int == names.count ? true : nil
      }
      let shown = try weir.api("names")["names"] as? [[String: Any]]
      #expect(Set((shown ?? []).compactMap { $0["name"] as? String }) == Set(names))
      for name in names {
        let encoded = name.utf8.map { "%" + String(Int($0) + 0x100, radix: 16).suffix(2) }.joined()
        let labels = try weir.api("names/\(encoded)/labels")
        #expect(labels["name"] as? String == name)
        let label = try #require((labels["labels"] as? [[String: Any]])?.first)
        #expect(label["name"] as? String == name)
        let top = try #require((label["top"] as? [[String: Any]])?.first)
        #expect(top["value"] as? String == name)
      }
      for path in ["names/%/labels", "names/%zz/labels", "names/%e/labels"] {
        let answer = try http(try weir.webAddress(), "/api/v1/\(path)")
        #expect(answer.status == 400 && answer.text.contains("%25"), "\(path): \(answer.text)")
      }
      #expect(try http(try weir.webAddress(), "/api/v1/names/%ff%00/labels").status == 404)
    }
  }
}
