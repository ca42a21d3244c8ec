import WeirBytes
import WeirMetrics

/// A pushed frame as it was decoded: a header, and records that point into lists of the frame.
///
///     record ── name, labels ──> strings ──> the frame's bytes
///            ── numbers ───────> numbers, and of buckets also indices
///            ── bounds ────────> boundsLists ──> bounds
///            ── exemplars ─────> examples
///
/// It is reused for every frame, as `SampleBatch` is for every batch. All lists together hold fewer
/// elements than the frame has bytes.
@usableFromInline
package struct PushFrame: ~Copyable {
  /// Where a string lies in the bytes that the frame was decoded from.
  @usableFromInline
  package struct Text: Sendable, BitwiseCopyable {
    @usableFromInline package let start: UInt32
    @usableFromInline package let length: UInt32

    @inlinable
    package init(start: Int, length: Int) {
      self.start = UInt32(truncatingIfNeeded: start)
      self.length = UInt32(truncatingIfNeeded: length)
    }

    @inlinable package var range: Range<Int> { Int(start)..<Int(start) + Int(length) }
  }

  /// A label, by the indices of its strings.
  @usableFromInline
  package struct Label: Sendable, BitwiseCopyable {
    @usableFromInline package let name: UInt32
    @usableFromInline package let value: UInt32

    @inlinable
    package init(name: UInt32, value: UInt32) {
      self.name = name
      self.value = value
    }
  }

  /// An exemplar.
  @usableFromInline
  package struct Example: Sendable, BitwiseCopyable {
    /// As in `PushRecord`.
    @usableFromInline package let labels: PushRange
    @usableFromInline package let value: Double
    /// From the observation until the frame was sent.
    @usableFromInline package let ageMilliseconds: UInt64

    @inlinable
    package init(labels: PushRange, value: Double, ageMilliseconds: UInt64) {
      self.labels = labels
      self.value = value
      self.ageMilliseconds = ageMilliseconds
    }
  }

  /// Unit and help text of a metric: one more than the index of a string each, or 0 for none.
  @usableFromInline
  package struct Meta: Sendable, BitwiseCopyable {
    @usableFromInline package let name: UInt32
    @usableFromInline package let unit: UInt32
    @usableFromInline package let help: UInt32

    @inlinable
    package init(name: UInt32, unit: UInt32, help: UInt32) {
      self.name = name
      self.unit = unit
      self.help = help
    }
  }

  @usableFromInline package var header = PushHeader()
  @usableFromInline package var strings = Column<Text>(capacity: 128)
  /// Labels of every series of the frame.
  @usableFromInline package var common = Column<Label>(capacity: 16)
  @usableFromInline package var records = Column<PushRecord>(capacity: 128)
  @usableFromInline package var numbers = Column<Double>(capacity: 512)
  @usableFromInline package var indices = Column<Int32>(capacity: 512)
  @usableFromInline package var boundsLists = Column<PushRange>(capacity: 8)
  @usableFromInline package var bounds = Column<Double>(capacity: 64)
  @usableFromInline package var examples = Column<Example>(capacity: 16)
  @usableFromInline package var metas = Column<Meta>(capacity: 16)
  /// Records refused, by `RecordRefusal.rawValue`.
  package private(set) var refusals = [Int](repeating: 0, count: RecordRefusal.allCases.count)
  /// Records refused because of their series, by `Refusal.rawValue`.
  package private(set) var seriesRefusals = [Int](repeating: 0, count: Refusal.allCases.count)
  /// The sum of both.
  package private(set) var refusedCount = 0

  /// The first of them, for operators.
  package private(set) var refusedRecords: [RefusedRecord] = []

  package init() {}

  /// - Parameter name: The index of the string that names the record's metric; nil where it could
  ///   not be read.
  package mutating func refuse(_ reason: RecordRefusal, name: UInt32? = nil) {
    refusals[Int(reason.rawValue)] += 1
    keep(reason.label, name)
  }

  /// - Parameter name: As above.
  package mutating func refuse(_ reason: Refusal, name: UInt32? = nil) {
    seriesRefusals[Int(reason.rawValue)] += 1
    keep(reason.label, name)
  }

  private mutating func keep(_ reason: StaticString, _ name: UInt32?) {
    refusedCount += 1
    guard refusedRecords.count < RefusedRecord.keptMax else { return }
    refusedRecords.append(RefusedRecord(reason: reason, name: name))
  }

  package mutating func removeAll() {
    strings.removeAll()
    common.removeAll()
    records.removeAll()
    numbers.removeAll()
    indices.removeAll()
    boundsLists.removeAll()
    bounds.removeAll()
    examples.removeAll()
    metas.removeAll()
    guard refusedCount > 0 else { return }
    refusedCount = 0
    refusedRecords.removeAll(keepingCapacity: true)
    for reason in refusals.indices { refusals[reason] = 0 }
    for reason in seriesRefusals.indices { seriesRefusals[reason] = 0 }
  }
}
