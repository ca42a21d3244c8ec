// Safety: gethostname(2) writes no more bytes than the array has, and only during the call. The last byte
// stays 0, so that the text ends.

import Glibc

/// The name of this machine, or of its container.
enum HostName {
  static let current: String = {
    var bytes = [CChar](repeating: 0, count: 256)
    guard unsafe gethostname(&bytes, bytes.count - 1) == 0 else { return "" }
    return String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }()
}
