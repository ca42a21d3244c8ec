import Foundation
import Testing

extension SystemTests {
  /// What is served over HTTP, and to whom.
  @Suite struct Web {
    @Test func `metrics are served at both paths and the page of links names them`() throws {
      let weir = try Weir("--no-web.ui")
      let web = try weir.webAddress()
      try weir.send("served_total:1|c")
      _ = try weir.scrape(afterDatagrams: 1)
      let index = try http(web, "/")
      #expect(index.status == 200)
      for path in ["/metrics", "/api/metrics/prometheus"] {
        #expect(try weir.scrape(path: path).value("served_total") == 1)
        #expect(index.text.contains("href=\"\(path)\""))
        let type = try #require(try http(web, path).fields["content-type"])
        #expect(type.hasPrefix("text/plain; version=0.0.4"))
      }
    }

    @Test func `telemetry paths of one's own take the place of the defaults`() throws {
      let weir = try Weir("--web.telemetry-path=/one", "--web.telemetry-path", "/two/deep")
      #expect(try weir.scrape(path: "/one").sum("weir_build_info") == 1)
      #expect(try weir.scrape(path: "/two/deep").sum("weir_build_info") == 1)
      #expect(try http(try weir.webAddress(), "/metrics").status == 404)
    }

    @Test(arguments: ["/-/healthy", "/-/ready"])
    func `a probe is answered`(path: String) throws {
      let weir = try Weir()
      #expect(try http(try weir.webAddress(), path).status == 200)
    }

    @Test func `what is not there, not allowed or not HTTP is answered with a sentence`() throws {
      let weir = try Weir()
      let web = try weir.webAddress()
      let missing = try http(web, "/nowhere")
      #expect(missing.status == 404)
      #expect(missing.text.contains("/nowhere"))
      let posted = try http(web, "/metrics", method: "POST")
      #expect(posted.status == 405)
      #expect(posted.fields["allow"] == "GET, HEAD")
      #expect(posted.text.contains("POST"))
      let exchange = try HTTPExchange(web)
      try exchange.send("this is no request\r\n\r\n")
      let bad = try exchange.answer()
      #expect(bad.status == 400)
      #expect(bad.text.count > 20)
      #expect(try exchange.isAtEnd())
    }

    @Test func `HEAD has a length and no body, and requests may be pipelined`() throws {
      let weir = try Weir()
      let exchange = try HTTPExchange(try weir.webAddress())
      try exchange.request("HEAD", "/metrics")
      try exchange.request("GET", "/-/healthy")
      try exchange.request("GET", "/metrics", close: true)
      let head = try exchange.answer(toHead: true)
      #expect(head.status == 200)
      #expect(Int(head.fields["content-length"] ?? "") ?? 0 > 1_000)
      #expect(try exchange.answer().text.contains("healthy"))
      let page = try Page(try exchange.answer().text)
      #expect(page.sum("weir_build_info") == 1)
      #expect(try exchange.isAtEnd())
    }

    @Test func `refused lines are shown with sender and reason, the last fifty of them`() throws {
      let weir = try Weir()
      let sender = try weir.sender()
      try sender.send("fine_total:1|c\nbroken_total:x|c\nfine_total:1|c")
      let page = try weir.scrape(afterDatagrams: 1)
      #expect(page.value("fine_total") == 2)
      #expect(page.value("weir_lines_refused_total", ["reason": "bad_value"]) == 1)
      #expect(page.sum("weir_lines_refused_total") == 1)
      let address = try sender.localAddress
      let shown = try http(try weir.webAddress(), "/debug/refused")
      #expect(shown.status == 200)
      let entry = shown.text.split(separator: "\n").first { $0.contains("broken_total") }
      #expect(entry?.contains(" \(address) bad_value \"broken_total:x|c\"") == true)

      for number in 0..<60 { try sender.send("later_total:1|nonsense\(number)") }
      _ = try weir.scrape(afterDatagrams: 61)
      let entries = try http(try weir.webAddress(), "/debug/refused").text
        .split(separator: "\n").filter { $0.contains(address) }
      #expect(entries.count == 50)
      #expect(entries.first?.contains("nonsense59") == true)
      #expect(entries.last?.contains("nonsense10") == true)
    }

    @Test func `label values come back as they were sent`() throws {
      let weir = try Weir()
      try weir.send(#"odd_total:1|c|#path:C:\temp,quote:say "hi",city:Zürich 🏔"#)
      let page = try weir.scrape(afterDatagrams: 1)
      let labels = ["path": #"C:\temp"#, "quote": #"say "hi""#, "city": "Zürich 🏔"]
      #expect(page.value("odd_total", labels) == 1)
    }

    @Test func `a scraper that reads nothing delays neither another scrape nor ingest`() throws {
      let weir = try Weir()
      try weir.fillPage()
      let web = try weir.webAddress()
      let slow = try (0..<3).map { _ in
        let exchange = try HTTPExchange(web, receiveBuffer: 65_536)
        try exchange.request("GET", "/metrics")
        return exchange
      }
      for exchange in slow { try #require(exchange.hasAnswer(within: 10)) }
      try weir.send("meanwhile_total:1|c")
      _ = try eventually("A line sent meanwhile") {
        let answer = try http(web, "/metrics")
        return answer.text.contains("\nmeanwhile_total 1\n") ? answer : nil
      }
      #expect(try http(web, "/-/healthy").status == 200)
      // They were served to the end all the same, once they read.
      for exchange in slow { #expect(try exchange.answer().status == 200) }
    }

    @Test func `a scrape that nobody has time for is given up with a sentence`() throws {
      let weir = try Weir()
      let exchange = try HTTPExchange(try weir.webAddress())
      for _ in 0..<2 {
        try exchange.send(
          "GET /metrics HTTP/1.1\r\nHost: weir\r\n"
            + "X-Prometheus-Scrape-Timeout-Seconds: 0.0000001\r\n\r\n")
        let answer = try exchange.answer()
        #expect(answer.status == 503)
        #expect(
          answer.text
            == "the scrape took longer than X-Prometheus-Scrape-Timeout-Seconds grants it\n")
      }
      #expect(try weir.scrape().value("weir_scrapes_timed_out_total") == 2)
    }

    @Test func `scrapes count themselves`() throws {
      let weir = try Weir()
      for _ in 0..<3 { _ = try weir.scrape() }
      let page = try weir.scrape()
      #expect(page.sum("weir_scrapes_total") >= 3)
      #expect(page.sum("weir_scrape_duration_seconds_count") >= 3)
    }
  }
}
