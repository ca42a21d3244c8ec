/// A request whose head has come, with what has come of its body.
struct HTTPIncomingBody {
  let head: HTTPRequestHead
  /// What there is of the body; empty where it is thrown away. It grows as bytes come, whatever
  /// length was declared.
  private(set) var bytes: [UInt8] = []
  /// When its first byte was waited for.
  let since: UInt64
  /// When a byte of it last came.
  var progressAt: UInt64

  private var framing: Framing

  private enum Framing {
    /// So many bytes are still to come.
    case length(Int)
    case chunks(HTTPChunks)
  }

  init(_ head: HTTPRequestHead, limits: HTTPLimits, now: UInt64) {
    self.head = head
    since = now
    progressAt = now
    framing =
      switch head.bodyLength {
      case .bytes(let count): .length(count)
      case .chunked:
        .chunks(
          HTTPChunks(
            bytesMax: head.bodyBytesMax ?? 0, extensionBytesMax: limits.chunkExtensionBytesMax))
      }
  }

  /// Whether a handler is to have it.
  var isKept: Bool { head.bodyBytesMax != nil }

  /// Takes what belongs to the body off the start of `input`.
  ///
  /// - Returns: Whether that was the end of it; what is left of `input` is then the next request.
  /// - Throws: `HTTPRejection`, after which the input is not to be trusted any more.
  /// - Complexity: O(`input.count`).
  mutating func take(from input: inout [UInt8]) throws(HTTPRejection) -> Bool {
    switch framing {
    case .length(let left):
      let count = min(left, input.count)
      if isKept { bytes += input[..<count] }
      input.removeFirst(count)
      framing = .length(left - count)
      return left == count
    case .chunks(var chunks):
      let isWhole = try chunks.take(from: &input, onto: &bytes)
      framing = .chunks(chunks)
      return isWhole
    }
  }
}
