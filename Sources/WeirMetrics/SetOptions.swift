/// How long a set counts its members.
package struct SetOptions: Sendable, Hashable {
  /// Members that were not seen for this many seconds are removed; 0 keeps all of them.
  package var windowSeconds: Int

  /// The number of steps in which members are removed.
  package static let steps = 5

  /// - Precondition: the window is 0, or each of its steps lasts at least one second.
  package init(windowSeconds: Int = 300) {
    precondition(windowSeconds == 0 || windowSeconds >= SetOptions.steps)
    self.windowSeconds = windowSeconds
  }
}
