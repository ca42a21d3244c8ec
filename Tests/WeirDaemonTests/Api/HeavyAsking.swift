import Testing
import WeirHTTP
import WeirJSON

@testable import WeirDaemon

/// Asks heavy questions of a server that has read some lines.
enum HeavyAsking {
  static func server(_ lines: [String], flags: [String] = []) throws -> TestServer {
    let server = try TestServer(flags)
    var pipeline = server.pipeline()
    for start in stride(from: 0, to: lines.count, by: 500) {
      var messages = Messages()
      let some = lines[start..<min(lines.count, start + 500)]
      messages.append(Array(some.joined(separator: "\n").utf8))
      pipeline.ingest(messages)
    }
    return server
  }

  static func respond(
    _ questions: HeavyQuestions, _ path: String, _ query: String? = nil
  ) async -> HTTPResponse {
    var router = HTTPRouter()
    var pages = ApiPages(hosts: HostRule(names: [], hasUsers: { false }))
    HeavyPages(questions: questions).add(to: &pages)
    pages.add(to: &router)
    return await router.respond(to: HTTPRequest(path: "/api/v1/\(path)", query: query))
  }

  static func bytes(_ response: HTTPResponse) throws -> [UInt8] {
    guard case .bytes(let bytes) = response.body else { throw TestServer.NoServer() }
    return bytes
  }

  static func ask(
    _ questions: HeavyQuestions, _ path: String, _ query: String? = nil
  ) async throws -> JSONValue {
    let response = await respond(questions, path, query)
    let bytes = try bytes(response)
    #expect(response.status == 200, "\(String(decoding: bytes, as: UTF8.self))")
    #expect(bytes.count <= HeavyQuestions.bytesMax)
    return try #require(JSONValue(bytes))
  }

}
