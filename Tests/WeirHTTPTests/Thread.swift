import Dispatch

/// Work on another thread that can be joined.
struct Thread {
  private let done = DispatchSemaphore(value: 0)

  init(_ body: @escaping @Sendable () -> Void) {
    let done = done
    DispatchQueue.global().async {
      body()
      done.signal()
    }
  }

  func join() { done.wait() }
}
