// Safety: the words are allocated, initialised, destroyed and freed once, by their one owner, and never
// move, so that the address stands for the pointer that it was made from. An index is compared with
// their number before use. Every access is atomic, so that threads may share them; that is why the
// address is kept as a number, for a pointer is not Sendable whatever it points to.

import Synchronization

/// Words of memory that any number of threads change at once, each by atomic operations.
///
/// They begin at the start of a cache line.
struct AtomicWords: ~Copyable, Sendable {
  /// A cache line of x86 and of most others.
  static let perLine = 8

  let count: Int
  private let address: UInt

  /// Words that are all 0.
  init(count: Int) {
    precondition(count > 0)
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
  func load(_ index: Int) -> UInt64 {
    precondition(index >= 0 && index < count)
    return unsafe pointer[index].load(ordering: .relaxed)
  }

  @inline(__always)
  func store(_ value: UInt64, _ index: Int) {
    precondition(index >= 0 && index < count)
    unsafe pointer[index].store(value, ordering: .relaxed)
  }

  /// Whether the word was `expected`, and so is `desired` now.
  @inline(__always)
  func exchange(_ index: Int, _ expected: UInt64, for desired: UInt64) -> Bool {
    precondition(index >= 0 && index < count)
    return unsafe pointer[index].compareExchange(
      expected: expected, desired: desired, ordering: .relaxed
    ).exchanged
  }

  /// Takes a word for a lock; false where somebody has it.
  ///
  /// It is 0 when it is free, else one more than the forks before it was taken: one that was taken
  /// before the last fork is nobody's any more.
  ///
  /// - Parameter forks: How often the process has forked to become what it is.
  @inline(__always)
  func lock(_ index: Int, after forks: UInt64 = Forks.soFar) -> Bool {
    precondition(index >= 0 && index < count)
    let mine = forks &+ 1
    // Looking first leaves the cache line to whoever holds it.
    let holder = unsafe pointer[index].load(ordering: .relaxed)
    guard holder != mine else { return false }
    return unsafe pointer[index].compareExchange(
      expected: holder, desired: mine, successOrdering: .acquiring, failureOrdering: .relaxed
    ).exchanged
  }

  @inline(__always)
  func unlock(_ index: Int) {
    precondition(index >= 0 && index < count)
    unsafe pointer[index].store(0, ordering: .releasing)
  }
}
