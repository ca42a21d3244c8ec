import Foundation
import Testing

@testable import WeirDaemon

@Suite("Files that are watched")
struct FileWatchTests {
  /// Stamps of a file that has `bytes` bytes.
  private func stamps(_ bytes: Int) throws -> [String: FileStamp] {
    let path = FileManager.default.temporaryDirectory
      .appending(path: "weir-watch-\(UUID().uuidString)").path
    try Data(repeating: 0, count: bytes).write(to: URL(filePath: path))
    defer { unlink(path) }
    let stamp = try #require(FileStamp.of([path])[path])
    return ["file": stamp]
  }

  @Test("are reloaded when two checks after a change have found them the same")
  func isStill() throws {
    let (old, half, whole) = (try stamps(1), try stamps(2), try stamps(3))
    var watch = FileWatch(old)
    #expect(looks(&watch, [old, old, half, whole, whole]) == [false, false, false, false, true])
    watch.succeeded(whole)
    #expect(looks(&watch, [whole]) == [false])
  }

  @Test("that could not be loaded are tried again at each check, even if they have not changed")
  func isTriedAgain() throws {
    let (old, new) = (try stamps(1), try stamps(2))
    var watch = FileWatch(old)
    watch.failed()
    #expect(looks(&watch, [old, old, new, new]) == [true, true, false, true])
    watch.succeeded(new)
    #expect(looks(&watch, [new]) == [false])
  }

  @Test("that changed during the read are read again")
  func isReadAgain() throws {
    let (old, meanwhile) = (try stamps(1), try stamps(2))
    var watch = FileWatch(old)
    watch.succeeded(old)
    #expect(looks(&watch, [meanwhile, meanwhile]) == [false, true])
  }

  /// The results of several checks.
  private func looks(_ watch: inout FileWatch, _ stamps: [[String: FileStamp]]) -> [Bool] {
    var due: [Bool] = []
    for stamps in stamps { due.append(watch.isDue(stamps)) }
    return due
  }

  @Test("that do not exist differ from empty ones")
  func isGone() throws {
    let path = FileManager.default.temporaryDirectory
      .appending(path: "weir-watch-\(UUID().uuidString)").path
    let gone = FileStamp.of([path])
    try Data().write(to: URL(filePath: path))
    defer { unlink(path) }
    #expect(FileStamp.of([path]) != gone)
  }
}
