import Foundation
import Testing

extension SystemTests {
  /// The forms of a scrape, read by others.
  @Suite struct Formats {
    private struct Page: Decodable {
      struct Sample: Decodable, Hashable {
        let name: String
        let labels: [String: String]
        let value: String

        init(from decoder: any Decoder) throws {
          var parts = try decoder.unkeyedContainer()
          let read = try parts.decode(String.self)
          // The reader of the text format gives every counter the ending that OpenMetrics wants.
          name = read == "plain_total" ? "plain" : read
          labels = try parts.decode([String: String].self)
          value = try parts.decode(String.self)
        }
      }

      let types: [String: String]
      let samples: [Sample]

      /// Without what changes from scrape to scrape.
      var sent: Set<Sample> {
        Set(samples.filter { !$0.name.hasPrefix("weir_") && !$0.name.hasPrefix("process_") })
      }
    }

    private static let lines = [
      "requests_total:3|c|#route:/a", "requests_total:2.5|c|#route:quote\"back\\\\slash é",
      "plain:7|c", "level:-0.5|g", "clash:1|g", "clash_total:4|c",
      "born_created:1|g", "born_total:1|c", "wait_seconds:250:0.5:20000|ms|#le:mine", "users:a|s",
      "h_bucket_total:1|c",
    ]

    private func read(_ bytes: [UInt8], as format: String) throws -> Page {
      let process = Process()
      process.executableURL = URL(filePath: try Programs.python())
      process.arguments = [try Programs.client("read_page.py"), format]
      let (input, output) = (Pipe(), Pipe())
      process.standardInput = input
      process.standardOutput = output
      try process.run()
      try input.fileHandleForWriting.write(contentsOf: Data(bytes))
      try input.fileHandleForWriting.close()
      let data = try output.fileHandleForReading.readToEnd() ?? Data()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0, "prometheus_client refuses the page")
      return try JSONDecoder().decode(Page.self, from: data)
    }

    private func page(_ weir: Weir, _ headers: [String]) throws -> (type: String, body: [UInt8]) {
      let process = Process()
      process.executableURL = URL(filePath: try Programs.curl())
      let marker = "\n%{content_type}"
      process.arguments =
        ["-sS", "--compressed", "-w", marker, "http://\(try weir.webAddress())/metrics"]
        + headers.flatMap { ["-H", $0] }
      let output = Pipe()
      process.standardOutput = output
      try process.run()
      let data = Array(try output.fileHandleForReading.readToEnd() ?? Data())
      process.waitUntilExit()
      let end = try #require(data.lastIndex(of: 0x0A))
      return (String(decoding: data[(end + 1)...], as: UTF8.self), Array(data[..<end]))
    }

    @Test func `every reader finds the same samples under the same names in each of them`() throws {
      let weir = try Weir()
      for line in Self.lines { try weir.send(line) }
      // promtool, which reads every other page of the suite, does not like these names.
      _ = try eventually("A page with all of it") {
        let page = try http(try weir.webAddress(), "/metrics").text
        return page.contains("} \(Self.lines.count)\n# HELP weir_datagrams_refused_total")
          ? true : nil
      }
      let text = try page(weir, ["Accept: text/plain;version=0.0.4"])
      let text1 = try page(weir, ["Accept: text/plain;version=1.0.0", "Accept-Encoding: identity"])
      let open = try page(weir, ["Accept: application/openmetrics-text;version=1.0.0"])
      #expect(text.type == "text/plain; version=0.0.4; charset=utf-8")
      #expect(text1.type.hasPrefix("text/plain; version=1.0.0;"))
      #expect(open.type.hasPrefix("application/openmetrics-text; version=1.0.0;"))
      let pages = [
        try read(text.body, as: "text"), try read(text1.body, as: "text"),
        try read(open.body, as: "openmetrics"),
      ]
      #expect(pages[0].sent.count == 27)
      #expect(pages[1].sent == pages[0].sent)
      #expect(pages[2].sent == pages[0].sent)
      #expect(pages[2].types["requests"] == "counter")
      #expect(pages[2].types["plain"] == "unknown")
      #expect(pages[2].types["clash_total"] == "unknown")
      #expect(pages[2].types["born_total"] == "unknown")
      #expect(pages[0].types["wait_seconds"] == "histogram")
    }

