import Glibc
import Synchronization

@testable import WeirState

/// The kernel, with faults: each call asks first whether it should fail.
final class FaultySystem: StateSystem {
  enum Call: Sendable, Hashable {
    case open, write, read, empty, syncData, sync, rename, remove, lock, statusOfPath
  }

  enum Fault: Sendable {
    case errno(Int32)
    /// Of a write: at most so many bytes.
    case short(Int)
  }

  private let real = LinuxSystem()
  private let counts = Mutex<[Call: Int]>([:])
  private let steps = Mutex<[String]>([])
  private let isArmed = Atomic(false)
  private let fault: @Sendable (Call, Int) -> Fault?
  let number: Int32

  /// - Parameter fault: What becomes of a call, given how many such calls there were before it
  ///   since `arm()`.
  init(number: Int32 = 4_711, _ fault: @escaping @Sendable (Call, Int) -> Fault? = { _, _ in nil })
  {
    self.number = number
    self.fault = fault
  }

  /// Faults begin.
  func arm() { isArmed.store(true, ordering: .relaxed) }

  /// How many such calls there were since `arm()`.
  func count(of call: Call) -> Int { counts.withLock { $0[call, default: 0] } }

  /// What was to reach the disk since `arm()`, and new names and removed ones.
  var journal: [String] { steps.withLock { $0 } }

  private func note(_ step: String) {
    if isArmed.load(ordering: .relaxed) { steps.withLock { $0.append(step) } }
  }

  @discardableResult
  private func check(_ call: Call) throws(StateErrno) -> Int? {
    guard isArmed.load(ordering: .relaxed) else { return nil }
    let before = counts.withLock { counts in
      defer { counts[call, default: 0] += 1 }
      return counts[call, default: 0]
    }
    switch fault(call, before) {
    case .errno(let code): throw StateErrno(code)
    case .short(let count): return count
    case nil: return nil
    }
  }

  func open(_ path: String, _ flags: Int32, mode: UInt32) throws(StateErrno) -> Int32 {
    try check(.open)
    return try real.open(path, flags, mode: mode)
  }

  func close(_ descriptor: Int32) { real.close(descriptor) }

  func write(
    _ descriptor: Int32, _ bytes: Span<UInt8>, at offset: Int
  ) throws(StateErrno) -> Int {
    guard let count = try check(.write) else {
      return try real.write(descriptor, bytes, at: offset)
    }
    return try real.write(descriptor, bytes.extracting(first: count), at: offset)
  }

  func read(_ descriptor: Int32, bytesMax: Int) throws(StateErrno) -> [UInt8] {
    try check(.read)
    return try real.read(descriptor, bytesMax: bytesMax)
  }

  func empty(_ descriptor: Int32) throws(StateErrno) {
    try check(.empty)
    try real.empty(descriptor)
  }

  func syncData(_ descriptor: Int32) throws(StateErrno) {
    try check(.syncData)
    note("sync data")
    try real.syncData(descriptor)
  }

  func sync(_ descriptor: Int32) throws(StateErrno) {
    try check(.sync)
    let isFolder = try real.status(descriptor).mode & S_IFMT == S_IFDIR
    note(isFolder ? "sync folder" : "sync file")
    try real.sync(descriptor)
  }

  func rename(_ path: String, to newPath: String) throws(StateErrno) {
    try check(.rename)
    note("rename")
    try real.rename(path, to: newPath)
  }

  func remove(_ path: String) throws(StateErrno) {
    try check(.remove)
    note("remove \(path.split(separator: "/").last ?? "")")
    try real.remove(path)
  }

  func remove(_ name: String, in directory: Int32) throws(StateErrno) {
    try real.remove(name, in: directory)
  }

  func lock(_ descriptor: Int32) throws(StateErrno) {
    try check(.lock)
    try real.lock(descriptor)
  }

  func status(_ descriptor: Int32) throws(StateErrno) -> StateFileStatus {
    try real.status(descriptor)
  }

  func status(_ path: String, followsLinks: Bool) throws(StateErrno) -> StateFileStatus {
    try check(.statusOfPath)
    return try real.status(path, followsLinks: followsLinks)
  }

  func birth(_ descriptor: Int32) -> StateBirth? { real.birth(descriptor) }
  func names(in path: String) throws(StateErrno) -> [String] { try real.names(in: path) }
  func user() -> UInt32 { 123 }
  func process() -> Int32 { number }
}
