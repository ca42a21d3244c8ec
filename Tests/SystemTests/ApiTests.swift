import Foundation
import Testing

extension SystemTests {
  /// The API, and findings that a real Weir makes of real trouble.
  @Suite("The API of the page")
  struct ApiTests {
    private func answer(_ weir: Weir, _ path: String) throws -> [String: Any] {
      let answer = try http(try weir.webAddress(), "/api/v1/\(path)")
      #expect(answer.status == 200, "\(path): \(answer.text)")
      #expect(answer.fields["content-type"] == "application/json")
      let json = try JSONSerialization.jsonObject(with: Data(answer.text.utf8))
      return try #require(json as? [String: Any])
    }

    /// Waits until there is a finding, and returns it.
    private func finding(_ id: String, in weir: Weir) throws -> [String: Any] {
      try eventually("The finding \(id)") {
        let findings = try answer(weir, "status")["findings"] as? [[String: Any]]
        return findings?.first { $0["id"] as? String == id }
      }
    }

    @Test(
      "refused lines are a finding with reason, sender and remedy, and are shown with the faulty part"
    )
    func refused() throws {
      let weir = try Weir()
      try weir.send("good_total:1|c\nqueue.wait:0,5|ms|#shop:de\n")
      let found = try finding("lines_refused", in: weir)
      let what = try #require(found["what"] as? String)
      #expect(found["level"] as? String == "bad")
      #expect(what.contains("50 %") && what.contains("bad_value") && what.contains("127.0.0.1"))
      #expect((found["fix"] as? String)?.contains("`0.5`") == true)
      let refused = try answer(weir, "refused")
      let reasons = try #require(refused["reasons"] as? [[String: Any]])
      #expect(reasons.map { $0["reason"] as? String } == ["bad_value"])
      #expect(reasons[0]["count"] as? Int == 1 && reasons[0]["from"] as? String == "127.0.0.1")
      let lines = try #require(refused["lines"] as? [[String: Any]])
      #expect(lines.count == 1)
      #expect(lines[0]["before"] as? String == "queue.wait:")
      #expect(lines[0]["fault"] as? String == "0,5")
      #expect(lines[0]["after"] as? String == "|ms|#shop:de")
      for (query, count) in [
        ("reason=bad_value", 1), ("reason=type_clash", 0), ("sender=127.0.0.1", 1),
        ("sender=127.0.0.2", 0),
      ] {
        #expect(
          (try answer(weir, "refused?\(query)")["lines"] as? [Any])?.count == count, "\(query)")
      }
    }

    @Test("bytes that are not UTF-8 do not break the JSON")
    func hostileBytes() throws {
      let weir = try Weir()
      try weir.sender().send(
        [UInt8]("a\u{202e}\"<script>".utf8) + [0xff, 0x07] + [UInt8](":1|q".utf8))
      _ = try finding("lines_refused", in: weir)
      let lines = try answer(weir, "refused")["lines"] as? [[String: Any]]
      let line = try #require(lines?.first)
      let text = ["before", "fault", "after"].compactMap { line[$0] as? String }.joined()
      #expect(text == "a\u{202e}\"<script>\\xff\u{07}:1|q")
    }

