/// A mistake in the command line, as a sentence that says what to do.
package struct UsageError: Error, Equatable {
  package let sentence: String

  package init(sentence: String) {
    self.sentence = sentence
  }
}

/// The value of a flag that takes a whole number.
///
/// - Throws: `UsageError`, a sentence that says which numbers will do.
package func wholeNumber(
  _ flag: String, _ value: String, _ range: ClosedRange<Int>
) throws(UsageError) -> Int {
  guard let number = Int(value), range.contains(number) else {
    let bounds = "\(range.lowerBound) to \(range.upperBound)"
    throw UsageError(sentence: "\(flag)=\(value) is not a whole number from \(bounds).")
  }
  return number
}
