import Foundation
import Testing

@testable import WeirConfiguration

@Suite("A file that is read")
struct FileContentsTests {
  /// A file that is deleted after the test.
  private final class Scratch {
    let path = FileManager.default.temporaryDirectory
      .appending(path: "weir-file-\(UUID().uuidString)").path

    init(_ text: String) throws { try write(text) }
    deinit { unlink(path) }

    /// Writes in place: the inode stays the same.
    func write(_ text: String) throws {
      let file = try #require(fopen(path, "w"))
      defer { fclose(file) }
      fputs(text, file)
    }
  }

  private func read(_ file: Scratch, _ duringRead: () throws -> Void = {}) -> String {
    do throws(FileTrouble) {
      let contents = try FileContents.read(file.path, bytesMax: 100) {
        do { try duringRead() } catch { Issue.record(error) }
      }
      return String(decoding: contents.bytes, as: UTF8.self)
    } catch {
      return "\(error); \(error.remedy ?? "no remedy")"
    }
  }

  private static let changed =
    "it changed while it was read; write a new file and rename it to this name"

  @Test("is returned unchanged")
  func isGiven() throws {
    #expect(try read(Scratch("whole")) == "whole")
    #expect(try read(Scratch("")) == "")
  }

  @Test("is refused if it is emptied, made longer or rewritten during the read")
  func isRefused() throws {
    let file = try Scratch("whole")
    #expect(read(file) { try file.write("") } == Self.changed)
    #expect(read(file) { try file.write("whole and more") } == Self.changed)
    #expect(read(file) { try file.write("other") } == Self.changed)
    #expect(read(file) == "other")
  }

  @Test("is the one that was opened if another file takes its name during the read")
  func isReplaced() throws {
    let (file, other) = (try Scratch("old"), try Scratch("new"))
    #expect(read(file) { _ = rename(other.path, file.path) } == "old")
    #expect(read(file) == "new")
  }
}
