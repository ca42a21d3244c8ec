/// Which series are meant: `name{label="value",other!="value"}`, with `*` for any run of characters
/// in the name and in values. A label that a series does not have counts as empty.
package struct SeriesSelector: Sendable, CustomStringConvertible {
  /// A condition on one label.
  struct Matcher: Sendable {
    /// As it is spelled in a series: without quotes only if it is a classic name.
    let label: [UInt8]
    let value: NameGlob
    let isNegated: Bool
  }

  /// Longer than the longest series.
  package static let bytesMax = 8_192
  /// As many as a series has labels.
  static let matchersMax = 64

  /// The selector as it was written.
  package let description: String
  /// Nil for any name.
  let name: NameGlob?
  let matchers: [Matcher]

  /// Whether a series matches.
  ///
  /// - Parameter spelling: `name` or `name{label="value",…}`.
  /// - Complexity: O(length · pattern) for each matcher, in practice O(length).
  package func matches(_ spelling: [UInt8]) -> Bool {
    let nameLength = SpelledName.length(in: spelling.span)
    guard matchesName(spelling[..<nameLength]) else { return false }
    return matchers.allSatisfy { matcher in
      let value = SeriesSelector.value(of: matcher.label, in: spelling, from: nameLength)
      return matcher.value.matches(value) != matcher.isNegated
    }
  }

  /// Whether series with this name may match; as the name is spelled.
  package func matchesName(_ spelled: ArraySlice<UInt8>) -> Bool {
    guard let name else { return true }
    if spelled.first != UInt8(ascii: "\"") { return name.matches(spelled) }
    return name.matches(SpelledName.raw(spelled))
  }

  /// The value of a label, without escapes; empty if the series does not have it.
  ///
  /// - Parameters:
  ///   - label: As it is spelled in a series.
  ///   - start: The length of the metric's name in the spelling.
  package static func value(
    of label: [UInt8], in spelling: [UInt8], from start: Int
  ) -> ArraySlice<UInt8> {
    var index = start + 1
    while index < spelling.count {
      let length = SpelledName.length(in: spelling.span, from: index, end: UInt8(ascii: "="))
      let isWanted = spelling[index..<index + length].elementsEqual(label)
      // After `="`.
      let first = index + length + 2
      var end = first
      var isEscaped = false
      while spelling[end] != UInt8(ascii: "\"") {
        if spelling[end] == UInt8(ascii: "\\") {
          isEscaped = true
          end += 1
        }
        end += 1
      }
      if isWanted {
        return isEscaped ? SpelledName.raw(spelling[first - 1...end])[...] : spelling[first..<end]
      }
      // After `",`, or after `"}`.
      index = end + 2
    }
    return []
  }
}
