import Foundation
import TestSupport
import Testing
import WeirCluster
import WeirJSON

@testable import WeirNATS

@Suite(.serialized) struct NATSStoreTests {
  private let time = 60_000

  @Test("states are put, listed, read and removed", arguments: LogKind.allCases)
  func states(_ kind: LogKind) throws {
    let server = try kind == .nats ? NATSServerProcess() : nil
    let setup = try server.map { try $0.open($0.settings()) }
    defer { setup?.log.close() }
    let store: any StateStore = setup?.store ?? MemoryStore()
    #expect(try store.list(milliseconds: time).isEmpty)
    var random = SeededGenerator(seed: 1)
    let states = [
      ("a", random.bytes(count: 20_000_000)), ("b.state-2", []),
      ("c_3", random.bytes(count: NATSStore.chunkBytes)),
      ("d", random.bytes(count: NATSStore.chunkBytes + 1)),
    ]
    for (index, (name, bytes)) in states.enumerated() {
      try store.put(name, bytes, sequence: UInt64(index) << 40, milliseconds: time)
      usleep(2_000)
    }
    for (name, bytes) in states { #expect(try store.get(name, milliseconds: time) == bytes) }
    var listed = try store.list(milliseconds: time)
    #expect(listed.map(\.name) == states.map { $0.0 })
    #expect(listed.map(\.bytes) == states.map { UInt64($0.1.count) })
    #expect(listed.map(\.sequence) == (0..<4).map { UInt64($0) << 40 })
    #expect(listed.allSatisfy { $0.timeMilliseconds > 1_600_000_000_000 })
    // Another in its place, which is then the one that is as far as none of the others.
    try store.put("a", [1, 2, 3], sequence: 9 << 40, milliseconds: time)
    #expect(try store.get("a", milliseconds: time) == [1, 2, 3])
    try store.remove("c_3", milliseconds: time)
    try store.remove("c_3", milliseconds: time)
    listed = try store.list(milliseconds: time)
    #expect(listed.map(\.name) == ["b.state-2", "d", "a"])
    #expect(listed.last?.sequence == 9 << 40)
    #expect {
      try store.get("c_3", milliseconds: time)
    } throws: { error in
      if case .notFound = error as? LogFailure { true } else { false }
    }
  }

  @Test("what is replaced and removed takes no room")
  func room() throws {
    let server = try NATSServerProcess()
    let settings = try server.settings()
    let setup = try server.open(settings)
    defer { setup.log.close() }
    let store = setup.store
    for round in 0..<3 {
      try store.put(
        "a", Array(repeating: UInt8(round), count: 300_000), sequence: 1, milliseconds: time)
    }
    #expect(try messages(server, settings) == 4)
    try store.remove("a", milliseconds: time)
    #expect(try messages(server, settings) == 0)
  }

  private func messages(_ server: NATSServerProcess, _ settings: NATSSettings) throws -> Int? {
    let answer = try server.ask("STREAM.INFO.\(settings.bucketStream)")
    return JSONValue(Array(answer.utf8))?["state"]["messages"].integer
  }

  @Test("a full store refuses, and keeps what it had")
  func full() throws {
    let server = try NATSServerProcess()
    var settings = try server.settings()
    settings.storeBytesMax = 2 << 20
    let setup = try server.open(settings)
    defer { setup.log.close() }
    let store = setup.store
    try store.put("a", [1, 2, 3], sequence: 1, milliseconds: time)
    let large = Array(repeating: UInt8(7), count: 3 << 20)
    for name in ["a", "b"] {
      #expect {
        try store.put(name, large, sequence: 2, milliseconds: time)
      } throws: { error in
        if case .full = error as? LogFailure { true } else { false }
      }
    }
    #expect(try store.list(milliseconds: time).map(\.name) == ["a"])
    #expect(try store.get("a", milliseconds: time) == [1, 2, 3])
    #expect(try messages(server, settings) == 2)
  }

  @Test("wrong bytes, and missing ones, are found")
  func damaged() throws {
    let server = try NATSServerProcess()
    let settings = try server.settings()
    let setup = try server.open(settings)
    defer { setup.log.close() }
    let store = setup.store
    let bytes = Array(repeating: UInt8(7), count: 400_000)
    try store.put("a", bytes, sequence: 1, milliseconds: time)
    // The second chunk is gone.
    _ = try server.ask("STREAM.MSG.DELETE.\(settings.bucketStream)", "{\"seq\":2}")
    #expect(throws: LogFailure.noAnswer("The state 'a' is not whole at the server that was asked."))
    {
      try store.get("a", milliseconds: time)
    }
    // An object whose digest is of other bytes.
    let connection = try NATSConnection(settings)
    defer { connection.close() }
    try connection.waitUntilConnected(milliseconds: time)
    let info = ObjectInfo(
      name: "b", bucket: settings.bucket, chunksName: "chunks", bytes: 3, chunks: 1,
      digest: NATSStore.text(Array(repeating: 1, count: 32)), sequence: nil)
    try ObjectWriter(connection, info).write([1, 2, 3], Deadline(milliseconds: time))
    #expect(
      throws: LogFailure.damaged("The bytes of the state 'b' do not match its digest.")
    ) {
      try store.get("b", milliseconds: time)
    }
    // One without a sequence comes before all others.
    #expect(try store.list(milliseconds: time).map(\.name) == ["b", "a"])
  }

  @Test("names that are no names are refused")
  func names() throws {
    let server = try NATSServerProcess()
    let setup = try server.open(server.settings())
    defer { setup.log.close() }
    for name in ["", "a/b", "a b", "é", "*", String(repeating: "x", count: 129)] {
      #expect(
        throws: LogFailure.refused(
          "The name of a state has 1 to 128 letters, digits, '.', '_' and '-'.")
      ) {
        try setup.store.put(name, [], sequence: 0, milliseconds: time)
      }
    }
  }
}
