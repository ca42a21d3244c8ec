import Dispatch
import Synchronization
import WeirBytes
import WeirState

@testable import WeirDaemon

/// A disk in memory with a published and a temporary file, whose calls can fail or hang.
final class FakeDisk: Sendable {
  enum Call: String, CaseIterable, Sendable { case commit, begin, append, sync, publish, remove }

  struct Failure: Error, CustomStringConvertible { let description: String }

  private struct Contents: Sendable {
    var published: (number: Int, value: UInt64)?
    var temporary: (number: Int, value: UInt64)?
    var files = 0
    var calls: [Call] = []
    var failures: [Call: String] = [:]
    var hanging: [Call: Hang] = [:]
  }

  /// A call that waits until it is let go.
  final class Hang: Sendable {
    private let gate = DispatchSemaphore(value: 0)
    private let reached = DispatchSemaphore(value: 0)
    private let wasReached = Atomic(false)
    /// Whether the call has come.
    var isReached: Bool { wasReached.load(ordering: .sequentiallyConsistent) }
    /// Waits for the call.
    func waitUntilReached() { reached.wait() }
    func letGo() { gate.signal() }
    fileprivate func pass() {
      wasReached.store(true, ordering: .sequentiallyConsistent)
      reached.signal()
      gate.wait()
    }
  }

  private let contents = Locked(Contents())

  func fail(_ call: Call, _ sentence: String?) {
    contents.withLock { $0.failures[call] = sentence }
  }

  /// The next call of this kind hangs.
  func hang(_ call: Call) -> Hang {
    let hang = Hang()
    contents.withLock { $0.hanging[call] = hang }
    return hang
  }

  /// What a restart would find.
  var published: UInt64? { contents.withLock { $0.published?.value } }
  var hasTemporary: Bool { contents.withLock { $0.temporary != nil } }
  var calls: [Call] { contents.withLock { $0.calls } }
  func forgetCalls() { contents.withLock { $0.calls = [] } }

  fileprivate func enter(_ call: Call) throws {
    let (hang, failure) = contents.withLock { contents in
      contents.calls.append(call)
      return (contents.hanging.removeValue(forKey: call), contents.failures[call])
    }
    hang?.pass()
    if let failure { throw Failure(description: failure) }
  }

  func remove() throws {
    try enter(.remove)
    contents.withLock { ($0.temporary, $0.published) = (nil, nil) }
  }

  fileprivate func begin() throws -> Int {
    try enter(.begin)
    return contents.withLock { contents in
      contents.files += 1
      contents.temporary = (contents.files, 0)
      return contents.files
    }
  }

  fileprivate func write(_ value: UInt64, to number: Int) {
    contents.withLock { contents in
      if contents.published?.number == number { contents.published?.value = value }
      if contents.temporary?.number == number { contents.temporary?.value = value }
    }
  }

  fileprivate func isPublished(_ number: Int) -> Bool {
    contents.withLock { $0.published?.number == number }
  }

  fileprivate func rename(_ number: Int) throws {
    try contents.withLock { contents throws(Failure) in
      guard contents.temporary?.number == number else {
        throw Failure(description: "the temporary file is gone")
      }
      (contents.published, contents.temporary) = (contents.temporary, nil)
    }
  }

  fileprivate func unlink(_ number: Int) {
    contents.withLock { if $0.temporary?.number == number { $0.temporary = nil } }
  }
}

/// What the worker sees of the disk.
final class FakeStateDisk: StateDisk {
  private let disk: FakeDisk
  private var current: Int?
  private var next: Int?
  private(set) var fileBytes = 0
  private(set) var nextBytes = 0

  init(_ disk: FakeDisk) { self.disk = disk }

  var hasNext: Bool { next != nil }

  func commit(_ bytes: [UInt8]) throws {
    try disk.enter(.commit)
    guard let current, disk.isPublished(current) else {
      throw FakeDisk.Failure(description: "the state file is gone")
    }
    disk.write(FakeSource.value(bytes), to: current)
    fileBytes += bytes.count
  }

  func beginNext() throws {
    next = try disk.begin()
    nextBytes = 0
  }

  func appendNext(_ bytes: [UInt8]) throws {
    try disk.enter(.append)
    if let next { disk.write(FakeSource.value(bytes), to: next) }
    nextBytes += bytes.count
  }

  func syncNext() throws { try disk.enter(.sync) }

  func publishNext() throws {
    try disk.enter(.publish)
    guard let next else { throw FakeDisk.Failure(description: "there is no new file") }
    try disk.rename(next)
    current = next
    self.next = nil
    fileBytes = nextBytes
  }

  func discardNext() {
    if let next { disk.unlink(next) }
    next = nil
  }

  func close() {
    discardNext()
    current = nil
  }
}

/// A number that is counted. It is all of the state.
final class FakeSource: StateSource {
  private let count: Count
  private var slicesLeft = 0

  final class Count: Sendable {
    let value = Atomic<UInt64>(0)
    /// How often everything was to be written.
    let resets = Atomic(0)
    func add() -> UInt64 { value.add(1, ordering: .sequentiallyConsistent).newValue }
  }

  init(_ count: Count) { self.count = count }

  func writeChanges(into blocks: inout StateBlocks) { append(paddingBytes: 0, &blocks) }

  func reset() {
    slicesLeft = 0
    count.resets.add(1, ordering: .relaxed)
  }

  func beginBase() { slicesLeft = 3 }

  func writeSlice(into blocks: inout StateBlocks) -> Bool {
    slicesLeft -= 1
    append(paddingBytes: 100, &blocks)
    return slicesLeft == 0
  }

  private func append(paddingBytes: Int, _ blocks: inout StateBlocks) {
    let value = count.value.load(ordering: .sequentiallyConsistent)
    blocks.append(.values) { writer in
      for _ in 0..<paddingBytes { writer.append(littleEndian: UInt64(0)) }
      writer.append(littleEndian: value)
    }
  }

  /// The number in blocks that a source has written.
  static func value(_ bytes: [UInt8]) -> UInt64 {
    bytes.suffix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
