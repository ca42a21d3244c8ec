/// The check sum CRC-32C (Castagnoli), as in iSCSI (RFC 3720, appendix B.4) and ext4.
package struct CRC32C: Sendable {
  private var register: UInt32 = 0xFFFF_FFFF

  package init() {}

  /// The sum of all bytes added so far.
  package var value: UInt32 { register ^ 0xFFFF_FFFF }

  /// Adds bytes.
  ///
  /// - Complexity: O(bytes).
  package mutating func add(_ bytes: borrowing Span<UInt8>) {
    for index in bytes.indices {
      let place = Int(UInt8(truncatingIfNeeded: register) ^ bytes[index])
      register = register >> 8 ^ CRC32C.table[place]
    }
  }

  /// The reversed polynomial.
  private static let polynomial: UInt32 = 0x82F6_3B78

  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { sum, _ in
      sum & 1 == 1 ? sum >> 1 ^ polynomial : sum >> 1
    }
  }
}
