import Testing

@testable import WeirHTTP

/// The decoder of the chunked transfer coding.
struct HTTPChunksTests {
  /// The decoded body and the input after it; nil if the body is incomplete.
  private func read(
    _ parts: [ArraySlice<UInt8>], bytesMax: Int = 20, extensionBytesMax: Int = 16
  ) throws -> (body: String, rest: String)? {
    var chunks = HTTPChunks(bytesMax: bytesMax, extensionBytesMax: extensionBytesMax)
    var input: [UInt8] = []
    var body: [UInt8] = []
    var isComplete = false
    for part in parts {
      input += part
      if !isComplete { isComplete = try chunks.take(from: &input, onto: &body) }
    }
    guard isComplete else { return nil }
    return (String(decoding: body, as: UTF8.self), String(decoding: input, as: UTF8.self))
  }

  @Test(
    "a body is decoded however it is split into reads",
    arguments: [
      ("0\r\n\r\n", ""), ("5\r\nhello\r\n0\r\n\r\n", "hello"),
      ("00000005\r\nhello\r\n00\r\n\r\n", "hello"),
      ("1;a=b\r\nh\r\n4;c=\"d e\"\r\nello\r\n0;f\r\n\r\n", "hello"),
      // A chunk that looks like the end of a body.
      (
        "7\r\n\r\n0\r\n\r\n\r\nB\r\n0123456789a\r\n0\r\n\r\n",
        "\r\n0\r\n\r\n0123456789a"
      ),
    ])
  func reads(text: String, body: String) throws {
    let bytes = Array((text + "GET /").utf8)
    for cut in 0...bytes.count {
      let read = try #require(try read([bytes[..<cut], bytes[cut...]]))
      #expect(read.body == body)
      #expect(read.rest == "GET /")
    }
  }

  @Test func `a body may arrive byte by byte, and is complete only after the last byte`() throws {
    let bytes = Array("3;x\r\nabc\r\n2\r\nde\r\n0\r\n\r\n".utf8)
    let parts = bytes.indices.map { bytes[$0...$0] }
    #expect(try read(parts)?.body == "abcde")
    for count in 0..<bytes.count { #expect(try read(Array(parts.prefix(count))) == nil) }
  }

  private static let size =
    "a chunk does not start with its size in hexadecimal digits"
  private static let long = "the chunk extensions are too long; send the body without them"

  @Test(
    "ambiguous and malformed chunks are refused",
    arguments: [
      ("\r\n", size), ("x\r\n", size), ("-1\r\n", size), ("+1\r\n", size), ("0x1\r\n", size),
      (" 1\r\n", size), ("1 \r\n", size), ("1 ;a\r\n", size), ("1\n", size), ("1\ra\n", size),
      ("1;a\nb\r\n", size), ("1;a\u{0}\r\n", size), ("1,1\r\n", size), ("000000001\r\n", size),
      ("FFFFFFFFFFFFFFFF\r\n", size), ("1g\r\n", size), (";a\r\n", size), ("1_0\r\n", size),
      ("1\r\nab\r\n", "a chunk is longer than its declared size"),
      ("1\r\na\n", "a chunk is longer than its declared size"),
      ("1\r\na\rb", "a chunk is longer than its declared size"),
      ("0\r\nA: b\r\n\r\n", "trailers are not supported"),
      ("0\r\n\n", "trailers are not supported"),
      ("0\r\n0\r\n\r\n", "trailers are not supported"),
      ("1;" + String(repeating: "a", count: 16) + "\r\n", long),
      ("1;" + String(repeating: "a", count: 99), long),
      ("1;aaaaaaaa\r\na\r\n1;bbbbbbbb\r\n", long),
    ])
  func refuses(text: String, message: String) {
    let bytes = Array(text.utf8)
    for cut in 0...bytes.count {
      #expect(throws: HTTPRejection(message), "\(text.debugDescription)") {
        _ = try read([bytes[..<cut], bytes[cut...]])
      }
    }
  }

  @Test(
    "a chunk that would make the body too long is refused before its data arrives",
    arguments: ["15\r\n", "ffffffff\r\n", "14\r\n01234567890123456789\r\n1\r\n"])
  func tooLong(text: String) {
    #expect(throws: HTTPRejection.tooLong(20)) { _ = try read([Array(text.utf8)[...]]) }
  }

  @Test func `decoding many small chunks takes linear time`() throws {
    // With quadratic time this would take minutes.
    let count = 200_000
    let bytes = Array(repeatElement(Array("1\r\na\r\n".utf8), count: count).joined())
    let read = try read([bytes[...], Array("0\r\n\r\n".utf8)[...]], bytesMax: count)
    #expect(read?.body.utf8.count == count)
  }
}
