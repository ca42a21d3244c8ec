// Safety: the actor holds the executor that it names, so that the unowned reference never dangles.

import WeirSockets

/// A body in the gzip format, compressed while it goes out.
///
/// It holds what zlib needs, some 270 KiB, and a piece of its source at a time. It runs on an executor
/// that others may share, so that however many bodies are compressed they take one core together.
package actor GzipStream: HTTPBodyStream {
  private let source: any HTTPBodyStream
  private let executor: DispatchQueueExecutor
  private let deflater: Deflater

  /// A piece has at least this many bytes but for the last: a piece of the source alone may compress to
  /// some hundred.
  private static let pieceBytesMin = 32 << 10

  /// nil where there is no memory for it.
  package init?(
    _ source: any HTTPBodyStream, on executor: DispatchQueueExecutor, level: Int32 = Deflater.level
  ) {
    guard let deflater = Deflater(level: level) else { return nil }
    self.source = source
    self.executor = executor
    self.deflater = deflater
  }

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  package func next() async throws(HTTPBodyFailure) -> HTTPBodyPiece {
    var compressed: [UInt8] = []
    while compressed.count < GzipStream.pieceBytesMin {
      let piece = try await source.next()
      guard deflater.compress(piece.bytes, isLast: piece.isLast, onto: &compressed) else {
        throw HTTPBodyFailure(500, "the page could not be compressed")
      }
      if piece.isLast { return HTTPBodyPiece(compressed, isLast: true) }
    }
    return HTTPBodyPiece(compressed, isLast: false)
  }
}
