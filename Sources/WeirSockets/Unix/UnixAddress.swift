// Safety: the kernel gets a local value that outlives the call, with the size that is in use. The bytes of a name are
// copied into `sun_path` only if they fit.

import CLinux
import Glibc

/// Where a Unix socket is, in the kernel's form: at a path, or at an abstract name, which has no file (unix(7)).
struct UnixAddress {
  /// `sun_path`, as far as it is used: a zero ends a path, and begins an abstract name.
  private let bytes: [UInt8]

  init(_ path: UnixPath) { bytes = Array(path.text.utf8) + [0] }

  /// - Parameter call: The call that the address is for.
  /// - Throws: `SystemError` with ENAMETOOLONG.
  init(abstractName: String, for call: SystemError.Operation) throws(SystemError) {
    guard abstractName.utf8.count <= UnixPath.bytesMax else {
      throw SystemError(call, code: ENAMETOOLONG)
    }
    bytes = [0] + Array(abstractName.utf8)
  }

  /// Calls `body` with the kernel's form.
  func withKernelForm(_ body: (UnsafePointer<sockaddr>?, socklen_t) -> Int32) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { path in
      for (index, byte) in bytes.enumerated() { unsafe path[index] = byte }
    }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
    return unsafe withUnsafeBytes(of: &address) { raw in
      unsafe body(raw.baseAddress?.assumingMemoryBound(to: sockaddr.self), length)
    }
  }
}
