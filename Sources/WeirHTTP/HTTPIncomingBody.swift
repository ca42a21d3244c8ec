import Dispatch

/// A request's head and the part of its body that has been received.
struct HTTPIncomingBody {
  let head: HTTPRequestHead
  /// The body so far; empty if it is discarded. It grows with the received bytes; the declared
  /// length is not allocated in advance.
  private(set) var bytes: [UInt8] = []
  /// When the head was complete.
  let since: DispatchTime
  /// When bytes of the body were last received.
  var progressAt: DispatchTime

  private var framing: Framing

  private enum Framing {
    /// This many more bytes.
    case length(Int)
    case chunks(HTTPChunks)
  }

  init(_ head: HTTPRequestHead, limits: HTTPLimits, now: DispatchTime) {
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

  /// Whether the body is kept for a handler. If not, it is discarded.
  var isKept: Bool { head.bodyBytesMax != nil }

  /// Removes the body's bytes from the start of `input`.
  ///
  /// - Returns: Whether the body is complete. The rest of `input` is then the next request.
  /// - Throws: `HTTPRejection`. The rest of the input must not be parsed after that.
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
      let isComplete = try chunks.take(from: &input, onto: &bytes)
      framing = .chunks(chunks)
      return isComplete
    }
  }
}
