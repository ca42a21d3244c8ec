// Safety: getsockname(2) and stat(2) fill local values of their own types, with their sizes.

import CLinux
import Glibc

/// The path of a Unix socket (unix(7)).
package struct UnixPath: Sendable, Hashable {
  /// The longest path or abstract name: `sun_path` has 108 bytes, and one of them is a zero.
  package static let bytesMax = 107

  package let text: String

  /// Nil for a path that is empty, too long, or holds a zero byte.
  package init?(_ text: String) {
    guard !text.isEmpty, text.utf8.count <= UnixPath.bytesMax, !text.utf8.contains(0) else {
      return nil
    }
    self.text = text
  }

  /// Calls `body` with the kernel's form.
  func withAddress(_ body: (UnsafePointer<sockaddr>?, socklen_t) -> Int32) -> Int32 {
    unsafe UnixAddress(self).withKernelForm(body)
  }

  /// Whether two paths lead to the same file, by links or by another spelling; also to one that is not there
  /// yet.
  package static func areSame(_ path: String, _ other: String) -> Bool {
    if path == other { return true }
    if let first = identity(of: path), let second = identity(of: other) { return first == second }
    func parts(_ path: String) -> (folder: String, name: Substring) {
      guard let slash = path.lastIndex(of: "/") else { return (".", path[...]) }
      return (String(path[...slash]), path[path.index(after: slash)...])
    }
    let (first, second) = (parts(path), parts(other))
    guard first.name == second.name, let folder = identity(of: first.folder) else { return false }
    return folder == identity(of: second.folder)
  }

  /// What tells a file from others; nil where there is none. Links are followed.
  private static func identity(of path: String) -> [UInt64]? {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    return [UInt64(status.st_dev), UInt64(status.st_ino)]
  }

  /// The path of a bound socket; nil for a socket of another kind, or one in the abstract namespace.
  static func of(_ descriptor: Int32) -> String? {
    var address = sockaddr_un()
    var length = socklen_t(MemoryLayout.size(ofValue: address))
    let status = unsafe withUnsafeMutableBytes(of: &address) { bytes in
      unsafe getsockname(
        descriptor, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), &length)
    }
    guard status == 0, Int32(address.sun_family) == AF_UNIX else { return nil }
    let used = max(0, Int(length) - MemoryLayout<sa_family_t>.size)
    let path = unsafe withUnsafeBytes(of: &address.sun_path) { bytes in
      unsafe Array(bytes.prefix(used).prefix { $0 != 0 })
    }
    return path.isEmpty ? nil : String(decoding: path, as: UTF8.self)
  }
}
