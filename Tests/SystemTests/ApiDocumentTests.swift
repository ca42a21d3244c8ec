import Foundation
import Testing

extension SystemTests {
  /// docs/api.md is what programs are written by. So each answer has the keys and the types of its examples, and
  /// nothing else.
  @Suite("The document of the API")
  struct ApiDocumentTests {
    /// What a request needs that its path in the table does not say.
    static func question(_ path: String) -> String {
      switch path {
      case "names/NAME/labels": "names/user_actions_total/labels"
      case "series": "series?match=llm_request_duration_seconds"
      default: path
      }
    }

    /// Values that can't be provoked in a test: a limit is said to be full only after some minutes.
    private static let unprovoked: Set<String> = ["limits limits[].full_in_seconds"]

    // MARK: The test of the tests

    private func document(_ change: (String, String)? = nil) throws -> ApiDocument {
      var text = try ApiDocument.text()
      if let change {
        try #require(text.contains(change.0), "\(change.0)")
        text = text.replacing(change.0, with: change.1)
      }
      return try ApiDocument(text)
    }

    @Test("has a section with an example for each path of its table")
    func sections() throws {
      let document = try document()
      #expect(document.requests.count >= 13)
      for request in document.requests {
        let section = try #require(document.sections[request.path], "\(request.path)")
        #expect(!section.examples.isEmpty, "\(request.path)")
      }
      let tap = try #require(document.requests.first { $0.path == "tap" })
      #expect(tap.parameters.count == 8)
    }

