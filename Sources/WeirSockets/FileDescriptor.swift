import Glibc

/// An open file descriptor with one owner, closed at the end of this value's lifetime.
package struct FileDescriptor: ~Copyable, Sendable {
  /// The kernel's number; valid during this value's lifetime.
  package let raw: Int32

  /// Takes ownership of an open descriptor.
  package init(owning raw: Int32) {
    precondition(raw >= 0, "a descriptor is never negative")
    self.raw = raw
  }

  deinit {
    // Linux closes the descriptor even if it reports an error. A retry could close a reused number.
    _ = close(raw)
  }

  /// Gives up ownership: the caller must close the descriptor.
  package consuming func release() -> Int32 {
    let raw = raw
    discard self
    return raw
  }
}
