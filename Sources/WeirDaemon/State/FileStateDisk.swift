import WeirState

/// The state file of a directory, and the temporary file of a new base.
final class FileStateDisk: StateDisk {
  private let directory: StateDirectory
  private let number: () -> UInt64
  private var current: StateFile?
  private var next: StateFile?
  private(set) var fileBytes = 0

  /// - Parameter number: A random number for each file.
  init(
    _ directory: StateDirectory, number: @escaping () -> UInt64 = { .random(in: 1 ... .max) }
  ) {
    self.directory = directory
    self.number = number
  }

  var nextBytes: Int { next?.byteCount ?? 0 }

  var hasNext: Bool { next != nil }

  func commit(_ bytes: [UInt8]) throws {
    guard current != nil else { throw StateError("there is no state file to append to") }
    try current?.append(bytes)
    try current?.commit()
    fileBytes = current?.byteCount ?? 0
  }

  func beginNext() throws {
    discardNext()
    next = try StateFile.create(in: directory, number: number())
  }

  func appendNext(_ bytes: [UInt8]) throws {
    guard next != nil else { throw StateError("there is no new state file to append to") }
    try next?.append(bytes)
  }

  func syncNext() throws {
    guard next != nil else { throw StateError("there is no new state file to write to disk") }
    try next?.sync()
  }

  func publishNext() throws {
    guard next != nil else { throw StateError("there is no new state file to publish") }
    try next?.commit()
    try next?.publish()
    current = next.take()
    fileBytes = current?.byteCount ?? 0
  }

  func discardNext() {
    if let file = next.take() { file.discard() }
  }

  func close() {
    discardNext()
    current = nil
    fileBytes = 0
  }
}
