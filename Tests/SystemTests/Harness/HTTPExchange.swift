import Foundation

/// One answer of the server.
struct HTTPAnswer {
  let status: Int
  /// Field names in lower case.
  let fields: [String: String]
  let body: [UInt8]

  var text: String { String(decoding: body, as: UTF8.self) }
}

/// A connection to the server that sends what it is told and reads answers one at a time.
///
/// It is strict: an answer must be HTTP/1.1, and carry a Content-Length that comes true or come in
/// chunks up to the last.
final class HTTPExchange {
  private let socket: TestSocket
  private var buffer: [UInt8] = []

  init(_ address: String, receiveBuffer: Int32? = nil) throws {
    socket = try .connect(.tcp, address, receiveBuffer: receiveBuffer)
  }

  /// Sends a request head; `close` asks that the connection end with the answer.
  func request(_ method: String, _ path: String, close: Bool = false) throws {
    let connection = close ? "Connection: close\r\n" : ""
    try send("\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n\(connection)\r\n")
  }

  func send(_ text: String) throws {
    try socket.send(text)
  }

  /// Reads one whole answer; that to a HEAD request has no body whatever its length says.
  func answer(toHead head: Bool = false) throws -> HTTPAnswer {
    let blank: [UInt8] = [13, 10, 13, 10]
    var end: Int?
    while end == nil {
      end = buffer.firstRange(of: blank)?.lowerBound
      if end == nil { try more() }
    }
    let lines = String(decoding: buffer[..<end!], as: UTF8.self).components(separatedBy: "\r\n")
    buffer.removeFirst(end! + blank.count)
    let status = lines[0].split(separator: " ", maxSplits: 2)
    guard status.count >= 2, status[0] == "HTTP/1.1", let code = Int(status[1]) else {
      throw HarnessError("\"\(lines[0])\" is not an HTTP/1.1 status line.")
    }
    var fields: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { throw HarnessError("\"\(line)\" is not a header field.") }
      fields[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
    }
    if fields["transfer-encoding"] == "chunked" {
      return HTTPAnswer(status: code, fields: fields, body: head ? [] : try chunks())
    }
    guard let length = fields["content-length"].flatMap(Int.init) else {
      throw HarnessError("The answer has no Content-Length: \(lines).")
    }
    if head { return HTTPAnswer(status: code, fields: fields, body: []) }
    while buffer.count < length { try more() }
    defer { buffer.removeFirst(length) }
    return HTTPAnswer(status: code, fields: fields, body: Array(buffer[..<length]))
  }

  /// Reads a body that comes in chunks.
  private func chunks() throws -> [UInt8] {
    var body: [UInt8] = []
    while true {
      let line = try line()
      guard let count = Int(line, radix: 16) else {
        throw HarnessError("\"\(line)\" is not the length of a chunk.")
      }
      while buffer.count < count { try more() }
      body += buffer[..<count]
      buffer.removeFirst(count)
      guard try self.line().isEmpty else { throw HarnessError("A chunk does not end.") }
      if count == 0 { return body }
    }
  }

  private func line() throws -> String {
    while true {
      if let end = buffer.firstRange(of: [13, 10]) {
        defer { buffer.removeFirst(end.upperBound) }
        return String(decoding: buffer[..<end.lowerBound], as: UTF8.self)
      }
      try more()
    }
  }

  /// True when the server closed and everything it sent has been read.
  func isAtEnd() throws -> Bool {
    try buffer.isEmpty && socket.receive().isEmpty
  }

  /// True once the first bytes of an answer are there; reads none of them.
  func hasAnswer(within seconds: Double) -> Bool {
    socket.isReadable(within: seconds)
  }

  private func more() throws {
    let bytes = try socket.receive()
    if bytes.isEmpty { throw HarnessError("The connection ended within an answer.") }
    buffer += bytes
  }
}

/// One request on a connection of its own.
func http(_ address: String, _ path: String, method: String = "GET") throws -> HTTPAnswer {
  let exchange = try HTTPExchange(address)
  try exchange.request(method, path, close: true)
  return try exchange.answer(toHead: method == "HEAD")
}
