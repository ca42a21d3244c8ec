/// How long a set counts its members.
package struct SetOptions: Sendable, Equatable {
  /// Members that were not seen for so many seconds leave; 0 keeps all of them since the start.
  package var windowSeconds: Int

  /// In how many steps members leave.
  package static let steps = 5

  /// - Precondition: the window is 0, or each of its steps lasts for a second at least.
  package init(windowSeconds: Int = 300) {
    precondition(windowSeconds == 0 || windowSeconds >= SetOptions.steps)
    self.windowSeconds = windowSeconds
  }
}
