import WeirBytes
import WeirPush

// As `ByteWriter` writes them, for buffers in which bytes that were written before are replaced.
extension [UInt8] {
  @inline(__always)
  mutating func append(varint value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest &>>= 7
    }
    append(UInt8(truncatingIfNeeded: rest))
  }

  @inline(__always)
  mutating func append(varint value: Int) { append(varint: UInt64(truncatingIfNeeded: value)) }

  @inline(__always)
  mutating func append(littleEndian value: UInt64) {
    for shift in stride(from: UInt64(0), to: 64, by: 8) {
      append(UInt8(truncatingIfNeeded: value &>> shift))
    }
  }

  /// A `number` of the push protocol.
  @inline(__always)
  mutating func append(number value: Double) {
    if value >= 0, value <= PushFormat.wholeNumberMax, value.sign == .plus {
      let whole = UInt64(value)
      if Double(whole) == value { return append(varint: whole &<< 1) }
    }
    appendOther(value)
  }

  @inline(never)
  private mutating func appendOther(_ value: Double) {
    if value < 0, value >= -PushFormat.wholeNumberMax, value == value.rounded(.towardZero) {
      return append(varint: UInt64(-value) &<< 1 | 1)
    }
    append(varint: PushFormat.doubleMark)
    append(littleEndian: value.bitPattern)
  }

  /// Puts the number of bytes after `mark` into the byte at `mark`, which was left free for it.
  @inline(__always)
  mutating func closeLength(at mark: Int) {
    setVarint(count &- mark &- 1, at: mark)
  }

  /// Puts a varint into the byte at `mark`, which was left free for it. Moves what follows if one byte is not
  /// enough.
  @inline(__always)
  mutating func setVarint(_ value: Int, at mark: Int) {
    if value < 0x80 {
      self[mark] = UInt8(truncatingIfNeeded: value)
    } else {
      widen(value, at: mark)
    }
  }

  @inline(never)
  private mutating func widen(_ value: Int, at mark: Int) {
    var long: [UInt8] = []
    long.append(varint: value)
    replaceSubrange(mark...mark, with: long)
  }
}
