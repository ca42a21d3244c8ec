import Synchronization

/// A value protected by a mutex, in a way that the thread sanitizer understands.
///
/// The standard library's `Mutex` is not instrumented. If two threads contend for it, the sanitizer
/// reports a race on the protected value. An acquire when a thread enters and a release when it
/// leaves show the sanitizer the order. On x86 they are one plain load and one plain store.
@usableFromInline
package struct Locked<Value: ~Copyable>: ~Copyable, Sendable {
  @usableFromInline let mutex: Mutex<Value>
  @usableFromInline let handOver = Atomic<Bool>(false)

  @inlinable
  package init(_ value: consuming sending Value) {
    mutex = Mutex(value)
  }

  /// Runs `body` with exclusive access to the value.
  @inlinable
  @inline(__always)
  package func withLock<Result: ~Copyable, Failure: Error>(
    _ body: (inout sending Value) throws(Failure) -> sending Result
  ) throws(Failure) -> sending Result {
    try mutex.withLock { value throws(Failure) in
      _ = handOver.load(ordering: .acquiring)
      defer { handOver.store(true, ordering: .releasing) }
      return try body(&value)
    }
  }
}
