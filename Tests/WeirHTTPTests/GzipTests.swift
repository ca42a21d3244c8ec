import Foundation
import TestSupport
import Testing
import WeirHTTP
import WeirSockets

@Suite("A compressed body")
struct GzipTests {
  /// Decompresses with the gzip program, as an independent implementation.
  private func unpacked(_ bytes: [UInt8]) throws -> [UInt8] {
    let file = FileManager.default.temporaryDirectory.appending(path: "weir-\(UUID()).gz")
    try Data(bytes).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let process = Process()
    process.executableURL = URL(filePath: "/bin/gzip")
    process.arguments = ["-dc", file.path]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return Array(data)
  }

  @Test(
    "decompresses to the original, for every length and for incompressible bytes",
    arguments: [0, 1, 100, 65_535, 65_536, 65_537, 1_000_000])
  func roundTrip(count: Int) async throws {
    var generator = SeededGenerator(seed: UInt64(count))
    let random = generator.bytes(count: count)
    let regular = (0..<count).map { UInt8(truncatingIfNeeded: $0 / 300) }
    for bytes in [random, regular] {
      for pieceBytes in [1_000, 65_536, 10_000_000] where count / pieceBytes < 100 {
        let compressed = try await compressed(bytes, pieceBytes: pieceBytes)
        #expect(try unpacked(compressed) == bytes)
        if count > 1_000, bytes == regular { #expect(compressed.count < count / 10) }
      }
    }
  }

  @Test("is complete if pieces are empty at the start, in the middle and at the end")
  func emptyPieces() async throws {
    let text = Array("a_total 1\n".utf8)
    let pieces = [[], text, [], [], text, []]
    #expect(try unpacked(try await compressed(Pieces(pieces), limit: 10_000)) == text + text)
    // zlib still holds bytes when only empty pieces follow.
    var generator = SeededGenerator(seed: 1)
    let random = generator.bytes(count: 70_000)
    let compressed = try await compressed(Pieces([random, [], [], random, []]), limit: 200_000)
    #expect(try unpacked(compressed) == random + random)
  }

  /// Compresses bytes in pieces of `pieceBytes`.
  private func compressed(_ bytes: [UInt8], pieceBytes: Int) async throws -> [UInt8] {
    // No output piece exceeds the input that it can contain: the last part and zlib's buffer.
    try await compressed(Parts(bytes, partBytes: pieceBytes), limit: 2 * pieceBytes + 400_000)
  }

  private func compressed(
    _ source: any HTTPBodyStream, limit: Int
  ) async throws -> [UInt8] {
    let stream = try #require(GzipStream(source, on: DispatchQueueExecutor(label: "test")))
    var compressed: [UInt8] = []
    while true {
      let piece = try await stream.next()
      #expect(piece.bytes.count < limit)
      compressed += piece.bytes
      if piece.isLast { return compressed }
    }
  }
}

/// A stream of the given pieces.
private actor Pieces: HTTPBodyStream {
  private var rest: ArraySlice<[UInt8]>

  init(_ pieces: [[UInt8]]) { rest = pieces[...] }

  func next() async throws(HTTPBodyFailure) -> HTTPBodyPiece {
    let piece = rest.removeFirst()
    return HTTPBodyPiece(piece, isLast: rest.isEmpty)
  }
}

/// A stream of bytes in parts of equal size; the last part is empty.
private actor Parts: HTTPBodyStream {
  private var rest: ArraySlice<UInt8>
  private let partBytes: Int

  init(_ bytes: [UInt8], partBytes: Int) {
    rest = bytes[...]
    self.partBytes = partBytes
  }

  func next() async throws(HTTPBodyFailure) -> HTTPBodyPiece {
    let part = rest.prefix(partBytes)
    rest = rest.dropFirst(part.count)
    return HTTPBodyPiece(Array(part), isLast: part.isEmpty)
  }
}
