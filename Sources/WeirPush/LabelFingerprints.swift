import WeirBytes

/// Labels of which some may not hold: of two with the same name only the later does, and a label
/// without a name or a value is ignored.
///
/// Weir's own clients send no such labels within a record, and seldom override a common one.
package struct LabelFingerprints: ~Copyable {
  /// A label, by the indices of its strings.
  package struct Label {
    package let name: Int
    package let value: Int
    let fingerprint: Fingerprint
    let place: Int
  }

  /// After `keepLast`: one of each name, in ascending order of the names' fingerprints.
  package private(set) var labels: [Label] = []

  package init() {}

  package mutating func removeAll() { labels.removeAll(keepingCapacity: true) }

  /// Adds a label, by indices of strings. It overrides those of the same name that were added
  /// before.
  package mutating func add(name: Int, value: Int, _ strings: borrowing StringFingerprints) {
    labels.append(
      Label(
        name: name, value: value, fingerprint: strings.fingerprint(of: name), place: labels.count))
  }

  /// Keeps the last label of each name, with a value or without.
  ///
  /// - Complexity: O(n log n).
  package mutating func keepLast() {
    labels.sort { LabelFingerprints.precedes($0, $1) }
    var kept = 0
    for place in labels.indices {
      let isLast =
        place + 1 == labels.count
        || labels[place + 1].fingerprint != labels[place].fingerprint
      guard isLast else { continue }
      labels[kept] = labels[place]
      kept += 1
    }
    labels.removeLast(labels.count - kept)
  }

  /// Drops labels without a name or a value, and puts the others in the order in which they were
  /// added.
  ///
  /// - Complexity: O(n log n).
  package mutating func keepWhole(_ strings: borrowing StringFingerprints) {
    var kept = 0
    for place in labels.indices where strings.isWhole(labels[place]) {
      labels[kept] = labels[place]
      kept += 1
    }
    labels.removeLast(labels.count - kept)
    labels.sort { $0.place < $1.place }
  }

  /// The label of a name.
  ///
  /// - Precondition: `keepLast` was called last.
  /// - Complexity: O(log n).
  package func find(_ name: Fingerprint) -> Label? {
    var (low, high) = (0, labels.count)
    while low < high {
      let middle = (low + high) / 2
      let known = labels[middle].fingerprint
      if known == name { return labels[middle] }
      if (known.low, known.high) < (name.low, name.high) { low = middle + 1 } else { high = middle }
    }
    return nil
  }

  private static func precedes(_ left: Label, _ right: Label) -> Bool {
    (left.fingerprint.low, left.fingerprint.high, left.place)
      < (right.fingerprint.low, right.fingerprint.high, right.place)
  }
}

extension StringFingerprints {
  /// Whether a label has a name and a value.
  package func isWhole(_ label: LabelFingerprints.Label) -> Bool {
    !isEmpty(label.name) && !isEmpty(label.value)
  }
}
