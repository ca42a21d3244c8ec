// Safety: `strtod` reads a temporary copy that ends in a zero byte and outlives the call.

import Glibc

/// Why bytes are not a finite decimal number.
@usableFromInline
package enum DecimalError: Error {
  /// Not of the form `[+-] digits [. digits] [e [+-] digits]`. The digits before or after the point
  /// may be omitted, but not both.
  case malformed
  /// `nan` in any case, with or without a sign.
  case notANumber
  /// `inf` or `infinity` in any case, or a number that exceeds the range of a double.
  case infinite
}

/// The powers of ten that a double represents exactly.
private let exactPowersOfTen: [Double] = [
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
  1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
]

extension Double {
  /// `mantissa` divided by 10^`decimalPlaces`, correctly rounded.
  ///
  /// Not inlined: in another module each use of the table would check whether it is initialised.
  ///
  /// - Precondition: `mantissa` is at most 2⁵³ and `decimalPlaces` is 0 to 22.
  @usableFromInline
  @inline(never)
  init(mantissa: UInt64, decimalPlaces: Int) {
    self = Double(mantissa) / exactPowersOfTen[decimalPlaces]
  }
}

extension Span<UInt8> {
  /// The decimal number in `start..<end`, correctly rounded.
  ///
  /// A mantissa up to 2⁵³ with a power of ten up to 22 needs one exact operation (Clinger, "How to
  /// read floating point numbers accurately", 1990). `strtod` converts all others. Hexadecimal
  /// forms, spaces and digit separators are malformed.
  ///
  /// - Precondition: `0 <= start <= end <= count`.
  /// - Throws: `DecimalError`.
  /// - Complexity: O(`end - start`), no heap allocation for numbers under 1,000 bytes.
  @inlinable
  package func decimal(from start: Int, to end: Int) throws(DecimalError) -> Double {
    var index = start
    var negative = false
    if index < end, self[index] == UInt8(ascii: "-") || self[index] == UInt8(ascii: "+") {
      negative = self[index] == UInt8(ascii: "-")
      index &+= 1
    }
    var mantissa: UInt64 = 0
    let firstDigit = index
    while index < end {
      let digit = self[index] &- UInt8(ascii: "0")
      if digit > 9 { break }
      mantissa = mantissa &* 10 &+ UInt64(digit)
      index &+= 1
    }
    var digits = index &- firstDigit
    var scale = 0
    if index < end, self[index] == UInt8(ascii: ".") {
      index &+= 1
      let firstDecimal = index
      while index < end {
        let digit = self[index] &- UInt8(ascii: "0")
        if digit > 9 { break }
        mantissa = mantissa &* 10 &+ UInt64(digit)
        index &+= 1
      }
      scale = index &- firstDecimal
      digits &+= scale
    }
    // Nineteen digits never overflow a 64-bit mantissa.
    guard index == end, digits > 0, digits <= 19, mantissa <= 1 << 53, scale <= 22 else {
      return try unusualDecimal(from: start, to: end)
    }
    let magnitude = Double(mantissa: mantissa, decimalPlaces: scale)
    return negative ? -magnitude : magnitude
  }

  /// Converts everything that the fast path does not: exponents, long mantissas and malformed
  /// numbers.
  @usableFromInline
  func unusualDecimal(from start: Int, to end: Int) throws(DecimalError) -> Double {
    try checkDecimalGrammar(from: start, to: end)
    let length = end &- start
    let value = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: length + 1) {
      text in
      for offset in 0..<length {
        unsafe text[offset] = CChar(bitPattern: self[start &+ offset])
      }
      unsafe text[length] = 0
      // Safety: the copy ends in a zero byte, and the grammar allows no other.
      return unsafe strtod(text.baseAddress!, nil)
    }
    guard value.isFinite else { throw .infinite }
    return value
  }

  private func checkDecimalGrammar(from start: Int, to end: Int) throws(DecimalError) {
    var index = start
    if index < end, self[index] == UInt8(ascii: "-") || self[index] == UInt8(ascii: "+") {
      index &+= 1
    }
    if spells("nan", from: index, to: end) { throw .notANumber }
    if spells("inf", from: index, to: end) || spells("infinity", from: index, to: end) {
      throw .infinite
    }
    var digits = skipDigits(&index, to: end)
    if index < end, self[index] == UInt8(ascii: ".") {
      index &+= 1
      digits &+= skipDigits(&index, to: end)
    }
    guard digits > 0 else { throw .malformed }
    if index < end, self[index] | 0x20 == UInt8(ascii: "e") {
      index &+= 1
      if index < end, self[index] == UInt8(ascii: "-") || self[index] == UInt8(ascii: "+") {
        index &+= 1
      }
      guard skipDigits(&index, to: end) > 0 else { throw .malformed }
    }
    guard index == end else { throw .malformed }
  }

  private func skipDigits(_ index: inout Int, to end: Int) -> Int {
    let first = index
    while index < end, self[index] &- UInt8(ascii: "0") <= 9 { index &+= 1 }
    return index &- first
  }

  private func spells(_ word: StaticString, from start: Int, to end: Int) -> Bool {
    guard end &- start == word.utf8CodeUnitCount else { return false }
    return word.withUTF8Buffer { letters in
      for offset in 0..<letters.count {
        // Safety: `offset` is less than the literal's count.
        if unsafe self[start &+ offset] | 0x20 != letters[offset] { return false }
      }
      return true
    }
  }
}
