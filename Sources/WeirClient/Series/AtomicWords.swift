// Safety: the words are allocated, initialised, destroyed and freed once by their owner and never
// move. Their address is stored as a number because a pointer is not Sendable. Each index is
// compared with `count` before use. Every access is atomic, so threads may share them.

import Synchronization

/// Words of memory that several threads change with atomic operations.
///
/// They start at a cache line.
struct AtomicWords: ~Copyable, Sendable {
  /// Words in a cache line of x86 and most other processors.
  static let perLine = 8

  let count: Int
  private let address: UInt

  /// Words with the value 0.
  init(count: Int) {
    precondition(count > 0, "count must be positive")
    self.count = count
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: count * MemoryLayout<Atomic<UInt64>>.stride,
      alignment: AtomicWords.perLine * MemoryLayout<Atomic<UInt64>>.stride)
    let words = unsafe memory.bindMemory(to: Atomic<UInt64>.self, capacity: count)
    for index in 0..<count { unsafe (words + index).initialize(to: Atomic(0)) }
    address = UInt(bitPattern: memory)
  }

  deinit {
    let words = unsafe pointer
    unsafe words.deinitialize(count: count)
    unsafe words.deallocate()
  }

  private var pointer: UnsafeMutablePointer<Atomic<UInt64>> {
    @inline(__always) get {
      unsafe UnsafeMutablePointer(bitPattern: address).unsafelyUnwrapped
    }
  }

  @inline(__always)
  func load(at index: Int) -> UInt64 {
    precondition(index >= 0 && index < count)
    return unsafe pointer[index].load(ordering: .relaxed)
  }

  @inline(__always)
  func store(_ value: UInt64, at index: Int) {
    precondition(index >= 0 && index < count)
    unsafe pointer[index].store(value, ordering: .relaxed)
  }

  /// Replaces `expected` by `desired`; false if the word has another value.
  @inline(__always)
  func compareExchange(at index: Int, expected: UInt64, desired: UInt64) -> Bool {
    precondition(index >= 0 && index < count)
    return unsafe pointer[index].compareExchange(
      expected: expected, desired: desired, ordering: .relaxed
    ).exchanged
  }

  /// Tries to take a word as a lock; false if it is taken.
  ///
  /// The word is 0 if it is free, otherwise one more than the number of forks when it was taken. A
  /// lock taken before the last fork counts as free, because its thread does not exist in this
  /// process.
  ///
  /// - Parameter forks: See `Forks`.
  @inline(__always)
  func lock(at index: Int, after forks: UInt64 = Forks.soFar) -> Bool {
    precondition(index >= 0 && index < count)
    let mine = forks &+ 1
    // A load first does not take the cache line away from the thread that holds the lock.
    let holder = unsafe pointer[index].load(ordering: .relaxed)
    guard holder != mine else { return false }
    return unsafe pointer[index].compareExchange(
      expected: holder, desired: mine, successOrdering: .acquiring, failureOrdering: .relaxed
    ).exchanged
  }

  @inline(__always)
  func unlock(at index: Int) {
    precondition(index >= 0 && index < count)
    unsafe pointer[index].store(0, ordering: .releasing)
  }
}
