import WeirBytes
import WeirMetrics
import WeirWire

@testable import WeirAggregation

/// Rules by the name of a metric as it was sent, which count how often they are asked.
final class NamedRules: IdentityRules {
  private let verdict: @Sendable (_ name: String, _ kind: MetricKind) -> IdentityVerdict
  private let count = Locked(0)

  /// How often a router has asked.
  var asked: Int { count.withLock { $0 } }

  init(_ verdict: @escaping @Sendable (String, MetricKind) -> IdentityVerdict) {
    self.verdict = verdict
  }

  /// Rules for single names. Other names are spelled as they were sent.
  convenience init(_ rules: [String: IdentityVerdict]) {
    self.init { name, _ in rules[name] ?? .asSent(.nothing) }
  }

  func verdict(
    on identity: RawIdentity, kind: MetricKind, in bytes: Span<UInt8>
  ) -> IdentityVerdict {
    count.withLock { $0 += 1 }
    let name = identity.name.map { bytes[$0] } + identity.nameRest.map { bytes[$0] }
    return verdict(String(decoding: name, as: UTF8.self), kind)
  }
}

extension IdentityVerdict {
  /// A rule that gives a name, and more.
  static func renamed(
    _ name: String, _ kind: MetricKind, _ labels: [(String, String)] = [],
    _ change: (inout RenamedIdentity) -> Void = { _ in }
  ) -> IdentityVerdict {
    var identity = RenamedIdentity(name: Array(name.utf8), kind: kind)
    identity.labels = labels.map {
      RenamedIdentity.Label(name: Array($0.0.utf8), value: Array($0.1.utf8))
    }
    change(&identity)
    return .renamed(identity)
  }
}

extension StatsDOptions {
  /// As with a mapping file: counters may be below 0, because a rule may make gauges of them.
  static var mapped: StatsDOptions {
    var options = StatsDOptions()
    options.takesNegativeCounters = true
    return options
  }
}
