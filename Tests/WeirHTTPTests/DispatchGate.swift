import Dispatch
import Foundation

/// Holds threads up until it is opened.
struct DispatchGate: Sendable {
  private let semaphore = DispatchSemaphore(value: 0)

  /// Waits for the gate to open.
  func pass() {
    semaphore.wait()
    semaphore.signal()
  }

  func open() { semaphore.signal() }
}

func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
