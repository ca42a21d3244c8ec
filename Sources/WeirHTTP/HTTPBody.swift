/// What follows a response's head.
package enum HTTPBody: Sendable {
  /// The whole of it.
  case bytes([UInt8])
  /// What is made while it goes out, for its length is not known before or it would take much memory.
  case stream(any HTTPBodyStream)

  /// Bytes that are there already.
  var byteCount: Int {
    switch self {
    case .bytes(let bytes): bytes.count
    case .stream: 0
    }
  }
}

/// Makes a response's body piece by piece, as its reader takes it.
///
/// The server asks for the next piece when at most `HTTPLimits.streamedBytesMax` of those before are
/// still to go out, one at a time, and never after the connection was closed.
package protocol HTTPBodyStream: Sendable {
  /// The next piece, which should be some tens of KiB: each costs a change of thread.
  ///
  /// - Throws: When there will be no more: the client sees the failure's status if nothing has gone out
  ///   yet, and else a body that breaks off.
  func next() async throws(HTTPBodyFailure) -> HTTPBodyPiece
}

/// A part of a body, in order.
package struct HTTPBodyPiece: Sendable {
  package var bytes: [UInt8]
  package var isLast: Bool

  package init(_ bytes: [UInt8], isLast: Bool) {
    self.bytes = bytes
    self.isLast = isLast
  }
}

/// Why a body can't be made, or not to its end.
package struct HTTPBodyFailure: Error, Equatable {
  package let status: Int
  /// One sentence for the client.
  package let sentence: String

  package init(_ status: Int, _ sentence: String) {
    self.status = status
    self.sentence = sentence
  }
}