    @Test(
      "is refuted by answers that have more, less or something else",
      arguments: [
        ("status", #""full": true,"#, "", "full is answered, and not documented"),
        ("status", #""dropped": 284, "#, "", "path.dropped is answered, and not documented"),
        (
          "names", #""growth": 16800,"#, #""growth": 1, "pace": 2,"#,
          "names[].pace is documented, and not answered"
        ),
        (
          "names", #""type": "counter", "series": 41300, "series_max""#,
          #""type": 7, "series": 41300, "series_max""#,
          "names[].type is a text, and a number in the document"
        ),
        (
          "senders", #""others": {"senders": 1204, "lines": 5100}"#, #""others": []"#,
          "others is an object, and an array in the document"
        ),
        (
          "status", #"full_in_seconds": null, "name": null}]"#, #"full_in_seconds": null}]"#,
          "limits[].name is answered, and not documented"
        ),
        ("flags", #""succeeded": true"#, #""succeeded": null"#, ""),
        ("log", #""level": "warn", "#, "", "lines[].level is answered, and not documented"),
        (
          "status/tsdb", #""seriesCountByMetricName": [{"name", "value"}]"#,
          #""seriesCountByMetricName": [{"name", "count"}]"#,
          "data.seriesCountByMetricName[].count is documented, and not answered"
        ),
      ])
    func canFail(path: String, before: String, after: String, mistake: String) throws {
      let section = try #require(try document((before, after)).sections[path])
      var comparison = ApiComparison(section)
      // The examples of the document as it is are the answers.
      let answers = try #require(try document().sections[path]).examples
      for (answer, example) in zip(answers, section.examples) {
        comparison.add(answer, as: example)
      }
      if mistake.isEmpty {
        #expect(comparison.mistakes.isEmpty)
      } else {
        #expect(comparison.mistakes.contains(mistake), "\(comparison.mistakes)")
      }
    }

    @Test("says where null may be, and values that were never answered are noticed")
    func nulls() throws {
      let section = try #require(try document().sections["names/NAME/labels"])
      let example = try #require(section.examples.first)
      func comparison(_ answer: String) throws -> ApiComparison {
        var comparison = ApiComparison(section)
        comparison.add(try JSONShape(answer), as: example)
        return comparison
      }
      let answer = """
        {"name": "a", "type": null, "series": 1, "scanned": 1, "complete": true, "labels": [], "advice": null,
         "counted_seconds": 0.05, "age_seconds": 0}
        """
      let found = try comparison(answer)
      #expect(
        found.mistakes == ["type is null, and the document does not say that it may be"])
      #expect(found.unseen.contains("labels[].name") && found.unseen.contains("advice"))
      #expect(!found.unseen.contains("series"))
    }

    @Test(
      "shapes are read strictly", arguments: ["{", "[1,]", "{\"a\":1,\"a\":2}", "x", "\"a", "1 2"])
    func strict(text: String) {
      #expect(throws: HarnessError.self) { try JSONShape(text) }
    }

    // MARK: The answers

    /// A Weir that has something of everything: lines, instances, refusals of both, scrapes and a reload.
    private func busyWeir(_ folder: URL) throws -> Weir {
      let file = folder.appending(path: "mapping.yml")
      try "mappings: []\n".write(to: file, atomically: true, encoding: .utf8)
      let weir = try Weir(
        "--statsd.mapping-config=\(file.path)", "--web.enable-lifecycle",
        "--limit.series-per-name=300")
      // Names and senders are sampled from now on.
      _ = try weir.api("status")
      let address = try weir.webAddress()
      #expect(try http(address, "/-/reload", method: "POST").status == 200)
      try send(to: weir)
      let pushed = try runProgram(
        try Programs.weir(),
        [
          "send", "--url=http://\(address)", try #require(weir.udp.first), "--push",
          "pushed_total:3|c",
          "llm_requests_total:5|g",
        ])
      #expect(pushed.output.contains("frame"), "\(pushed.output) \(pushed.error)")
      // A frame of a version that is not known.
      try weir.sender().send([0xf7, 0x57, 0x63, 0, 0, 0])
      for path in ["/metrics", "/metrics?name[]=llm_requests_total", "/metrics"] {
        #expect(try http(address, path).status == 200)
      }
      return weir
    }

    private func send(to weir: Weir) throws {
      let users = (0..<120).map { "user_actions_total:1|c|#user_id:u\($0)" }
      for start in stride(from: 0, to: 120, by: 20) {
        try weir.send(users[start..<start + 20].joined(separator: "\n"))
      }
      try weir.send(
        "llm_requests_total:1|c|#provider:openai\nllm_request_duration_seconds:0.4|h|#model:gpt-large",
        "orders.paid:1|q|#shop:de")
    }

    @Test("holds for every answer of a real server, in both directions")
    func answers() throws {
      let folder = FileManager.default.temporaryDirectory
        .appending(path: "weir-api-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      let document = try document()
      let weir = try busyWeir(folder)
      let address = try weir.webAddress()
      var comparisons: [String: ApiComparison] = [:]
      for request in document.requests where request.path != "tap" {
        comparisons[request.path] = ApiComparison(try #require(document.sections[request.path]))
      }
      func unseen() -> [String] {
        comparisons.flatMap { path, comparison in comparison.unseen.map { "\(path) \($0)" } }
          .filter { !Self.unprovoked.contains($0) }.sorted()
      }
      let series = try #require(document.sections["series"]?.examples.first)
      func addSeries(_ match: String) throws {
        let answer = try http(address, "/api/v1/series?match=\(match)")
        var shape = try JSONShape(answer.text)
        ApiDocumentTests.dropLabels(&shape)
        var example = series
        ApiDocumentTests.dropLabels(&example)
        comparisons["series"]?.add(shape, as: example)
      }
      // An instance owns its series while it runs.
      let instance = Process()
      instance.executableURL = URL(filePath: try Programs.pushingClient())
      instance.arguments = [try #require(weir.udp.first), "3", "ignored"]
      let input = Pipe()
      instance.standardInput = input
      instance.standardOutput = FileHandle.nullDevice
      try instance.run()
      defer {
        try? input.fileHandleForWriting.close()
        instance.waitUntilExit()
      }
      let end = ContinuousClock.now + .seconds(60)
      repeat {
        try addSeries("pushed_total")
        for request in document.requests where request.path != "tap" {
          let answer = try http(address, "/api/v1/\(Self.question(request.path))")
          // Another test may be asking; then it is asked again.
          try #require(answer.status == 200, "\(request.path): \(answer.text)")
          #expect(answer.fields["content-type"] == "application/json")
          let section = try #require(document.sections[request.path])
          comparisons[request.path]?.add(
            try JSONShape(answer.text), as: try #require(section.examples.first))
        }
        try send(to: weir)
        usleep(200_000)
      } while !unseen().isEmpty && ContinuousClock.now < end
      #expect(unseen() == [], "these were never answered with a value")
      // Series of other types have other values.
      for match in ["llm_requests_total", "user_actions_total&limit=30"] {
        try addSeries(match)
      }
      let mistakes = comparisons.flatMap { path, comparison in
        comparison.mistakes.map { "\(path): \($0)" }
      }.sorted()
      #expect(mistakes == [])
    }

    /// Forgets the labels of series, whose keys are those of the senders.
    private static func dropLabels(_ shape: inout JSONShape) {
      guard case .object(var fields) = shape, case .array(let series)? = fields["series"] else {
        return
      }
      fields["series"] = .array(
        series.map { one in
          guard case .object(var fields) = one else { return one }
          if case .object? = fields["labels"] { fields["labels"] = .object([:]) }
          return .object(fields)
        })
      shape = .object(fields)
    }

    @Test("holds for what taps show")
    func taps() throws {
      let section = try #require(try document().sections["tap"])
      var comparison = ApiComparison(section, optional: ["cut"])
      try #require(section.examples.count == 4)
      let weir = try Weir()
      let (accepted, refused) = (
        try TapReader(weir, "rate=1"), try TapReader(weir, "what=refused&limit=1")
      )
      let long = "long:1" + String(repeating: ":1", count: 2_500) + "|c"
      for _ in 0..<3 { try weir.send("orders.paid:1|c|#shop:de\n\(long)", "orders.paid:1|q") }
      #expect(try refused.wait() == "limit")
      _ = try eventually("Lines that are not shown") { try accepted.notShown() > 0 ? true : nil }
      for text in accepted.texts + refused.texts {
        let shape = try JSONShape(text)
        guard case .object(let fields) = shape else { throw HarnessError("\(text)") }
        let place =
          fields["end"] != nil
          ? 3 : fields["not_shown"] != nil ? 2 : fields["reason"] != nil ? 1 : 0
        comparison.add(shape, as: section.examples[place])
      }
      #expect(comparison.unseen == [] && comparison.mistakes == [])
    }
  }
}
