/// Whole numbers in sentences.
package enum CountText {
  /// The number with a comma after each three digits, counted from the right: `12,480`, `-1,000`.
  package static func grouped(_ number: Int) -> String {
    let digits = String(number.magnitude)
    var text = number < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
      text.append(digit)
    }
    return text
  }

  /// The form that goes with a number: `line` with 1, and `lines` with any other.
  ///
  /// - Parameter many: The form for other numbers than 1; nil for `one` with an `s`.
  package static func form(_ count: Int, _ one: String, _ many: String? = nil) -> String {
    count == 1 ? one : many ?? one + "s"
  }

  /// The number with the form that goes with it: `1 line`, `12480 lines`.
  package static func counted(_ count: Int, _ one: String, _ many: String? = nil) -> String {
    "\(count) \(form(count, one, many))"
  }

  /// As `counted`, with commas: `12,480 lines`.
  package static func groupedCount(_ count: Int, _ one: String, _ many: String? = nil) -> String {
    "\(grouped(count)) \(form(count, one, many))"
  }
}
