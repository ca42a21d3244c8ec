/// Reads a body in the chunked transfer coding (RFC 9112, section 7.1).
///
/// Strict, for what two readers take for different bodies hides a request from one of them: lines end
/// with CR LF and nothing else, sizes have nothing around them, and trailers, which no handler here
/// has a use for, are refused.
struct HTTPChunks {
  /// Digits of a size, with leading zeros: enough for any limit, and for no overflow.
  static let sizeDigitsMax = 8

  let bytesMax: Int
  /// Bytes that extensions may still have.
  private var extensionBytesLeft: Int
  private var state = State.size

  private enum State {
    /// A line with the size of the next chunk.
    case size
    /// So many bytes of the chunk are still to come.
    case data(Int)
    /// The line end after a chunk.
    case dataEnd
    /// What follows the last chunk.
    case trailer
  }

  init(bytesMax: Int, extensionBytesMax: Int) {
    self.bytesMax = bytesMax
    extensionBytesLeft = extensionBytesMax
  }

  /// Takes what has come off the start of `input`, and appends what it holds to `body`.
  ///
  /// - Returns: Whether the body is whole.
  /// - Complexity: O(`input.count`).
  mutating func take(
    from input: inout [UInt8], onto body: inout [UInt8]
  ) throws(HTTPRejection) -> Bool {
    // Taken off once: a hostile body has a chunk every six bytes.
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
        guard try lineEnds(input[taken...], else: "a chunk is longer than its size") else {
          return false
        }
        taken += 2
        state = .size
      case .trailer:
        guard try lineEnds(input[taken...], else: "trailers are not taken") else { return false }
        taken += 2
        return true
      }
    }
  }

  /// The line that `input` begins with, without its end; nil when that has not come.
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

  /// Whether `input` begins with CR LF; false when that may still come.
  private func lineEnds(
    _ input: ArraySlice<UInt8>, else sentence: String
  ) throws(HTTPRejection) -> Bool {
    let end = input.prefix(2)
    guard end.elementsEqual([.carriageReturn, .lineFeed].prefix(end.count)) else {
      throw HTTPRejection(sentence)
    }
    return end.count == 2
  }

  private var badSize: HTTPRejection {
    HTTPRejection("a chunk does not begin with a line of its size in hexadecimal digits")
  }

  private var longLine: HTTPRejection {
    HTTPRejection("the body's chunks have longer extensions than this server takes")
  }
}
