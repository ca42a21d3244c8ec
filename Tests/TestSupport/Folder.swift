import Foundation

/// An empty folder of its user alone, removed at the end with all that is in it.
package final class Folder: Sendable {
  package let path: String

  package init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "weir-\(UUID())").path
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
  }

  package var url: URL { URL(filePath: path, directoryHint: .isDirectory) }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  package var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }

  package func bytes(_ name: String) -> [UInt8]? {
    FileManager.default.contents(atPath: "\(path)/\(name)").map { Array($0) }
  }

  package func write(_ name: String, _ bytes: [UInt8]) {
    let isMade = FileManager.default.createFile(
      atPath: "\(path)/\(name)", contents: Data(bytes))
    precondition(isMade)
  }

  package func inode(of name: String) -> Int? {
    let attributes = try? FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")
    return attributes?[.systemFileNumber] as? Int
  }

  package func mode(_ name: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")[.posixPermissions] as? Int
  }
}
