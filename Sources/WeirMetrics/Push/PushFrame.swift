import WeirBytes

/// A pushed frame as it was decoded: a header, and records that point into lists of the frame.
///
/// Reused for ever, as `SampleBatch` is. All lists together hold less than one element for each byte
/// of the frame.
package struct PushFrame: ~Copyable {
  /// Where a string lies in the bytes that the frame was decoded from.
  package struct Text: Sendable, BitwiseCopyable {
    package let start: UInt32
    package let length: UInt32

    package init(start: Int, length: Int) {
      self.start = UInt32(truncatingIfNeeded: start)
      self.length = UInt32(truncatingIfNeeded: length)
    }

    package var range: Range<Int> { Int(start)..<Int(start) + Int(length) }
  }

  /// A label, by the indices of its strings.
  package struct Label: Sendable, BitwiseCopyable {
    package let name: UInt32
    package let value: UInt32

    package init(name: UInt32, value: UInt32) {
      self.name = name
      self.value = value
    }
  }

  /// An observation that stands for many.
  package struct Example: Sendable, BitwiseCopyable {
    package let labels: PushRange
    package let value: Double
    /// From when it was made until the frame was sent.
    package let ageMilliseconds: UInt64

    package init(labels: PushRange, value: Double, ageMilliseconds: UInt64) {
      self.labels = labels
      self.value = value
      self.ageMilliseconds = ageMilliseconds
    }
  }

  /// What is said of a metric. Unit and help are one more than the index of a string, or 0.
  package struct Meta: Sendable, BitwiseCopyable {
    package let name: UInt32
    package let unit: UInt32
    package let help: UInt32

    package init(name: UInt32, unit: UInt32, help: UInt32) {
      self.name = name
      self.unit = unit
      self.help = help
    }
  }

  package var header = PushHeader()
  package var strings = Column<Text>(capacity: 128)
  /// Labels of every series of the frame.
  package var common = Column<Label>(capacity: 16)
  package var records = Column<PushRecord>(capacity: 128)
  /// Of all records.
  package var labels = Column<Label>(capacity: 512)
  package var numbers = Column<Double>(capacity: 512)
  package var indices = Column<Int32>(capacity: 512)
  package var boundsLists = Column<PushRange>(capacity: 8)
  package var bounds = Column<Double>(capacity: 64)
  package var examples = Column<Example>(capacity: 16)
  package var metas = Column<Meta>(capacity: 16)
  /// Records refused, by `RecordRefusal.rawValue`.
  package private(set) var refusals = [Int](repeating: 0, count: RecordRefusal.allCases.count)
  /// The same, those for their series' sake, by `Refusal.rawValue`.
  package private(set) var seriesRefusals = [Int](repeating: 0, count: Refusal.allCases.count)
  /// All of both.
  package private(set) var refusedCount = 0

  package init() {}

  package mutating func refuse(_ reason: RecordRefusal) {
    refusals[Int(reason.rawValue)] += 1
    refusedCount += 1
  }

  package mutating func refuse(_ reason: Refusal) {
    seriesRefusals[Int(reason.rawValue)] += 1
    refusedCount += 1
  }

  package mutating func removeAll() {
    strings.removeAll()
    common.removeAll()
    records.removeAll()
    labels.removeAll()
    numbers.removeAll()
    indices.removeAll()
    boundsLists.removeAll()
    bounds.removeAll()
    examples.removeAll()
    metas.removeAll()
    guard refusedCount > 0 else { return }
    refusedCount = 0
    for reason in refusals.indices { refusals[reason] = 0 }
    for reason in seriesRefusals.indices { seriesRefusals[reason] = 0 }
  }
}
