import WeirBytes

/// The fingerprint of labels some of which do not count: of two with one name the later holds, and one
/// without a name or a value is none.
///
/// Frames of our clients have no such labels within a record, and common ones are seldom overridden.
package struct LabelPrints: ~Copyable {
  private struct Label {
    let name: Fingerprint
    let place: Int
    let index: Int
    let value: Int
  }

  private var labels: [Label] = []

  package init() {}

  package mutating func removeAll() { labels.removeAll(keepingCapacity: true) }

  /// Adds a label, by indices of strings: it holds before those of the same name that were added before.
  package mutating func add(name: Int, value: Int, _ prints: borrowing StringPrints) {
    labels.append(
      Label(name: prints.print(name), place: labels.count, index: name, value: value))
  }

  /// Adds those that count to the fingerprint of their series.
  ///
  /// - Complexity: O(n log n).
  package mutating func add(
    to print: inout Fingerprint, _ prints: borrowing StringPrints
  ) {
    labels.sort {
      ($0.name.low, $0.name.high, $0.place) < ($1.name.low, $1.name.high, $1.place)
    }
    for place in labels.indices {
      let label = labels[place]
      let isLast = place + 1 == labels.count || labels[place + 1].name != label.name
      guard isLast, !prints.isEmpty(label.index), !prints.isEmpty(label.value) else { continue }
      prints.addLabel(name: label.index, value: label.value, to: &print)
    }
  }
}
