/// How long a series is kept without an update, by kind: `--series.ttl`.
package struct SeriesTTL: Sendable, Equatable {
  package enum Kind: String, CaseIterable, Sendable {
    case counter, gauge, histogram, set
  }

  /// What was given for all kinds, in seconds.
  private var general: Int?
  /// What was given for one kind, which matters more.
  private var own: [Kind: Int] = [:]

  /// A counter that comes back from 0 looks like a restart, a gauge that is changed by signs would lose
  /// its base, and a gauge that is sent only when it changes would vanish, so that nothing is forgotten
  /// unless that is asked for.
  private static let secondsByDefault = 0

  package init() {}

  /// Seconds; 0 for ever.
  package func seconds(_ kind: Kind) -> Int {
    own[kind] ?? general ?? SeriesTTL.secondsByDefault
  }

  package static func == (left: SeriesTTL, right: SeriesTTL) -> Bool {
    Kind.allCases.allSatisfy { left.seconds($0) == right.seconds($0) }
  }

  /// Sets the lifetime of a kind, or, without one, of all those that have none of their own.
  ///
  /// - Returns: False where that was done before.
  mutating func set(_ seconds: Int, for kind: Kind?) -> Bool {
    if let kind { return own.updateValue(seconds, forKey: kind) == nil }
    defer { general = seconds }
    return general == nil
  }
}
