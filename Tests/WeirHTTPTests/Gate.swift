@testable import WeirHTTP

/// A handler that answers after the gate has been opened.
actor Gate {
  private var isOpen = false
  private var continuations: [CheckedContinuation<Void, Never>] = []

  /// The number of requests that wait for the gate to open.
  var waiting: Int { continuations.count }

  nonisolated var handler: HTTPHandler {
    { _ in
      await self.pass()
      return .text("open")
    }
  }

  /// Opens the gate for waiting and later requests.
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
