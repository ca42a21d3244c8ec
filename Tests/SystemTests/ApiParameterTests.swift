import Foundation
import Testing

extension SystemTests {
  /// The table of requests in docs/api.md, its parameters, and methods.
  @Suite("The parameters of the API")
  struct ApiParameterTests {
    /// A value of each parameter, by name; of some, more than one.
    private static let values: [String: [String]] = [
      "since": ["1790000000123"], "step": ["1s", "1m"],
      "sort": ["series", "growth", "lines", "name", "type"], "match": ["llm_*"],
      "limit": ["1", "1000"], "reason": ["unknown_type"], "sender": ["127.0.0.1"],
      "what": ["accepted", "refused"], "name": ["llm_*"], "label": ["provider=openai"],
      "rate": ["1", "10000"], "seconds": ["1", "600"],
    ]

    /// Questions that each have one parameter, and what else it needs.
    private func questions(_ request: ApiDocument.Request) throws -> [String] {
      var questions: [String] = []
      for parameter in request.parameters {
        let values = try #require(
          Self.values[parameter], "the test knows no value of the parameter \(parameter)")
        for value in values {
          var query = "\(parameter)=\(value)"
          if request.path == "series", parameter != "match" { query += "&match=a" }
          if request.path == "tap", parameter == "reason" { query += "&what=refused" }
          questions.append(query)
        }
      }
      return questions
    }

    private func path(_ request: ApiDocument.Request) -> String {
      "/api/v1/\(ApiDocumentTests.question(request.path).prefix { $0 != "?" })"
    }

    @Test("names parameters that are taken, and no others are")
    func parameters() throws {
      let document = try ApiDocument(try ApiDocument.text())
      let weir = try Weir()
      let address = try weir.webAddress()
      try weir.send("user_actions_total:1|c|#user_id:u1")
      _ = try eventually("A name") {
        try http(address, "/api/v1/names/user_actions_total/labels").status == 200 ? true : nil
      }
      for request in document.requests {
        // A tap that is only asked for its head ends at once.
        let method = request.path == "tap" ? "HEAD" : "GET"
        for query in try questions(request) {
          let answer = try http(address, "\(path(request))?\(query)", method: method)
          #expect(answer.status == 200, "\(request.path)?\(query): \(answer.text)")
        }
        var wrong = ["unknown=1", "limit"]
        if !request.parameters.contains("limit") { wrong.append("limit=1") }
        if request.parameters.contains("limit") {
          wrong += ["limit=0", "limit=-1", "limit=x", "limit=1&limit=2"]
          wrong.append(request.path == "tap" ? "limit=1000001" : "limit=1001")
        }
        for (parameter, values) in [
          ("step", ["2s"]), ("sort", ["nothing"]), ("since", ["yesterday"]), ("what", ["all"]),
          ("rate", ["0", "10001"]), ("seconds", ["0", "601"]), ("label", ["k", "=v"]),
        ] where request.parameters.contains(parameter) {
          wrong += values.map { "\(parameter)=\($0)" }
        }
        if request.path == "tap" {
          wrong += ["sender=nowhere", "what=refused&reason=none", "reason=bad_value"]
        }
        for query in wrong {
          let more = request.path == "series" ? "&match=a" : ""
          let answer = try http(address, "\(path(request))?\(query)\(more)")
          #expect(answer.status == 400, "\(request.path)?\(query): \(answer.status)")
          try sentence(answer)
        }
      }
    }

    /// A mistake is one sentence in JSON.
    private func sentence(_ answer: HTTPAnswer) throws {
      #expect(answer.fields["content-type"] == "application/json")
      let json = try JSONSerialization.jsonObject(with: Data(answer.text.utf8)) as? [String: Any]
      #expect(json?.count == 1)
      let sentence = try #require(json?["error"] as? String)
      #expect(sentence.split(separator: " ").count >= 4 && !sentence.contains("\n"), "\(sentence)")
    }

    @Test("says GET and HEAD alone, and 404 for what there is not")
    func methods() throws {
      let document = try ApiDocument(try ApiDocument.text())
      let weir = try Weir()
      let address = try weir.webAddress()
      try weir.send("user_actions_total:1|c|#user_id:u1", "llm_request_duration_seconds:1|h")
      _ = try eventually("A name") {
        try http(address, "/api/v1/names/user_actions_total/labels").status == 200 ? true : nil
      }
      for request in document.requests {
        let path = "/api/v1/\(ApiDocumentTests.question(request.path))"
        for method in ["POST", "PUT", "DELETE"] {
          let answer = try http(address, path, method: method)
          #expect(answer.status == 405, "\(method) \(path): \(answer.status)")
          #expect(answer.fields["allow"] == "GET, HEAD")
        }
        let head = try http(address, path, method: "HEAD")
        #expect(head.status == 200, "\(path)")
        let type = request.path == "tap" ? "application/x-ndjson" : "application/json"
        #expect(head.fields["content-type"] == type && head.fields["cache-control"] == "no-store")
      }
      for path in ["", "nothing", "status/", "names/x", "status/nothing", "Status"] {
        let answer = try http(address, "/api/v1/\(path)")
        #expect(answer.status == 404, "\(path): \(answer.status)")
      }
      let unknown = try http(address, "/api/v1/nothing")
      #expect(unknown.fields["content-type"]?.hasPrefix("text/plain") == true)
      let name = try http(address, "/api/v1/names/nothing/labels")
      #expect(name.status == 404)
      try sentence(name)
    }
  }
}
