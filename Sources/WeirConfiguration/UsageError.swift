/// A command line that Weir does not understand.
///
/// `description` is one sentence for the operator: what is wrong, then what to write instead.
package struct UsageError: Error, Equatable, CustomStringConvertible {
  package let description: String

  init(_ description: String) {
    self.description = description
  }
}

extension String {
  /// The text in double quotes, with whatever could break a line or hide in it escaped.
  var quoted: String { debugDescription }

  /// The text as in `quoted`, without the quotes.
  var escaped: String { String(debugDescription.dropFirst().dropLast()) }
}
