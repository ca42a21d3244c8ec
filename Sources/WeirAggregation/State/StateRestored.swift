import WeirMetrics

/// What came back from a state file, and what did not.
package struct StateRestored: Sendable, Equatable {
  package internal(set) var series = 0
  /// Series that begin anew, because flags and rules now give them another class.
  package internal(set) var changed = 0
  /// Series that exceed a limit, by `LimitName.rawValue`.
  private var refused = [Int](repeating: 0, count: LimitName.allCases.count)
  /// Series whose name is reserved or taken by another kind, or that are in the file twice.
  package internal(set) var clashes = 0
  package internal(set) var owners = 0
  /// Owners that exceed the limits, or that cannot be known again because the key is another one.
  package internal(set) var ownersRefused = 0
  package internal(set) var metas = 0
  /// Why nothing came back.
  package internal(set) var damage: String?

  package init() {}

  /// Series that exceed a limit.
  package func refused(by limit: LimitName) -> Int { refused[Int(limit.rawValue)] }

  /// Series that exceed any limit.
  package var refusedByLimits: Int { refused.reduce(0, +) }

  mutating func refuse(by limit: LimitName) { refused[Int(limit.rawValue)] += 1 }
}
