// Safety: crypt_rn gets a zeroed buffer with its real size. Swift terminates the strings for the
// call. The result is copied before the buffer is freed.

import CCrypt
import Glibc

/// Checks passwords against bcrypt hashes, through libcrypt.
package enum Bcrypt {
  /// Whether `hash` is the hash of `password`. bcrypt uses only the first 72 bytes. A password or
  /// hash with a zero byte never matches, because libcrypt takes C strings.
  ///
  /// - Complexity: 2^cost rounds: about 50 ms at cost 10, twice as long for each further step.
  package static func matches(_ password: [UInt8], _ hash: String) -> Bool {
    guard !password.contains(0), !hash.utf8.contains(0) else { return false }
    let size = MemoryLayout<crypt_data>.size
    let data = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
    unsafe data.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    defer {
      // The buffer holds values derived from the password.
      unsafe explicit_bzero(data, size)
      unsafe data.deallocate()
    }
    let phrase = password.map { CChar(bitPattern: $0) } + [0]
    guard let made = unsafe crypt_rn(phrase, hash, data, Int32(size)) else { return false }
    let text = unsafe Array(String(cString: made).utf8)
    return ConstantTime.equal(text, Array(hash.utf8))
  }
}
