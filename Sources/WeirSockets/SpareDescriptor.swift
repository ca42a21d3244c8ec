import CLinux
import Glibc

/// A descriptor that is held for the time when there are no others: letting go of it makes room for one.
package struct SpareDescriptor: ~Copyable {
  /// A socket that is never used.
  private var held: FileDescriptor?

  package init() {
    hold()
  }

  package var isHeld: Bool { held != nil }

  /// Gets hold of one again, where there is room; does nothing while one is held.
  package mutating func hold() {
    if held != nil { return }
    held = try? FileDescriptor.socket(family: AF_UNIX, type: SOCK_DGRAM)
  }

  /// Lets go of it, so that the next file or socket finds room.
  package mutating func release() {
    held = nil
  }
}
