import WeirBytes
import WeirMetrics

/// What each label of a name does to the number of its series, from one pass over them.
///
/// The hash of a series is the sum of the hashes of its pairs of label and value. So its hash without a label
/// is a subtraction.
///
/// *Memory.* At most 64 labels of 370 KiB: 24 MiB, whatever the series are. Without details, 1.3 MiB.
package struct LabelBreakdown: Sendable {
  /// The most labels that are counted.
  package static let labelsMax = 64

  package struct Label: Sendable {
    /// Without quotes and escapes.
    package let name: [UInt8]
    /// The distinct values.
    package fileprivate(set) var values = DistinctCount()
    /// The series that would be left without it.
    package fileprivate(set) var seriesWithout: DistinctCount
    /// The values that most series have.
    package fileprivate(set) var frequent = FrequentValues()
    fileprivate let hash: UInt64
    /// The number of the last series that had the label, and the hash of its pair.
    fileprivate var lastSeries = -1
    fileprivate var lastPair: UInt64 = 0
  }

  /// In the order in which they were found.
  package private(set) var labels: [Label] = []
  /// Series that were added.
  package private(set) var series = 0
  /// Whether there were more labels than are counted.
  package private(set) var isLabelMissing = false
  private let hash: KeyedHash
  private let hasDetails: Bool
  private var slots: [UInt64: Int] = [:]
  private var distinct = DistinctCount()

  /// - Parameters:
  ///   - hash: With a key that no sender knows.
  ///   - hasDetails: Whether frequent values and the series without each label are wanted.
  package init(hash: KeyedHash, hasDetails: Bool) {
    self.hash = hash
    self.hasDetails = hasDetails
  }

  /// Adds a series that was not added before.
  ///
  /// - Parameter spelling: `name` or `name{label="value",…}`.
  /// - Complexity: O(bytes + labels of all series).
  package mutating func add(_ spelling: Span<UInt8>, nameLength: Int) {
    var sum: UInt64 = 0
    // The labels of series of one name are mostly the same, in the same order.
    var next = 0
    var index = nameLength + 1
    while let place = LabelPlace.next(in: spelling, at: &index) {
      let name = hash.hash(spelling, from: place.name.lowerBound, length: place.name.count)
      let pair = hash.hash(
        spelling, from: place.value.lowerBound, length: place.value.count, state: name)
      sum &+= pair
      guard let slot = slot(of: name, next, place, in: spelling) else { continue }
      next = slot + 1
      labels[slot].values.insert(pair)
      guard hasDetails else { continue }
      labels[slot].lastSeries = series
      labels[slot].lastPair = pair
      if !labels[slot].frequent.count(pair) {
        labels[slot].frequent.insert(pair, place.rawValue(in: spelling))
      }
    }
    if hasDetails {
      for slot in labels.indices {
        let left = labels[slot].lastSeries == series ? sum &- labels[slot].lastPair : sum
        labels[slot].seriesWithout.insert(LabelBreakdown.mixed(left))
      }
      distinct.insert(LabelBreakdown.mixed(sum))
    }
    series += 1
  }

  private mutating func slot(
    of name: UInt64, _ next: Int, _ place: LabelPlace, in spelling: Span<UInt8>
  ) -> Int? {
    if next < labels.count, labels[next].hash == name { return next }
    if let known = slots[name] { return known }
    guard labels.count < LabelBreakdown.labelsMax else {
      isLabelMissing = true
      return nil
    }
    slots[name] = labels.count
    // None of the series before had the label.
    labels.append(Label(name: place.rawName(in: spelling), seriesWithout: distinct, hash: name))
    return labels.count - 1
  }

  /// The finaliser of MurmurHash3 (Austin Appleby), because a sum has fewer random bits than its parts.
  private static func mixed(_ sum: UInt64) -> UInt64 {
    var hash = sum
    hash ^= hash >> 33
    hash &*= 0xff51_afd7_ed55_8ccd
    hash ^= hash >> 33
    hash &*= 0xc4ce_b9fe_1a85_ec53
    return hash ^ hash >> 33
  }
}

extension LabelBreakdown.Label {
  fileprivate init(name: [UInt8], seriesWithout: DistinctCount, hash: UInt64) {
    self.name = name
    self.seriesWithout = seriesWithout
    self.hash = hash
  }
}
