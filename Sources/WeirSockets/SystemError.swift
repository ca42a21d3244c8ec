// Safety: strerror_r fills a buffer of this file's own and returns a terminated string, which is
// copied into a String before the buffer goes.

import Glibc

/// A refusal by the kernel: which call, and its errno.
///
/// Holds no reference, so that throwing it from the receive path allocates nothing.
package struct SystemError: Error, Hashable, CustomStringConvertible {
  /// The errno of the call, such as `EADDRINUSE`.
  package let code: Int32
  /// The call that failed, such as `bind`.
  package let operation: Operation

  /// The system calls that this module makes.
  package enum Operation: String, Sendable {
    case socket, bind, connect
    case listen, accept4, getsockname, setsockopt, getsockopt, recvmmsg, recv, send
    case getrlimit, setrlimit
  }

  package init(_ operation: Operation, code: Int32) {
    self.operation = operation
    self.code = code
  }

  /// The error that the calling thread's last failed call left.
  static func last(_ operation: Operation) -> SystemError {
    SystemError(operation, code: errno)
  }

  /// What the C library says of the code, such as `Address already in use`.
  package var reason: String {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
      guard let start = buffer.baseAddress, unsafe strerror_r(code, start, buffer.count) == 0 else {
        return "error \(code)"
      }
      return unsafe String(cString: start)
    }
  }

  /// `bind failed: Address already in use (errno 98)`.
  package var description: String {
    "\(operation.rawValue) failed: \(reason) (errno \(code))"
  }
}
