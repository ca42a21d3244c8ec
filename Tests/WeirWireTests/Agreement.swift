import TestSupport
import WeirMetrics

/// Whether what the decoder gave is what its naive twin allows.
struct Agreement {
  /// The bits that stood for each member of a set so far, and the other way round.
  private var bitsOfMembers: [[UInt8]: UInt64] = [:]
  private var membersOfBits: [UInt64: [UInt8]] = [:]

  /// Nil, or what differs.
  mutating func difference(_ real: RealDecoder.Outcome, _ naive: NaiveDecoder.Line) -> String? {
    switch naive {
    case .nothing:
      return real == RealDecoder.Outcome() ? nil : "something came of an empty line: \(real)"
    case .event:
      return real == RealDecoder.Outcome(lines: 1, events: 1) ? nil : "not one event: \(real)"
    case .serviceCheck:
      return real == RealDecoder.Outcome(lines: 1, serviceChecks: 1)
        ? nil : "not one check: \(real)"
    case .parts(let parts):
      if real.lines != 1 || real.events + real.serviceChecks > 0 || real.lineStarts != [0] {
        return "not one line of metrics: \(real)"
      }
      return difference(real, parts)
    }
  }

  private mutating func difference(
    _ real: RealDecoder.Outcome, _ parts: [NaiveDecoder.Part]
  ) -> String? {
    var refused: [Set<Refusal>] = []
    var taken: [RealDecoder.Taken] = []
    var tagsDropped = 0
    var tagsInternal = 0
    for part in parts {
      switch part {
      case .refused(let reasons): refused.append(reasons)
      case .taken(let kind, let values, let weight, let spelling):
        tagsDropped += spelling.tagsDropped
        tagsInternal += spelling.tagsInternal
        var one = RealDecoder.Taken(
          kind: kind, values: values.map(\.number), count: values.count, weight: weight,
          series: Array(spelling.text.utf8))
        if kind == .gauge {
          one.values = RealDecoder.Taken.effect(values.map { ($0.number, $0.isRelative) })
        }
        if let member = values[0].member {
          one.values = []
          let seen = taken.count < real.taken.count ? real.taken[taken.count].memberBits : 0
          one.memberBits = bits(of: Array(member.utf8), seen: seen)
        }
        taken.append(one)
      }
    }
    if !Agreement.fits(real.refused[...], refused) {
      return "refused for \(real.refused), not \(refused)"
    }
    if taken != real.taken { return "\(real.taken), not \(taken)" }
    if tagsDropped != real.tagsDropped {
      return "\(real.tagsDropped) tags dropped, not \(tagsDropped)"
    }
    if tagsInternal != real.tagsInternal {
      return "\(real.tagsInternal) tags are Datadog's own, not \(tagsInternal)"
    }
    return nil
  }

  /// What must stand for `member`: what stood for it before, or `seen`, if nothing else had that.
  private mutating func bits(of member: [UInt8], seen: UInt64) -> UInt64 {
    if let known = bitsOfMembers[member] { return known }
    if membersOfBits[seen] != nil { return ~seen }
    bitsOfMembers[member] = seen
    membersOfBits[seen] = member
    return seen
  }

  /// Whether each reason can be given to a set of its own that holds it.
  private static func fits(_ reasons: ArraySlice<Refusal>, _ sets: [Set<Refusal>]) -> Bool {
    guard let reason = reasons.first else { return sets.isEmpty }
    return sets.indices.contains { index in
      guard sets[index].contains(reason) else { return false }
      var rest = sets
      rest.remove(at: index)
      return fits(reasons.dropFirst(), rest)
    }
  }
}
