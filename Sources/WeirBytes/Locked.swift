import Synchronization

/// A value behind a mutex, handed from thread to thread in a way that the thread sanitizer sees.
///
/// The standard library's `Mutex` is not instrumented: where two threads contend for it, the
/// sanitizer reports a race over what it guards. A release when a thread leaves and an acquire when
/// the next enters tell it of the order, and are one plain store and one plain load on x86.
@usableFromInline
package struct Locked<Value: ~Copyable>: ~Copyable, Sendable {
  @usableFromInline let mutex: Mutex<Value>
  @usableFromInline let handOver = Atomic<Bool>(false)

  @inlinable
  package init(_ value: consuming sending Value) {
    mutex = Mutex(value)
  }

  /// Runs `body` with the value, alone.
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
