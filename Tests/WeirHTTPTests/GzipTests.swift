import Foundation
import TestSupport
import Testing
import WeirHTTP
import WeirSockets

@Suite("A compressed body")
struct GzipTests {
  /// What gzip(1), which is not ours, makes of it.
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
    "is what it was, of any length and of bytes that can't be made smaller",
    arguments: [0, 1, 100, 65_535, 65_536, 65_537, 1_000_000])
  func roundTrip(count: Int) async throws {
    var generator = SeededGenerator(seed: UInt64(count))
    let random = generator.bytes(count: count)
    let regular = (0..<count).map { UInt8(truncatingIfNeeded: $0 / 300) }
    for bytes in [random, regular] {
      for pieceBytes in [1_000, 65_536, 10_000_000] where count / pieceBytes < 100 {
        let compressed = try await compressed(bytes, pieceBytes)
        #expect(try unpacked(compressed) == bytes)
        if count > 1_000, bytes == regular { #expect(compressed.count < count / 10) }
      }
    }
  }

  @Test func `is what it was where pieces without bytes come between the others`() async throws {
    let pieces: [[UInt8]] = [[], [1, 2, 3], [], [], [4], [], [5, 6]]
    for length in 1...pieces.count {
      let stream = try #require(
        GzipStream(Listed(pieces.prefix(length)), on: DispatchQueueExecutor(label: "test")))
      var compressed: [UInt8] = []
      var isLast = false
      while !isLast {
        let piece = try await stream.next()
        compressed += piece.bytes
        isLast = piece.isLast
      }
      #expect(try unpacked(compressed) == pieces.prefix(length).flatMap { $0 })
    }
  }

  /// What comes of bytes that are made a piece at a time.
  private func compressed(_ bytes: [UInt8], _ pieceBytes: Int) async throws -> [UInt8] {
    let stream = try #require(
      GzipStream(Parts(bytes, pieceBytes), on: DispatchQueueExecutor(label: "test")))
    var compressed: [UInt8] = []
    while true {
      let piece = try await stream.next()
      // None is longer than what it is made of allows: the last of many parts and zlib's own buffer.
      #expect(piece.bytes.count < 2 * pieceBytes + 400_000)
      compressed += piece.bytes
      if piece.isLast { return compressed }
    }
  }
}

/// Pieces that are given.
private actor Listed: HTTPBodyStream {
  private var rest: ArraySlice<[UInt8]>

  init(_ pieces: ArraySlice<[UInt8]>) {
    rest = pieces
  }

  func next() async throws(HTTPBodyFailure) -> HTTPBodyPiece {
    let piece = rest.removeFirst()
    return HTTPBodyPiece(piece, isLast: rest.isEmpty)
  }
}

/// Bytes that come a part at a time, the last of them empty.
private actor Parts: HTTPBodyStream {
  private var rest: ArraySlice<UInt8>
  private let partBytes: Int

  init(_ bytes: [UInt8], _ partBytes: Int) {
    rest = bytes[...]
    self.partBytes = partBytes
  }

  func next() async throws(HTTPBodyFailure) -> HTTPBodyPiece {
    let part = rest.prefix(partBytes)
    rest = rest.dropFirst(part.count)
    return HTTPBodyPiece(Array(part), isLast: part.isEmpty)
  }
}
