// Safety: the instruction reads only the bytes of the span. The table has 2,048 words, and each
// index into it is a byte plus a multiple of 256 up to 1,792; words are read only while eight bytes
// remain.

import CIntrinsics

/// The check sum CRC-32C (Castagnoli), as in iSCSI (RFC 3720, appendix B.4) and ext4.
package struct CRC32C: Sendable {
  private var register: UInt32 = 0xFFFF_FFFF

  package init() {}

  /// The sum of all bytes added so far.
  package var value: UInt32 { register ^ 0xFFFF_FFFF }

  /// Adds bytes.
  ///
  /// - Complexity: O(bytes), eight bytes per step.
  package mutating func add(_ bytes: borrowing Span<UInt8>) {
    guard CRC32C.hasInstruction else { return addPortably(bytes) }
    register = unsafe bytes.withUnsafeBufferPointer {
      unsafe weir_crc32c(register, $0.baseAddress, $0.count)
    }
  }

  /// The same without the processor's instruction: slicing-by-8 (Kounavis and Berry, "A systematic
  /// approach to building high performance software-based CRC generators", 2005).
  mutating func addPortably(_ bytes: borrowing Span<UInt8>) {
    var sum = register
    unsafe CRC32C.tables.withUnsafeBufferPointer { tables in
      var index = 0
      while index &+ 8 <= bytes.count {
        let word = bytes.word(at: index) ^ UInt64(sum)
        sum = 0
        for byte in 0..<8 {
          // The first byte has the longest way to the end of the step.
          let place = Int(truncatingIfNeeded: word &>> UInt64(8 &* byte) & 0xFF)
          unsafe sum ^= tables[(7 &- byte) &* 256 &+ place]
        }
        index &+= 8
      }
      while index < bytes.count {
        let place = Int(UInt8(truncatingIfNeeded: sum) ^ bytes[index])
        unsafe sum = sum >> 8 ^ tables[place]
        index &+= 1
      }
    }
    register = sum
  }

  private static let hasInstruction = weir_has_crc32c() != 0

  /// The reversed polynomial.
  static let polynomial: UInt32 = 0x82F6_3B78

  /// Eight tables of 256 words. Word `b` of table `t` is what the byte `b` adds to a sum that `t`
  /// more bytes follow.
  private static let tables: [UInt32] = {
    var words = (0..<256).map { byte in
      (0..<8).reduce(UInt32(byte)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ polynomial : sum >> 1 }
    }
    for index in 256..<2_048 {
      let shorter = words[index - 256]
      words.append(shorter >> 8 ^ words[Int(shorter & 0xFF)])
    }
    return words
  }()
}
