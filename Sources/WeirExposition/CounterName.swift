import WeirMetrics

/// What OpenMetrics makes of a counter's name.
package enum CounterName {
  private static let ending = Array("_total".utf8)

  /// The name without its `_total`; nil where it does not end so, or is nothing else.
  package static func stem(of name: [UInt8]) -> [UInt8]? {
    SpelledName.removing(ending, from: name)
  }
}
