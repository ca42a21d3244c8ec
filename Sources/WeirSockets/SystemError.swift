// Safety: strerror_r fills a local buffer with a terminated string, which is copied into a String
// before the buffer is freed.

import Glibc

/// A failed system call and its errno.
///
/// It contains no reference, so throwing it on the receive path does not allocate.
package struct SystemError: Error, Hashable, CustomStringConvertible {
  /// The errno of the call, such as `EADDRINUSE`.
  package let code: Int32
  /// The call that failed, such as `bind`.
  package let operation: Operation

  /// The system calls that this module makes.
  package enum Operation: String, Sendable {
    case socket, bind, connect
    case listen, accept4, getsockname, setsockopt, getsockopt, recvmmsg, recv, send
    case getrlimit, setrlimit, fcntl
    case unlink, lstat, chmod
  }

  package init(_ operation: Operation, code: Int32) {
    self.operation = operation
    self.code = code
  }

  /// The error of the calling thread's last failed call (errno).
  static func last(_ operation: Operation) -> SystemError {
    SystemError(operation, code: errno)
  }

  /// The C library's text for the code, such as `Address already in use`.
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
