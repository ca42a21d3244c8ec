/// A command line that Weir does not understand.
///
/// `description` is one sentence for the operator: what is wrong, then what to write instead.
package struct UsageError: Error, Equatable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) {
    self.description = description
  }
}

extension String {
  /// The text in double quotes; characters that could break a line or be invisible are escaped.
  package var quoted: String { debugDescription }

  /// The text as in `quoted`, without the quotes.
  var escaped: String { String(debugDescription.dropFirst().dropLast()) }
}
