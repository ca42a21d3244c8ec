import WeirExposition
import WeirMetrics

/// The labels that name a group: `job` and any others.
package struct GroupKey: Sendable, Hashable {
  package struct Label: Sendable, Hashable {
    package let name: [UInt8]
    package let value: [UInt8]

    package init(_ name: [UInt8], _ value: [UInt8]) {
      self.name = name
      self.value = value
    }
  }

  /// Sorted by name.
  package let labels: [Label]

  /// - Precondition: the labels suit `PushedLabels`.
  package init(_ labels: [Label]) {
    self.labels = labels.sorted { $0.name.lexicographicallyPrecedes($1.name) }
  }

  /// What its series get.
  package var pushedLabels: PushedLabels {
    PushedLabels(labels.map { ($0.name, $0.value) })
  }

  /// Whether it has a label of this name.
  func has(_ name: String) -> Bool { labels.contains { $0.name.elementsEqual(name.utf8) } }

  /// `{job="backup",host="a"}`, as messages show it.
  package var text: String {
    let pairs = labels.map { label in
      var value: [UInt8] = []
      for byte in label.value { value.appendEscaped(byte) }
      return
        "\(String(decoding: label.name, as: UTF8.self))=\"\(String(decoding: value, as: UTF8.self))\""
    }
    return "{\(pairs.joined(separator: ","))}"
  }
}
