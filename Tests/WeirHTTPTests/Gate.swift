@testable import WeirHTTP

/// A handler that answers when it is told to.
actor Gate {
  private var isOpen = false
  private var continuations: [CheckedContinuation<Void, Never>] = []

  /// Requests that wait for the gate to open.
  var waiting: Int { continuations.count }

  nonisolated var handler: HTTPHandler {
    { _ in
      await self.pass()
      return .text("open")
    }
  }

  /// Lets through who waits, and who comes later.
  nonisolated func open() {
    Task { await self.release() }
  }

  private func release() {
    isOpen = true
    for continuation in continuations { continuation.resume() }
    continuations = []
  }

  private func pass() async {
    guard !isOpen else { return }
    await withCheckedContinuation { continuations.append($0) }
  }
}