    @Test func `names stay as they were sent, for whoever can read them`() throws {
      let weir = try Weir("--statsd.names=utf-8")
      let web = try weir.webAddress()
      try weir.send("http.requests_total:3|c|#route.name:/a\nwait.seconds:250|ms|#k:v\nplain:1|g")
      // Escaped, for the text format has no place for them.
      let classic = try eventually("A page with all of it") {
        let text = try http(web, "/metrics").text
        return text.contains("\nplain 1\n") ? text : nil
      }
      #expect(classic.contains("\nhttp_requests_total{route_name=\"/a\"} 3\n"))
      #expect(classic.contains("\nwait_seconds_count{k=\"v\"} 1\n"))
      for (accept, format) in [
        ("application/openmetrics-text;version=1.0.0", "openmetrics"),
        ("text/plain;version=1.0.0", "text"),
      ] {
        let page = try page(weir, ["Accept: \(accept);escaping=allow-utf-8"])
        #expect(page.type.hasSuffix("escaping=allow-utf-8"))
        let read = try read(page.body, as: format)
        #expect(
          read.samples.contains {
            $0.name == "http.requests_total" && $0.labels == ["route.name": "/a"]
          })
        #expect(
          read.samples.contains { $0.name == "wait.seconds_count" && $0.labels == ["k": "v"] })
        let values = try self.page(weir, ["Accept: \(accept);escaping=values"])
        let text = String(decoding: values.body, as: UTF8.self)
        #expect(text.contains("\nU__http_2e_requests__total{U__route_2e_name=\"/a\"} 3\n"))
      }
      #expect(try http(web, "/metrics?name[]=wait.seconds").text.contains("wait_seconds_sum"))
    }

    @Test func `names that are asked for come alone, in every format, for GET and HEAD`() throws {
      let weir = try Weir()
      try weir.send("a_total:1|c\na_totals:1|g\nb_seconds:1|h\nc:1|g")
      let web = try weir.webAddress()
      _ = try weir.scrape(afterDatagrams: 1)
      let query = "/metrics?name%5B%5D=a_total&name[]=b_seconds_sum&name[]=weir_build_info"
      let page = try http(web, query).text
      let families = page.split(separator: "\n").filter { $0.hasPrefix("# TYPE") }
      #expect(
        families == [
          "# TYPE a_total counter", "# TYPE b_seconds histogram", "# TYPE weir_build_info gauge",
        ])
      let exchange = try HTTPExchange(web)
      try exchange.request("HEAD", query, close: true)
      let head = try exchange.answer(toHead: true)
      #expect(head.fields["content-length"] == "\(page.utf8.count)")
      #expect(try http(web, "/metrics?name[]=nothing").text == "")
      #expect(try weir.scrape(afterDatagrams: 1).value("c") == 1)
    }

    @Test func `a page is compressed for whoever asks, and says so`() throws {
      let weir = try Weir()
      let exchange = try HTTPExchange(try weir.webAddress())
      try exchange.send(
        "GET /metrics HTTP/1.1\r\nHost: weir\r\nAccept-Encoding: gzip;q=0.5\r\n\r\n")
      let packed = try exchange.answer()
      #expect(packed.fields["content-encoding"] == "gzip")
      #expect(packed.fields["vary"] == "Accept, Accept-Encoding")
      #expect(packed.body.starts(with: [0x1F, 0x8B]))
      try exchange.send(
        "GET /metrics HTTP/1.1\r\nHost: weir\r\nAccept-Encoding: gzip;q=0\r\n\r\n")
      let plain = try exchange.answer()
      #expect(plain.fields["content-encoding"] == nil)
      #expect(plain.text.hasPrefix("# HELP"))
      #expect(packed.body.count * 2 < plain.body.count)
    }
  }
}
