/// What the sender of a new series, or a rule for it, asks of its class.
package enum AskedClass: Sendable, Equatable {
  case nothing
  /// The bounds that a client gave its histogram.
  case bounds(HistogramBounds)
  /// A mapping file's rule, completed by the file's defaults.
  case settings(ClassSettings)

  /// The bounds that are asked for; nil for none.
  package var bounds: HistogramBounds? {
    switch self {
    case .nothing: nil
    case .bounds(let bounds): bounds
    case .settings(let settings): settings.bounds
    }
  }

  /// How observations of a metric are kept.
  ///
  /// - Parameter name: As a scrape shows it, without quotes.
  func observer(of name: [UInt8], _ rules: SeriesRules) -> Observer {
    let observer = rules.observer(of: name)
    guard case .settings(let settings) = self else { return observer }
    let wanted = settings.observer(over: observer, rules.details)
    return rules.isForwarding ? wanted.forwarding : wanted
  }
}
