import WeirBytes
import WeirMetrics

/// What a rule changes about the samples of an identity, apart from the name.
package struct SampleChange: Hashable {
  let sentKind: MetricKind
  let kind: MetricKind
  let scale: Double
  let tagsDropped: Int
  let tagsInternal: Int

  init(
    sentKind: MetricKind, kind: MetricKind, scale: Double, tagsDropped: Int, tagsInternal: Int
  ) {
    self.sentKind = sentKind
    self.kind = kind
    self.scale = scale
    self.tagsDropped = tagsDropped
    self.tagsInternal = tagsInternal
  }

  /// The change that a rule makes; nil for none.
  package init?(_ renamed: RenamedIdentity?, sentKind: MetricKind) {
    guard let renamed, renamed.kind != sentKind || renamed.scale != nil else { return nil }
    self.init(
      sentKind: sentKind, kind: renamed.kind, scale: renamed.scale ?? 1, tagsDropped: 0,
      tagsInternal: 0)
  }

  /// Changes the values of a sample, and its kind.
  ///
  ///     sent as       becomes                 values
  ///     counter       gauge                   are added to the gauge
  ///     gauge         counter, observations   each is added, or observed; those with a sign, too
  ///     observations  counter                 are added, as often as the sample rate says
  ///     observations  gauge                   set the gauge, the last one wins
  ///     a number      set                     are members
  ///
  /// A set stays a set, because its members are no numbers.
  ///
  /// - Returns: Why the sample can't be applied; nil if it can.
  package func apply(to sample: inout Sample, _ values: inout Column<Double>) -> Refusal? {
    if let refusal = refusal(of: sample, values) { return refusal }
    let range = sample.values
    if sentKind != .set { for index in range { values[index] *= scale } }
    if kind != sentKind { turn(&sample, &values, range) }
    return nil
  }

  /// Why the values of a sample that is not changed yet are refused; nil if they are not.
  func refusal(of sample: Sample, _ values: borrowing Column<Double>) -> Refusal? {
    guard sentKind != .set else { return nil }
    for index in sample.values {
      let value = values[index] * scale
      guard value.isFinite else { return .infinite }
      if kind == .counter, value < 0 { return .negativeCounter }
    }
    return nil
  }

  private func turn(
    _ sample: inout Sample, _ values: inout Column<Double>, _ range: Range<Int>
  ) {
    switch kind {
    case .counter:
      if sentKind == .histogram { for index in range { values[index] *= sample.weight } }
    case .gauge: sample.isRelative = sentKind == .counter
    case .histogram: break
    case .set:
      for index in range {
        let hash = MemberHash.hash("\(values[index])")
        values[index] = Double(bitPattern: hash)
      }
    }
    if sentKind == .gauge { sample.isRelative = false }
    if sentKind == .counter { sample.weight = 1 }
    sample.kind = kind
  }
}

extension Sample {
  /// Where its values are in the batch.
  fileprivate var values: Range<Int> { Int(firstValue)..<Int(firstValue) + Int(valueCount) }
}

/// The changes that a router remembers, by number.
struct SampleChanges {
  private var changes: [SampleChange] = []
  private var numbers: [SampleChange: UInt32] = [:]

  /// More than rules that change values; a flood of tags makes others.
  private static let countMax = 65_536

  var isFull: Bool { changes.count >= SampleChanges.countMax }

  subscript(number: Int) -> SampleChange { changes[number] }

  /// The number of a change, which is remembered.
  mutating func number(of change: SampleChange) -> UInt32 {
    if let known = numbers[change] { return known }
    let number = UInt32(changes.count)
    changes.append(change)
    numbers[change] = number
    return number
  }

  mutating func removeAll() {
    changes.removeAll()
    numbers.removeAll()
  }
}
