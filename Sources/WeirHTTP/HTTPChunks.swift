/// Decodes a body in the chunked transfer coding (RFC 9112, section 7.1).
///
/// The decoder is strict because a body that a proxy and this server understand differently can
/// smuggle a request: lines must end with CR LF, nothing may surround a size, and trailers are
/// refused because no handler uses them.
///
/// ```
/// 5;ext=1 CRLF  hello CRLF   0 CRLF  CRLF
/// └─ size ────┘ data  dataEnd size   trailer     the decoder's state at each part
/// ```
struct HTTPChunks {
  /// Hexadecimal digits of a size, including leading zeros: enough for any limit without overflow.
  static let sizeDigitsMax = 8

  let bytesMax: Int
  /// Bytes that further extensions may have.
  private var extensionBytesLeft: Int
  private var state = State.size

  /// What is expected next.
  private enum State {
    /// A line with the size of the next chunk.
    case size
    /// This many more bytes of the chunk.
    case data(Int)
    /// The CR LF after a chunk's data.
    case dataEnd
    /// The empty line after the last chunk.
    case trailer
  }

  init(bytesMax: Int, extensionBytesMax: Int) {
    self.bytesMax = bytesMax
    extensionBytesLeft = extensionBytesMax
  }

  /// Removes the body's bytes from the start of `input` and appends the decoded data to `body`.
  ///
  /// - Returns: Whether the body is complete. The rest of `input` is then the next request.
  /// - Throws: `HTTPRejection` for a malformed body, or one that exceeds `bytesMax`.
  /// - Complexity: O(`input.count`).
  mutating func take(
    from input: inout [UInt8], onto body: inout [UInt8]
  ) throws(HTTPRejection) -> Bool {
    // Removed once at the end, because a hostile body has a chunk every six bytes.
    var taken = 0
    defer { input.removeFirst(taken) }
    while true {
      switch state {
      case .size:
        guard let line = try sizeLine(input[taken...]) else { return false }
        let size = try self.size(line)
        guard size <= bytesMax - body.count else { throw .tooLong(bytesMax) }
        taken = line.endIndex + 2
        state = size == 0 ? .trailer : .data(size)
      case .data(let left):
        let count = min(left, input.count - taken)
        body += input[taken..<taken + count]
        taken += count
        guard count == left else {
          state = .data(left - count)
          return false
        }
        state = .dataEnd
      case .dataEnd:
        guard try lineEnds(input[taken...], else: "a chunk is longer than its declared size") else {
          return false
        }
        taken += 2
        state = .size
      case .trailer:
        guard try lineEnds(input[taken...], else: "trailers are not supported") else {
          return false
        }
        taken += 2
        return true
      }
    }
  }

  /// The first line of `input` without its CR LF; nil if it is not complete.
  private func sizeLine(
    _ input: ArraySlice<UInt8>
  ) throws(HTTPRejection) -> ArraySlice<UInt8>? {
    let window = input.prefix(Self.sizeDigitsMax + extensionBytesLeft + 2)
    guard let end = window.firstIndex(of: .carriageReturn) else {
      guard !window.contains(.lineFeed) else { throw badSize }
      guard window.count < Self.sizeDigitsMax + extensionBytesLeft + 2 else { throw longLine }
      return nil
    }
    guard end + 1 < input.endIndex else { return nil }
    guard input[end + 1] == .lineFeed else { throw badSize }
    return input[..<end]
  }

  private mutating func size(_ line: ArraySlice<UInt8>) throws(HTTPRejection) -> Int {
    let digits = line.prefix(while: \.isHexDigit)
    guard !digits.isEmpty, digits.count <= Self.sizeDigitsMax,
      let size = Int(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw badSize }
    let rest = line[digits.endIndex...]
    guard rest.isEmpty || rest.first == UInt8(ascii: ";"), rest.allSatisfy(\.isFieldValue) else {
      throw badSize
    }
    guard rest.count <= extensionBytesLeft else { throw longLine }
    extensionBytesLeft -= rest.count
    return size
  }

  /// Whether `input` starts with CR LF; false if more bytes are needed to tell.
  private func lineEnds(
    _ input: ArraySlice<UInt8>, else message: String
  ) throws(HTTPRejection) -> Bool {
    let end = input.prefix(2)
    guard end.elementsEqual([.carriageReturn, .lineFeed].prefix(end.count)) else {
      throw HTTPRejection(message)
    }
    return end.count == 2
  }

  private var badSize: HTTPRejection {
    HTTPRejection("a chunk does not start with its size in hexadecimal digits")
  }

  private var longLine: HTTPRejection {
    HTTPRejection("the chunk extensions are too long; send the body without them")
  }
}
