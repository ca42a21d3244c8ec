import Foundation

/// A tap that curl reads. The end of this object closes its connection.
final class TapReader {
  let curl: ChildProcess

  /// Opens a tap and waits until it is open: what is sent from now on goes by it.
  init(_ weir: Weir, _ query: String = "") throws {
    let url = "http://\(try weir.webAddress())/api/v1/tap?\(query)"
    let curl = try ChildProcess(try Programs.curl(), ["-sSNi", "--max-time", "150", url])
    self.curl = curl
    let head = try eventually("An open tap", within: 30) {
      curl.standardOutput.contains("\r\n\r\n") ? curl.standardOutput : nil
    }
    guard head.hasPrefix("HTTP/1.1 200 ") else { throw HarnessError("\(query): \(head)") }
  }

  /// Everything after the head.
  var body: Substring {
    let text = curl.standardOutput
    return text.firstRange(of: "\r\n\r\n").map { text[$0.upperBound...] } ?? ""
  }

  /// The whole lines that are not empty.
  var texts: [Substring] {
    let body = body
    guard let end = body.lastIndex(of: "\n") else { return [] }
    return body[..<end].split(separator: "\n")
  }

  func objects() throws -> [[String: Any]] {
    try texts.map { text in
      let json = try JSONSerialization.jsonObject(with: Data(text.utf8))
      guard let object = json as? [String: Any] else { throw HarnessError("\(text)") }
      return object
    }
  }

  /// The lines that it has shown.
  func lines() throws -> [String] { try objects().compactMap { $0["line"] as? String } }

  /// How many lines it has told that it does not show.
  func notShown() throws -> Int {
    try objects().reduce(0) { $0 + ($1["not_shown"] as? Int ?? 0) }
  }

  /// Why it has ended; nil while it is open.
  func end() throws -> String? { try objects().last?["end"] as? String }

  /// Waits until it ends, and gives the reason.
  func wait() throws -> String? {
    _ = try eventually("The end of a tap", within: 60) { curl.poll() }
    return try end()
  }
}

extension Weir {
  /// An answer of the API as JSON.
  func api(_ path: String) throws -> [String: Any] {
    let answer = try http(try webAddress(), "/api/v1/\(path)")
    let json = try JSONSerialization.jsonObject(with: Data(answer.text.utf8)) as? [String: Any]
    guard answer.status == 200, let json else {
      throw HarnessError("\(path): \(answer.status): \(answer.text)")
    }
    return json
  }
}
