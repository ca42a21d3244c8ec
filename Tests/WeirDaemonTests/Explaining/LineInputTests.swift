import Glibc
import Testing
import WeirConfiguration

@testable import WeirDaemon

struct LineInputTests {
  /// The lines that come of bytes that are written to a pipe.
  private func lines(_ bytes: [UInt8]) throws -> [[UInt8]] {
    var ends: [Int32] = [0, 0]
    #expect(unsafe pipe(&ends) == 0)
    defer { close(ends[0]) }
    #expect(unsafe write(ends[1], bytes, bytes.count) == bytes.count)
    close(ends[1])
    var input = LineInput(descriptor: ends[0])
    var lines: [[UInt8]] = []
    while let line = try input.next() { lines.append(line) }
    #expect(try input.next() == nil)
    return lines
  }

  @Test(arguments: [
    ("", []), ("a", ["a"]), ("a\n", ["a"]), ("a\nb", ["a", "b"]), ("a\r\nb\r\n", ["a", "b"]),
    ("\n\nx", ["", "", "x"]), ("a\rb\n", ["a\rb"]), ("a\r", ["a"]),
  ]) func `reads lines with either end`(_ text: String, _ expected: [String]) throws {
    #expect(try lines(Array(text.utf8)) == expected.map { Array($0.utf8) })
  }

  @Test func `keeps every byte`() throws {
    let bytes = (0...255).map { UInt8($0) }.filter { $0 != 0x0a }
    #expect(try lines(bytes + [0x0a] + bytes) == [bytes, bytes])
  }

  @Test func `knows whether the next line is there`() throws {
    var ends: [Int32] = [0, 0]
    #expect(unsafe pipe(&ends) == 0)
    defer { close(ends[0]) }
    #expect(unsafe write(ends[1], Array("a\nb\nc".utf8), 5) == 5)
    var input = LineInput(descriptor: ends[0])
    var isThere: [Bool] = [input.hasLine]
    for _ in 0..<2 {
      _ = try input.next()
      isThere.append(input.hasLine)
    }
    #expect(isThere == [false, true, false])
    close(ends[1])
    #expect(try input.next() == Array("c".utf8))
    let isThereAtEnd = input.hasLine
    #expect(isThereAtEnd)
  }

  @Test func `says what it can't read`() {
    var input = LineInput(descriptor: -1)
    #expect(throws: StartError.self) { _ = try input.next() }
  }
}
