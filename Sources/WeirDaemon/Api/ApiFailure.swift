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

  /// Bytes below which compression saves no packet.
  private static let compressedBytesMin = 1_400

  /// The same answer in gzip, if the client takes it and it is worth it.
  func compressed(for request: HTTPRequest) -> HTTPResponse {
    guard case .bytes(let bytes) = body, bytes.count >= HTTPResponse.compressedBytesMin,
      request.headers.acceptsGzip, let packed = Deflater.gzip(bytes, level: 1)
    else { return self }
    var response = self
    response.body = .bytes(packed)
    response.headers.add("Content-Encoding", "gzip")
    response.headers.add("Vary", "Accept-Encoding")
    return response
  }
}