    @Test("a limit that is reached is a finding with the name that fills it")
    func limit() throws {
      let weir = try Weir("--limit.series-per-name=3")
      try weir.send((1...5).map { "user_total:1|c|#user:u\($0)" }.joined(separator: "\n"))
      let found = try finding("limit_reached", in: weir)
      #expect(
        (found["what"] as? String)?.contains("The name user_total has 3 of the 3 series") == true)
      _ = try finding("limit_near", in: weir)
      let limits = try answer(weir, "limits")["limits"] as? [[String: Any]]
      let row = try #require(limits?.first { $0["limit"] as? String == "series_per_name" })
      #expect(row["used"] as? Int == 3 && row["max"] as? Int == 3 && row["refused"] as? Int == 2)
      #expect(
        row["flag"] as? String == "--limit.series-per-name"
          && row["name"] as? String == "user_total")
    }

    @Test("datagrams that the kernel drops are a finding with the size of the buffer")
    func drops() throws {
      let weir = try Weir("--statsd.read-buffer=4096", "--statsd.gather=0s")
      let sender = try weir.sender()
      weir.process.signal(SIGSTOP)
      let line = "flood_total:1|c|#pad:\(String(repeating: "x", count: 200))"
      for _ in 0..<500 { try sender.send(line) }
      weir.process.signal(SIGCONT)
      let found = try finding("kernel_drops", in: weir)
      #expect(found["level"] as? String == "bad" && found["subject"] as? String == weir.udp[0])
      #expect((found["what"] as? String)?.contains("receive buffer") == true)
    }

    @Test(
      "datagrams from networks that are not allowed, and text where none is taken, are findings")
    func sources() throws {
      let strict = try Weir("--statsd.allow=10.0.0.0/8")
      try strict.send("a_total:1|c")
      _ = try finding("source_refused", in: strict)
      let framesOnly = try Weir("--no-statsd.text")
      try framesOnly.send("a_total:1|c")
      _ = try finding("text_off", in: framesOnly)
    }

    @Test("a file with a mistake is a finding until it is corrected")
    func reload() throws {
      let file = FileManager.default.temporaryDirectory.appending(
        path: "weir-\(UUID().uuidString).yml")
      defer { try? FileManager.default.removeItem(at: file) }
      try "mappings: []\n".write(to: file, atomically: true, encoding: .utf8)
      let weir = try Weir("--statsd.mapping-config=\(file.path)", "--web.enable-lifecycle")
      try "mappings: [{match: 7, nam\n".write(to: file, atomically: true, encoding: .utf8)
      #expect(try http(try weir.webAddress(), "/-/reload", method: "POST").status == 500)
      let found = try finding("reload_failed", in: weir)
      #expect(found["subject"] as? String == "mapping file")
      let flags = try answer(weir, "flags")
      let reloads = try #require(flags["reloads"] as? [[String: Any]])
      #expect(reloads.map { $0["succeeded"] as? Bool } == [false])
      try "mappings: []\n".write(to: file, atomically: true, encoding: .utf8)
      #expect(try http(try weir.webAddress(), "/-/reload", method: "POST").status == 200)
      _ = try eventually("No finding") {
        (try answer(weir, "status")["findings"] as? [[String: Any]])?.contains {
          $0["id"] as? String == "reload_failed"
        } == false ? true : nil
      }
    }

    @Test(
      "the path and the history count what arrives, and an answer since the last has only what is new"
    )
    func status() throws {
      let weir = try Weir()
      try weir.send("a_total:1|c\nb_total:1|c\n")
      _ = try weir.scrape(afterDatagrams: 1)
      let first = try eventually("A second with lines") {
        let status = try answer(weir, "status")
        let columns = (status["history"] as? [String: Any])?["columns"] as? [String: [Any]]
        return columns?["lines"]?.contains { ($0 as? Double ?? 0) > 0 } == true ? status : nil
      }
      #expect(first["full"] as? Bool == true)
      #expect((first["path"] as? [String: Any])?["series"] as? Int == 2)
      #expect((first["scrape"] as? [String: Any])?["status"] as? Int == 200)
      let now = try #require(first["now_ms"] as? Int)
      let second = try answer(weir, "status?since=\(now)")
      #expect(second["full"] as? Bool == false)
      let scrapes = try answer(weir, "scrapes")["scrapes"] as? [[String: Any]]
      let scrape = try #require(scrapes?.first)
      #expect(scrape["series"] as? Int == 2 && scrape["from"] as? String == "127.0.0.1")
      #expect(scrape["bytes"] as? Int ?? 0 > 1_000)
      let log = try answer(weir, "log")["lines"] as? [[String: Any]]
      #expect(log?.contains { ($0["text"] as? String)?.contains("starting Weir") == true } == true)
    }

    @Test("lines are hidden on request, wherever they would be shown")
    func hiddenLines() throws {
      let weir = try Weir("--no-web.show-lines")
      try weir.send("secret:x|c")
      _ = try finding("lines_refused", in: weir)
      for path in ["/api/v1/refused", "/debug/refused"] {
        let answer = try http(try weir.webAddress(), path)
        #expect(answer.text.contains("bad_value") && !answer.text.contains("secret"), "\(path)")
      }
    }

    @Test("pages of other sites get nothing, and a name of one's own is as good as localhost")
    func hosts() throws {
      func status(_ weir: Weir, _ path: String, _ host: String) throws -> Int {
        try CurlAnswer("http://\(try weir.webAddress())\(path)", ["-H", "Host: \(host)"]).status
      }
      let weir = try Weir("--web.host=weir.example")
      for path in ["/", "/api/v1/status", "/api/v1/refused", "/debug/refused", "/debug/instances"] {
        #expect(try status(weir, path, "evil.example") == 421, "\(path)")
        #expect(try status(weir, path, "weir.example:80") == 200, "\(path)")
      }
      // Prometheus may use any name.
      #expect(try status(weir, "/metrics", "evil.example") == 200)
    }

    @Test("pages of other sites change nothing, and get no answer of the API")
    func otherSites() throws {
      let weir = try Weir("--web.enable-lifecycle")
      let web = "http://\(try weir.webAddress())"
      // As after DNS rebinding: the page has a name of its own for Weir's address.
      let rebound = ["-H", "Host: evil.example", "-H", "Origin: http://evil.example"]
      for path in [
        "/api/v1/statsd", "/api/v1/push", "/metrics/job/a", "/api/v1/forget?match%5B%5D=a",
        "/-/reload", "/-/quit",
      ] {
        #expect(try CurlAnswer(web + path, rebound + ["-d", "a:1|c"]).status == 421, "\(path)")
      }
      let lines = ["-d", "a:1|c", "-H", "Origin: \(web)"]
      #expect(try CurlAnswer("\(web)/api/v1/statsd", lines).status == 204)
      let other = ["-H", "Sec-Fetch-Site: cross-site"]
      for path in ["status", "tap?seconds=1", "names"] {
        #expect(try CurlAnswer("\(web)/api/v1/\(path)", other).status == 403, "\(path)")
      }
      let link = other + ["-H", "Sec-Fetch-Mode: navigate"]
      #expect(try CurlAnswer("\(web)/api/v1/status", link).status == 200)
      #expect(try CurlAnswer(web, link).status == 200)
    }

    @Test("users are asked for their password, as for metrics")
    func users() throws {
      let certificates = try Certificates()
      let weir = try Weir(
        "--web.config.file=\(try certificates.configure(WaitingTests.Security.users))")
      let web = "http://\(try weir.webAddress())"
      for path in ["/", "/ui/weir.css", "/api/v1/status", "/api/v1/log"] {
        #expect(try CurlAnswer(web + path).status == 401, "\(path)")
        #expect(try CurlAnswer(web + path, ["-u", "prometheus:right"]).status == 200, "\(path)")
      }
    }

    @Test("nothing changes by a request, and a page that is turned off is not there")
    func methods() throws {
      let weir = try Weir()
      for method in ["POST", "PUT", "DELETE"] {
        #expect(try http(try weir.webAddress(), "/api/v1/status", method: method).status == 405)
      }
      let without = try Weir("--no-web.ui")
      #expect(try http(try without.webAddress(), "/api/v1/status").status == 404)
      #expect(try http(try without.webAddress(), "/ui/weir.css").status == 404)
      #expect(try http(try without.webAddress(), "/").text.contains("href=\"/metrics\""))
    }
  }
}
