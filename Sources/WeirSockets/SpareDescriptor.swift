import CLinux
import Glibc

/// A descriptor held in reserve. When no other is left, releasing it makes room for one.
package struct SpareDescriptor: ~Copyable {
  /// An unused socket.
  private var held: FileDescriptor?

  package init() {
    hold()
  }

  package var isHeld: Bool { held != nil }

  /// Opens the descriptor again if one is available. Does nothing while it is held.
  package mutating func hold() {
    if held != nil { return }
    held = try? FileDescriptor.socket(family: AF_UNIX, type: SOCK_DGRAM)
  }

  /// Closes the descriptor, so that another file or socket can be opened.
  package mutating func release() {
    held = nil
  }
}
