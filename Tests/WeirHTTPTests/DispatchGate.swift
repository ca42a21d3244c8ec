import Dispatch
import Foundation

/// Blocks threads until it is opened.
struct DispatchGate: Sendable {
  private let semaphore = DispatchSemaphore(value: 0)

  /// Blocks until the gate is open.
  func pass() {
    semaphore.wait()
    semaphore.signal()
  }

  func open() { semaphore.signal() }
}

func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
