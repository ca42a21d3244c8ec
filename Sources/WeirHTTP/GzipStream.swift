// Safety: the actor holds its executor, so the unowned reference to the executor never dangles.

import WeirSockets

/// A body in the gzip format, compressed while it is sent.
///
/// It needs about 270 KiB for zlib and holds one piece of its source at a time. Several streams can
/// share an executor, so that compression as a whole uses one core at most.
package actor GzipStream: HTTPBodyStream {
  private let source: any HTTPBodyStream
  package nonisolated let mustBeWhole: Bool
  private let executor: DispatchQueueExecutor
  private let deflater: Deflater

  /// Bytes of every piece except the last, at least. A single piece of the source may compress to
  /// only a few hundred bytes.
  private static let pieceBytesMin = 32 << 10

  /// Nil if there is no memory for zlib.
  package init?(
    _ source: any HTTPBodyStream, on executor: DispatchQueueExecutor, level: Int32 = Deflater.level
  ) {
    guard let deflater = Deflater(level: level) else { return nil }
    self.source = source
    mustBeWhole = source.mustBeWhole
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
