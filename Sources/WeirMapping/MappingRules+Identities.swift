import WeirBytes
import WeirMetrics

extension MappingRules: IdentityRules {
  /// - Complexity: That of `outcome`, and some allocations.
  package func verdict(
    on identity: RawIdentity, kind: MetricKind, in bytes: Span<UInt8>
  ) -> IdentityVerdict {
    let outcome: MappingOutcome
    if identity.nameRest.isEmpty {
      outcome = self.outcome(of: bytes.extracting(identity.name), kind: kind)
    } else {
      let name = identity.name.map { bytes[$0] } + identity.nameRest.map { bytes[$0] }
      outcome = self.outcome(of: name.span, kind: kind)
    }
    switch outcome {
    case .unmapped: return .asSent(.settings(defaults))
    case .dropped(let rule):
      rule.countHit()
      return .dropped
    case .mapped(let mapped):
      mapped.rule.countHit()
      return .renamed(RenamedIdentity(mapped, sent: kind))
    }
  }

  /// A rule without references gives its own name, and then what is not mapped is not asked. A rule with
  /// references may give this name, but so may names that no rule is for, and clients that push.
  ///
  /// - Complexity: O(rules).
  package func asked(ofMetric name: [UInt8], kind: MetricKind) -> [AskedClass] {
    var own: [AskedClass] = []
    var possible: [AskedClass] = []
    var isNamed = false
    for rule in rules where rule.content.action == .map && rule.content.name.canGive(name) {
      let gives = rule.gives(kind)
      let hasReferences = rule.content.name.groupMax != nil
      if !hasReferences, gives || rule.takes(kind) { isNamed = true }
      guard gives else { continue }
      let asked = AskedClass.settings(rule.content.settings)
      if hasReferences { possible.append(asked) } else { own.append(asked) }
    }
    return own + possible + (isNamed ? [] : [.settings(defaults), .nothing])
  }
}

extension RenamedIdentity {
  fileprivate init(_ mapped: MappedName, sent kind: MetricKind) {
    let rule = mapped.rule.content
    self.init(name: mapped.name, kind: mapped.rule.kind(of: kind))
    labels = mapped.labels.map { Label(name: Array($0.name.utf8), value: $0.value) }
    honorsTags = rule.honorsLabels
    scale = rule.scale
    asked = .settings(rule.settings)
    help = rule.help
  }
}
