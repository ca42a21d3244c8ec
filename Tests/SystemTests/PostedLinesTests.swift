import Foundation
import Testing

extension SystemTests {
  @Suite struct PostedLinesTests {
    /// Posts a body by curl, as `curl --data-binary @- URL`.
    private func post(
      _ body: String, to weir: Weir, path: String = "/api/v1/statsd", _ arguments: [String] = []
    ) throws -> CurlAnswer {
      try CurlAnswer(
        "http://\(try weir.webAddress())\(path)", ["--data-binary", body] + arguments)
    }

    @Test func `lines are taken from curl, and counted like those of datagrams`() throws {
      let weir = try Weir()
      #expect(
        try post("a_total:1|c|#k:v\r\ntook:0.3|h\n_sc|name|0\n", to: weir).status == 204)
      let answer = try post("a_total:2|c|#k:v\nbad\nlevel:7|g", to: weir)
      #expect(answer.status == 400)
      #expect(
        answer.text == """
          2 lines were taken and 1 refused; correct the refused and send only those again
          line 2: there is no value; write name:value|type (missing_value): "bad"

          """)
      let page = try weir.scrape()
      #expect(page.value("a_total", ["k": "v"]) == 3)
      #expect(page.value("took_count") == 1)
      #expect(page.value("level") == 7)
      #expect(page.value("weir_statsd_http_requests_total") == 2)
      #expect(page.value("weir_statsd_http_lines_total") == 6)
      #expect(page.value("weir_lines_total") == 6)
      #expect(page.value("weir_lines_refused_total", ["reason": "missing_value"]) == 1)
      #expect(page.value("weir_samples_total", ["type": "counter"]) == 2)
      #expect(page.value("weir_service_checks_total") == 1)
      let refused = try http(try weir.webAddress(), "/debug/refused").text
      #expect(refused.contains(" missing_value \"bad\""))
      #expect(try post("", to: weir).status == 400)
      let file = FileManager.default.temporaryDirectory.appending(path: "weir-\(UUID())")
      defer { try? FileManager.default.removeItem(at: file) }
      try String(repeating: "a:1|c\n", count: 180_000).write(
        to: file, atomically: true, encoding: .utf8)
      #expect(try post("@\(file.path)", to: weir).status == 413)
      #expect(try http(try weir.webAddress(), "/api/v1/statsd").status == 405)
    }

    @Test func `what was confirmed is there after a crash`() throws {
      let folder = try StateFolder()
      let weir = try Weir(folder.flag)
      for _ in 1...3 { #expect(try post("kept_total:5|c", to: weir).status == 204) }
      #expect(try weir.stop(SIGKILL) == .signal(SIGKILL))
      let second = try Weir(folder.flag)
      #expect(try second.scrape().value("kept_total") == 15)
    }
  }
}
