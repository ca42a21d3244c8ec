import BenchmarkKit

/// Reads a page over plain HTTP/1.1, one connection a page.
struct ScrapeClient {
  /// A page of a million series is about 700 MB; a larger one is a mistake.
  static let pageBytesMax = 1 << 30

  let endpoint: Endpoint
  let path: String

  /// From `http://host:port/path`.
  init(url: String) throws(UsageError) {
    let scheme = "http://"
    guard url.hasPrefix(scheme) else {
      throw UsageError(sentence: "--check=\(url) is not an http:// address.")
    }
    let rest = url.dropFirst(scheme.count)
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    endpoint = try Endpoint(rest[..<slash])
    path = slash == rest.endIndex ? "/" : String(rest[slash...])
  }

  func scrape() throws(RunError) -> Scrape {
    let socket = try Socket.connect(.tcp, to: endpoint, loopbackOnly: false)
    socket.limitWaiting()
    let request = "GET \(path) HTTP/1.1\r\nHost: \(endpoint)\r\nConnection: close\r\n\r\n"
    try socket.write(Array(request.utf8))
    var answer: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 18)
    while try socket.read(into: &answer, chunk: &chunk) {
      guard answer.count <= Self.pageBytesMax else {
        throw RunError("\(endpoint)\(path) is longer than \(Self.pageBytesMax) bytes.")
      }
    }
    return try Scrape(try body(of: answer))
  }

  private func body(of answer: [UInt8]) throws(RunError) -> [UInt8] {
    let blank = Array("\r\n\r\n".utf8)
    let headEnd = answer.indices.first { answer[$0...].starts(with: blank) }
    guard let headEnd else {
      throw RunError("\(endpoint)\(path) did not answer in HTTP.")
    }
    let head = String(decoding: answer[..<headEnd], as: UTF8.self).split(separator: "\r\n")
    guard let status = head.first, status.hasPrefix("HTTP/1.1 200") else {
      throw RunError("\(endpoint)\(path) answered \"\(head.first ?? "")\", not 200.")
    }
    let rest = answer[(headEnd + blank.count)...]
    let fields = head.dropFirst().map { $0.split(separator: ":", maxSplits: 1) }
    func field(_ name: String) -> Substring? {
      fields.first { $0.first?.lowercased() == name }?.last?.trimmingSpaces
    }
    if field("transfer-encoding") == "chunked" { return try chunks(of: rest) }
    guard let length = field("content-length"), Int(length) == rest.count else {
      throw RunError(
        "\(endpoint)\(path) sent \(rest.count) bytes, and its Content-Length is "
          + "\(field("content-length") ?? "absent").")
    }
    return Array(rest)
  }

  /// The content of a chunked body, which must end with the last chunk.
  private func chunks(of answer: ArraySlice<UInt8>) throws(RunError) -> [UInt8] {
    var body: [UInt8] = []
    var rest = answer
    while let end = rest.firstIndex(of: 13) {
      let digits = String(decoding: rest[..<end], as: UTF8.self)
      guard let count = Int(digits, radix: 16), rest.endIndex - end >= count + 4 else { break }
      body += rest[(end + 2)..<(end + 2 + count)]
      rest = rest[(end + 4 + count)...]
      if count == 0 && rest.isEmpty { return body }
    }
    throw RunError("\(endpoint)\(path) broke off after \(body.count) bytes.")
  }
}

extension Substring {
  fileprivate var trimmingSpaces: Substring {
    var text = self
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return text
  }
}
