import Foundation
import Testing
import WeirCluster

@testable import WeirDaemon

/// A log in memory, its nodes, and what commands do with it.
struct ClusterCommands {
  let stream = MemoryStream()
  let store = MemoryStore()
  let end = ContinuousClock.now + .seconds(300)

  var access: ClusterAccess {
    let (stream, store) = (stream, store)
    return ClusterAccess(
      open: { metadata throws(LogFailure) in
        let log = MemoryLog(stream)
        let isNew = try log.bounds(milliseconds: 0).metadata.isEmpty
        if isNew {
          guard let metadata else { throw .notFound("NATS has no stream weir_test.") }
          try log.updateMetadata(metadata, milliseconds: 0)
        }
        return (
          ClusterStart.Opened(
            log: log, store: store, stream: "weir_test", servers: "nats://log.example:4222"), isNew
        )
      },
      remove: { stream.replace(metadata: [:]) })
  }

  func node(_ name: String, _ flags: String...) throws -> TestNode {
    let node = try TestNode(
      stream, store, flags: ["--cluster.barrier-timeout=60s", "--cluster.node=\(name)"] + flags)
    node.start()
    return node
  }

  func eventually(_ isSo: () async -> Bool) async throws {
    while await !isSo() {
      guard ContinuousClock.now < end else {
        Issue.record("it never is")
        return
      }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  func withDirectory(_ body: (String) async throws -> Void) async throws {
    let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try await body(path)
  }
}
