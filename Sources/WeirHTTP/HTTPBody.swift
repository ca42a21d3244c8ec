/// The body of a response.
package enum HTTPBody: Sendable {
  /// A complete body.
  case bytes([UInt8])
  /// A body that is produced while it is sent, because its length is unknown or it is large.
  case stream(any HTTPBodyStream)

  /// Bytes in memory; 0 for a stream.
  var byteCount: Int {
    switch self {
    case .bytes(let bytes): bytes.count
    case .stream: 0
    }
  }
}

/// Produces a response's body piece by piece, as fast as the client reads it.
///
/// The server asks for one piece at a time, when at most `HTTPLimits.streamedBytesMax` bytes are
/// unsent, and never after the connection was closed.
package protocol HTTPBodyStream: Sendable {
  /// Whether a client must not take a body without its end for a whole one: the end may be held back
  /// until it is known that the body is true. A client of HTTP/1.0 can't tell the two apart, so the
  /// server makes the whole body for it before it sends any of it.
  var mustBeWhole: Bool { get }

  /// How long the response may take, in seconds; nil for `HTTPLimits.responseSecondsMax`. A client that reads
  /// nothing is closed earlier in any case.
  var secondsMax: Double? { get }

  /// The next piece. It should have some tens of KiB because each piece costs a change of thread.
  ///
  /// - Throws: If the body cannot be completed. Before the first piece the client gets the
  ///   failure's status and message; after it, the connection is reset.
  func next() async throws(HTTPBodyFailure) -> HTTPBodyPiece
}

extension HTTPBodyStream {
  package var mustBeWhole: Bool { false }
  package var secondsMax: Double? { nil }
}

/// The next part of a streamed body.
package struct HTTPBodyPiece: Sendable {
  package var bytes: [UInt8]
  package var isLast: Bool

  package init(_ bytes: [UInt8], isLast: Bool) {
    self.bytes = bytes
    self.isLast = isLast
  }
}

/// Why a body cannot be produced or completed.
package struct HTTPBodyFailure: Error, Equatable {
  package let status: Int
  /// One sentence for the client.
  package let message: String

  package init(_ status: Int, _ message: String) {
    self.status = status
    self.message = message
  }
}
