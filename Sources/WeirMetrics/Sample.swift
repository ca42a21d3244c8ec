/// One metric of one line: its identity as bytes, and its values.
///
/// The positions point into the receive buffer that the batch was decoded from.
@usableFromInline
package struct Sample: Sendable, BitwiseCopyable {
  /// Where the name begins, which is where its line begins.
  @usableFromInline package var nameStart: UInt32
  /// Where the line ends, so that a later refusal can show it.
  @usableFromInline package var lineEnd: UInt32
  /// Where the tags after `|#` begin, or the fields that hold labels (`TagFields` of WeirWire), or 0.
  @usableFromInline package var tagsStart: UInt32
  /// Bytes of the name, with any tags that its dialect puts there.
  @usableFromInline package var nameLength: UInt16
  /// Bytes of these tags or fields, or 0.
  @usableFromInline package var tagsLength: UInt16
  /// Index of the first value in `SampleBatch.values`.
  @usableFromInline package var firstValue: UInt32
  /// The number of values; more than one only for packed lines.
  @usableFromInline package var valueCount: UInt32
  /// The weight of each observation of a histogram: one divided by the sample rate.
  @usableFromInline package var weight: Double
  /// The kind of its series, which a rule may change.
  @usableFromInline package var kind: MetricKind
  /// The kind as it was sent.
  @usableFromInline package let sentKind: MetricKind
  /// Whether it is a counter with a value below 0, which only a rule can make into something useful.
  @usableFromInline package var isNegative: Bool
  /// Whether the values of a gauge are added to it rather than replace it.
  @usableFromInline package var isRelative: Bool

  @inlinable
  package init(
    nameStart: Int, nameLength: Int, lineEnd: Int, tagsStart: Int, tagsLength: Int,
    firstValue: Int, valueCount: Int, weight: Double, kind: MetricKind, isRelative: Bool,
    isNegative: Bool = false
  ) {
    self.nameStart = UInt32(truncatingIfNeeded: nameStart)
    self.lineEnd = UInt32(truncatingIfNeeded: lineEnd)
    self.tagsStart = UInt32(truncatingIfNeeded: tagsStart)
    self.nameLength = UInt16(truncatingIfNeeded: nameLength)
    self.tagsLength = UInt16(truncatingIfNeeded: tagsLength)
    self.firstValue = UInt32(truncatingIfNeeded: firstValue)
    self.valueCount = UInt32(truncatingIfNeeded: valueCount)
    self.weight = weight
    self.kind = kind
    sentKind = kind
    self.isNegative = isNegative
    self.isRelative = isRelative
  }
}
