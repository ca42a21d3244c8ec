/// Numbers in network order: the most significant byte first.
struct NetworkBytes {
  private(set) var bytes: [UInt8] = []

  mutating func append16(_ number: UInt16) {
    bytes.append(UInt8(number >> 8))
    bytes.append(UInt8(truncatingIfNeeded: number))
  }

  mutating func append32(_ number: UInt32) {
    append16(UInt16(number >> 16))
    append16(UInt16(truncatingIfNeeded: number))
  }

  /// Appends an address without its port: 4 or 16 bytes.
  mutating func append(_ address: CaptureAddress) {
    let words =
      address.family == .ipv4
      ? [address.low] : [address.high >> 32, address.high, address.low >> 32, address.low]
    for word in words { append32(UInt32(truncatingIfNeeded: word)) }
  }

  /// - Precondition: Two bytes were appended there.
  mutating func replace16(at offset: Int, _ number: UInt16) {
    bytes[offset] = UInt8(number >> 8)
    bytes[offset + 1] = UInt8(truncatingIfNeeded: number)
  }
}

/// The check sum of IP and UDP (RFC 1071): the one's complement of the sum of all words of 16 bits.
struct InternetChecksum {
  private var sum: UInt64 = 0

  /// Adds bytes; an odd last one counts as if a zero followed. Only the last call may have an odd count.
  ///
  /// - Complexity: O(bytes).
  mutating func add(_ bytes: [UInt8]) {
    var index = 0
    while index + 1 < bytes.count {
      sum += UInt64(bytes[index]) << 8 | UInt64(bytes[index + 1])
      index += 2
    }
    if index < bytes.count { sum += UInt64(bytes[index]) << 8 }
  }

  var value: UInt16 {
    var folded = sum
    while folded > 0xffff { folded = folded & 0xffff + folded >> 16 }
    return ~UInt16(folded)
  }
}
