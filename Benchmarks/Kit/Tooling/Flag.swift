/// One argument of a benchmark: `--name`, or `--name=value`.
package struct Flag: Sendable {
  package let name: String
  private let value: String?

  package init(_ argument: String) {
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    name = parts.first.map(String.init) ?? ""
    value = parts.count > 1 ? String(parts[1]) : nil
  }

  /// True for a switch; throws `UsageError` where it has a value.
  package func turnsOn() throws(UsageError) -> Bool {
    if value != nil { throw UsageError(sentence: "\(name) takes no value.") }
    return true
  }

  /// The value as text; throws `UsageError` where there is none.
  package func text() throws(UsageError) -> String {
    guard let value, !value.isEmpty else {
      throw UsageError(sentence: "\(name) needs a value, \(name)=…; see --help.")
    }
    return value
  }

  /// The value as a whole number; throws `UsageError`, which says what is allowed.
  package func number(_ range: ClosedRange<Int>) throws(UsageError) -> Int {
    try number(try text(), range)
  }

  /// The value as one or more whole numbers, separated by commas.
  package func numbers(_ range: ClosedRange<Int>) throws(UsageError) -> [Int] {
    var numbers: [Int] = []
    for part in try text().split(separator: ",", omittingEmptySubsequences: false) {
      numbers.append(try number(String(part), range))
    }
    return numbers
  }

  /// The error for a name that the program does not know.
  package func unknown(to program: String) -> UsageError {
    UsageError(sentence: "\(name) is not a flag of \(program); see --help.")
  }

  /// One part of the value as a whole number.
  package func number(
    _ text: String, _ range: ClosedRange<Int>
  ) throws(UsageError) -> Int {
    guard let number = Int(text), range.contains(number) else {
      let bounds = "\(range.lowerBound) to \(range.upperBound)"
      throw UsageError(sentence: "\(name)=\(text) is not a whole number from \(bounds).")
    }
    return number
  }
}
