import Testing
import WeirHTTP
import WeirJSON

@testable import WeirDaemon

@Suite("Parameters of the API")
struct ApiQueryTests {
  private static let known = ["limit", "sort", "name"]

  /// What is read, or the sentence of the refusal.
  private func read(_ query: String?) -> String {
    do throws(ApiFailure) {
      let query = try ApiQuery(query, known: Self.known)
      let name = try query.text("name") ?? "-"
      return "\(try query.limit(default: 50)) \(try query.choice("sort", of: ["a", "b"])) \(name)"
    } catch {
      return error.sentence
    }
  }

  @Test(
    "are read, and have defaults",
    arguments: [
      (nil, "50 a -"), ("", "50 a -"), ("limit=1", "1 a -"), ("limit=1000&sort=b", "1000 b -"),
      ("name=a%20b%2bc+d", "50 a a b+c d"), ("name=", "50 a -"), ("limit=", "50 a -"),
    ] as [(String?, String)])
  func values(query: String?, text: String) { #expect(read(query) == text) }

  @Test(
    "are refused with a sentence",
    arguments: [
      ("limit=0", "limit=\"0\" is not a whole number from 1 to 1000; correct it"),
      ("limit=1001", "limit=\"1001\" is not a whole number from 1 to 1000; correct it"),
      ("limit=x", "limit=\"x\" is not a whole number from 1 to 1000; correct it"),
      ("sort=c", "sort=\"c\" is unknown; write a, b"),
      ("nam=c", "there is no parameter \"nam\"; write limit, sort, name"),
      ("limit=1&limit=2", "the parameter limit is given twice; leave one of them out"),
      ("limit", "a parameter is not name=value in percent encoding; correct the query"),
      ("name=%ff", "a parameter is not name=value in percent encoding; correct the query"),
      ("name=%zz", "a parameter is not name=value in percent encoding; correct the query"),
      ("%0a=1", "there is no parameter \"\\u{0a}\"; write limit, sort, name"),
    ])
  func refused(query: String, sentence: String) { #expect(read(query) == sentence) }

  @Test("a failure is JSON, and may say when to ask again")
  func failure() throws {
    let response = ApiFailure("busy; ask again", status: 503, retrySeconds: 1).response
    #expect(response.status == 503 && response.headers["Retry-After"] == "1")
    guard case .bytes(let bytes) = response.body else { return #expect(Bool(false)) }
    #expect(try #require(JSONValue(bytes))["error"].text == "busy; ask again")
  }
}
