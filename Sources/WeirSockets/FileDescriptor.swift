import Glibc

/// An open file descriptor with one owner, closed when the owner lets go of it.
package struct FileDescriptor: ~Copyable, Sendable {
  /// The number by which the kernel knows it; valid for as long as this value lives.
  package let raw: Int32

  /// Takes over an open descriptor that nobody else will close.
  package init(owning raw: Int32) {
    precondition(raw >= 0, "a descriptor is never negative")
    self.raw = raw
  }

  deinit {
    // On Linux the descriptor is gone even when close reports an error; a retry could close another's.
    _ = close(raw)
  }

  /// Gives the descriptor away: the caller closes it from now on.
  package consuming func release() -> Int32 {
    let raw = raw
    discard self
    return raw
  }
}
