import Foundation
import TestSupport
import Testing
import WeirHTTP

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
  func roundTrip(count: Int) throws {
    var generator = SeededGenerator(seed: UInt64(count))
    let random = generator.bytes(count: count)
    let regular = (0..<count).map { UInt8(truncatingIfNeeded: $0 / 300) }
    for bytes in [random, regular] {
      let compressed = try #require(Gzip.compressed(bytes))
      #expect(try unpacked(compressed) == bytes)
    }
    if count > 1_000 { #expect(try #require(Gzip.compressed(regular)).count < count / 10) }
  }
}
