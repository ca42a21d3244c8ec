import Foundation
import Testing

/// An empty directory for a state, removed at the end of a test.
final class StateFolder {
  let path: String

  init() throws {
    path =
      FileManager.default.temporaryDirectory
      .appending(path: "weir-state-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: false,
      attributes: [.posixPermissions: 0o700])
  }

  deinit {
    for path in [path, image] { try? FileManager.default.removeItem(atPath: path) }
  }

  var flag: String { "--state.dir=\(path)" }

  var hasState: Bool { FileManager.default.fileExists(atPath: path + "/weir.state") }

  /// What starts a server for which this directory is a small disk of its own in memory.
  func asDisk(kilobytes: Int) throws -> [String] {
    try Programs.namespace("mount -t tmpfs -o size=\(kilobytes)k,mode=700 tmpfs \(path)")
  }

  private var image: String { path + ".ext4" }

  /// The same with a disk that fsfreeze(8) can make hang. It lasts as long as this value.
  func asDiskThatFreezes() throws -> [String] {
    let result = try runProgram(
      "/bin/sh", ["-c", "truncate -s 16M \"$0\" && mkfs.ext4 -q \"$0\"", image])
    try #require(result.ending == .exit(0), "\(result.error)")
    return try Programs.namespace("mount -o loop \(image) \(path)")
  }

  /// The directory as such a server sees it.
  func seen(by weir: Weir) -> String { "/proc/\(weir.process.pid)/root\(path)" }
}

extension Weir {
  /// Ends the server without any warning.
  func kill() throws {
    process.signal(SIGKILL)
    _ = try process.wait(within: 20)
  }

  /// The last log line with this message.
  func logged(_ message: String) -> LogLine? { log.last { $0["msg"] == message } }
}
