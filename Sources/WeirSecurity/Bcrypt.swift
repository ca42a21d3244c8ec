// Safety: crypt_rn gets memory of its own for the call, zeroed as it asks and with its true size; the
// strings are terminated by Swift for the call, and the answer is copied before the memory goes.

import CCrypt
import Glibc

/// Checks passwords against bcrypt hashes, through libcrypt.
package enum Bcrypt {
  /// Whether `hash` is that of `password`, of which bcrypt looks at 72 bytes. A password with a zero
  /// byte is none that C could have hashed.
  ///
  /// - Complexity: 2^cost rounds: some 50 ms at cost 10, and twice that for each more.
  package static func matches(_ password: [UInt8], _ hash: String) -> Bool {
    guard !password.contains(0), !hash.utf8.contains(0) else { return false }
    let size = MemoryLayout<crypt_data>.size
    let data = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
    unsafe data.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    defer {
      // It holds what the password became on the way.
      unsafe explicit_bzero(data, size)
      unsafe data.deallocate()
    }
    let phrase = password.map { CChar(bitPattern: $0) } + [0]
    guard let made = unsafe crypt_rn(phrase, hash, data, Int32(size)) else { return false }
    let text = unsafe Array(String(cString: made).utf8)
    return ConstantTime.equal(text, Array(hash.utf8))
  }
}
