import Testing

/// A request that must be refused, with the expected status and message.
struct Malformed: Sendable, CustomTestStringConvertible {
  let bytes: [UInt8]
  let status: Int
  let message: String

  init(_ text: String, _ status: Int, _ message: String) {
    (bytes, self.status, self.message) = (Array(text.utf8), status, message)
  }

  init(bytes: [UInt8], _ status: Int, _ message: String) {
    (self.bytes, self.status, self.message) = (bytes, status, message)
  }

  var testDescription: String { String(decoding: bytes.prefix(60), as: UTF8.self) }
}

private let form = "the request line is not of the form: GET /path HTTP/1.1"
private let version = "the request line does not end with a version such as HTTP/1.1"
private let target = "the request target contains a character that must be percent-encoded"
private let slash = "the request target does not start with a slash"
private let host = "the Host header is not host or host:port"
private let length = "the Content-Length header is not a number of bytes"
private let header = "a header line is not of the form: Name: value"
private let name = "a header name contains a space or an invalid character"
private let control = "a header value contains a control character"
private let lone = "a carriage return has no line feed; lines must end with CR LF"
private let tooLarge =
  "the request line and headers exceed 8192 bytes; send fewer or shorter headers"

private func get(_ headers: String) -> String { "GET / HTTP/1.1\r\nHost: a\r\n\(headers)\r\n\r\n" }
private func line(_ line: String) -> String { "\(line)\r\nHost: a\r\n\r\n" }

let malformed: [Malformed] = [
  // Request line
  Malformed(line("GET"), 400, form), Malformed(line("GET /"), 400, form),
  Malformed(line("GET  / HTTP/1.1"), 400, form), Malformed(line("GET / HTTP/1.1 "), 400, form),
  Malformed(line("GET / x HTTP/1.1"), 400, form), Malformed(line("GET\t/ HTTP/1.1"), 400, form),
  Malformed(line("G@T / HTTP/1.1"), 400, "the method contains an invalid character"),
  Malformed(
    line(" GET / HTTP/1.1"), 400, "the request does not start with a method such as GET"),
  Malformed(
    bytes: [0x16, 0x03, 0x01, 0x02], 400,
    "this port speaks plain HTTP, not TLS; use http:// in the address"),
  Malformed(bytes: [0xff], 400, "the request does not start with a method such as GET"),
  Malformed(line("GET / http/1.1"), 400, version), Malformed(line("GET / HTTP/11"), 400, version),
  Malformed(line("GET / HTTP/1.10"), 400, version), Malformed(line("GET / HTTP/"), 400, version),
  Malformed(
    line("GET / HTTP/2.0"), 505, "this server supports HTTP/1.1 and HTTP/1.0, not HTTP/2.0"),
  Malformed(
    line("GET / HTTP/1.2"), 505, "this server supports HTTP/1.1 and HTTP/1.0, not HTTP/1.2"),
  Malformed(
    line("GET / HTTP/0.9"), 505, "this server supports HTTP/1.1 and HTTP/1.0, not HTTP/0.9"),
  Malformed(
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505,
    "this server supports HTTP/1.1 and HTTP/1.0, not HTTP/2.0"),
  Malformed(line("GET /é HTTP/1.1"), 400, target), Malformed(line("GET /#a HTTP/1.1"), 400, target),
  Malformed(line("GET /\u{0} HTTP/1.1"), 400, target),
  Malformed(line("GET metrics HTTP/1.1"), 400, slash),
  Malformed(line("GET * HTTP/1.1"), 400, slash),
  Malformed(line("CONNECT a:1 HTTP/1.1"), 400, slash),
  Malformed(line("GET http:/// HTTP/1.1"), 400, "the host in the request target is invalid"),
  Malformed(line("GET http://a@b/ HTTP/1.1"), 400, "the host in the request target is invalid"),
  // Header lines
  Malformed(get("A"), 400, header), Malformed(get(": a"), 400, header),
  Malformed(get("A : b"), 400, name), Malformed(get("A(: b"), 400, name),
  Malformed(get("é: b"), 400, name), Malformed(get("A: b\u{0}c"), 400, control),
  Malformed(get("A: b\u{7f}"), 400, control), Malformed(get("A: \u{1b}[1m"), 400, control),
  Malformed(
    get("A: b\r\n c"), 400, "a header line starts with a space; folded headers are not supported"),
  Malformed(
    "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400,
    "a header line starts with a space; folded headers are not supported"),
  Malformed(get("A: b\rc"), 400, lone), Malformed(get("A: b\r\rC: d"), 400, lone),
  Malformed(line("GET / HTTP/1.1\r"), 400, lone), Malformed(line("\rGET / HTTP/1.1"), 400, lone),
  // Host
  Malformed(
    "GET / HTTP/1.1\r\n\r\n", 400, "the request has no Host header, which HTTP/1.1 requires"),
  Malformed(get("Host: a"), 400, "the request has more than one Host header"),
  Malformed("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, host),
  Malformed("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, host),
  Malformed("GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", 400, host),
  Malformed("GET / HTTP/1.0\r\nHost: u@h\r\n\r\n", 400, host),
  Malformed("GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400, host),
  Malformed("GET / HTTP/1.1\r\nHost: [x]\r\n\r\n", 400, host),
  Malformed("GET / HTTP/1.1\r\nHost: :80\r\n\r\n", 400, host),
  // Length
  Malformed(get("Content-Length: x"), 400, length), Malformed(get("Content-Length:"), 400, length),
  Malformed(get("Content-Length: -1"), 400, length),
  Malformed(get("Content-Length: +1"), 400, length),
  Malformed(get("Content-Length: 1, 1"), 400, length),
  Malformed(get("Content-Length: 99999999999999999999"), 400, length),
  Malformed(
    get("Content-Length: 1\r\nContent-Length: 2"), 400,
    "the request has more than one Content-Length header"),
  Malformed(
    get("Content-Length: 65537"), 413, "the request body exceeds 65536 bytes; send a smaller one"),
  Malformed(
    get("Transfer-Encoding: chunked\r\nContent-Length: 1"), 501,
    "this page does not support Transfer-Encoding"),
  Malformed(
    get("Content-Length: 1\r\nExpect: 100-continue"), 417,
    "this page does not support Expect; send the request without it"),
  // Size
  Malformed(get("A: " + String(repeating: "a", count: 8_192)), 431, tooLarge),
  Malformed("GET /" + String(repeating: "a", count: 9_000), 431, tooLarge),
  Malformed(String(repeating: "\r\n", count: 5_000), 431, tooLarge),
  Malformed(
    get(String(repeating: "A: b\r\n", count: 100) + "C: d"), 431,
    "the request has more than 100 headers; send fewer"),
]
