import WeirBytes
import WeirMetrics

extension ByteWriter {
  /// Appends the value of a `le` or `quantile` label in the canonical form of OpenMetrics 1.0
  /// ("Considerations: Canonical Numbers"): the shortest digits, an exponent of two digits or more from
  /// 1e+06 on and below 0.0001, and a point in every number that has no exponent; or, in the short style, without
  /// a point in whole numbers.
  mutating func appendBound(_ bound: Double, _ style: BoundStyle = .canonical) {
    guard bound.isFinite else { return append(bound) }
    if bound.sign == .minus { append(UInt8(ascii: "-")) }
    let number = ShortestDigits(bound.magnitude)
    if number.exponent < -4 || number.exponent >= 6 {
      appendScientific(number)
    } else {
      appendPlain(number, style)
    }
  }

  private mutating func appendScientific(_ number: ShortestDigits) {
    append(number.digits[0])
    if number.digits.count > 1 {
      append(UInt8(ascii: "."))
      append(Array(number.digits[1...]))
    }
    append(number.exponent < 0 ? "e-" : "e+")
    if number.exponent.magnitude < 10 { append(UInt8(ascii: "0")) }
    append(Int64(number.exponent.magnitude))
  }

  private mutating func appendPlain(_ number: ShortestDigits, _ style: BoundStyle) {
    let zero = UInt8(ascii: "0")
    let wholeDigits = number.exponent + 1
    if wholeDigits > 0 {
      append(Array(number.digits.prefix(wholeDigits)))
      append([UInt8](repeating: zero, count: max(0, wholeDigits - number.digits.count)))
    } else {
      append(zero)
    }
    if style == .short, number.digits.count <= wholeDigits || number.digits == [zero] { return }
    append(UInt8(ascii: "."))
    if wholeDigits < 0 { append([UInt8](repeating: zero, count: -wholeDigits)) }
    let fraction = number.digits.dropFirst(max(0, wholeDigits))
    append(fraction.isEmpty ? [zero] : Array(fraction))
  }
}

/// The fewest decimal digits that read back as the same double, and the power of ten of the first
/// one.
private struct ShortestDigits {
  /// ASCII, without zeros at either end; `0` alone for zero.
  var digits: [UInt8] = []
  var exponent = 0

  /// - Parameter value: Finite and not negative.
  init(_ value: Double) {
    // Swift writes the shortest digits too, as `123.45` or as `1.2345e+20`.
    let parts = value.description.split(separator: "e")
    let point = parts[0].utf8.firstIndex(of: UInt8(ascii: ".")) ?? parts[0].utf8.endIndex
    let whole = parts[0].utf8[..<point].count
    let all = parts[0].utf8.filter { $0 != UInt8(ascii: ".") }
    let leadingZeros = all.prefix { $0 == UInt8(ascii: "0") }.count
    digits = Array(all.dropFirst(leadingZeros))
    while digits.last == UInt8(ascii: "0") { digits.removeLast() }
    if digits.isEmpty {
      digits = [UInt8(ascii: "0")]
    } else {
      exponent = whole - 1 - leadingZeros + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
    }
  }
}
