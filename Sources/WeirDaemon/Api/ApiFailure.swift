import WeirHTTP
import WeirJSON

/// Why a question to the API has no answer.
struct ApiFailure: Error, Equatable {
  let status: Int
  /// One sentence for the client, with the remedy.
  let sentence: String
  /// Seconds after which the question may be asked again; nil if that would not help.
  let retrySeconds: Int?

  init(_ sentence: String, status: Int = 400, retrySeconds: Int? = nil) {
    self.status = status
    self.sentence = sentence
    self.retrySeconds = retrySeconds
  }

  var response: HTTPResponse {
    var json = JSONWriter()
    json.object { $0.field("error", sentence) }
    var response = HTTPResponse.json(json, status: status)
    if let retrySeconds { response.headers.add("Retry-After", "\(retrySeconds)") }
    return response
  }
}

extension HTTPResponse {
  /// An answer of the API.
  static func json(_ json: JSONWriter, status: Int = 200) -> HTTPResponse {
    HTTPResponse(
      status: status,
      headers: [
        "Content-Type": "application/json", "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
      ], body: json.bytes + [UInt8(ascii: "\n")])
  }
}
