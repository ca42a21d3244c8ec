import WeirBytes
import WeirMetrics

/// The labels of all series together, as Prometheus counts them for its own storage.
///
/// *Memory.* At most 512 labels of 21 KiB, and 330 KiB for the pairs: 11 MiB, whatever the series are.
package struct LabelCensus: Sendable {
  /// The most labels that are counted.
  package static let labelsMax = 512

  package struct Label: Sendable {
    /// Without quotes and escapes.
    package let name: [UInt8]
    package fileprivate(set) var values = DistinctCount()
    /// Bytes of the values of all series.
    package fileprivate(set) var valueBytes = 0
  }

  package private(set) var labels: [Label] = []
  /// `label=value`, by the series that have it. Metrics' names are the label `__name__`.
  package private(set) var pairs = FrequentValues()
  /// Whether there were more labels than are counted.
  package private(set) var isLabelMissing = false
  package private(set) var series = 0
  private let hash: KeyedHash
  private var slots: [UInt64: Int] = [:]
  private let nameHash: UInt64

  /// - Parameter hash: With a key that no sender knows.
  package init(hash: KeyedHash) {
    self.hash = hash
    let name = Array("__name__".utf8)
    nameHash = hash.hash(name.span, from: 0, length: name.count)
    slots[nameHash] = 0
    labels.append(Label(name: name))
  }

  /// Adds a series.
  ///
  /// - Complexity: O(bytes).
  package mutating func add(_ spelling: Span<UInt8>, nameLength: Int) {
    series += 1
    count(slot: 0, value: 0..<nameLength, nameHash, in: spelling) {
      LabelPlace(name: 0..<nameLength, value: 0..<0, isEscaped: false).rawName(in: $0)
    }
    var index = nameLength + 1
    while let place = LabelPlace.next(in: spelling, at: &index) {
      let label = hash.hash(spelling, from: place.name.lowerBound, length: place.name.count)
      guard let slot = slot(of: label, place, in: spelling) else { continue }
      count(slot: slot, value: place.value, label, in: spelling) { place.rawValue(in: $0) }
    }
  }

  private mutating func count(
    slot: Int, value: Range<Int>, _ label: UInt64, in spelling: Span<UInt8>,
    raw: (Span<UInt8>) -> [UInt8]
  ) {
    let pair = hash.hash(spelling, from: value.lowerBound, length: value.count, state: label)
    labels[slot].values.insert(pair)
    labels[slot].valueBytes += value.count
    if !pairs.count(pair) {
      pairs.insert(pair, labels[slot].name + [UInt8(ascii: "=")] + raw(spelling))
    }
  }

  private mutating func slot(
    of label: UInt64, _ place: LabelPlace, in spelling: Span<UInt8>
  ) -> Int? {
    if let known = slots[label] { return known }
    guard labels.count < LabelCensus.labelsMax else {
      isLabelMissing = true
      return nil
    }
    slots[label] = labels.count
    labels.append(Label(name: place.rawName(in: spelling)))
    return labels.count - 1
  }
}
