import WeirMetrics

/// The labels that a body's series get: those of the group, in place of the body's own labels of the same names.
package struct PushedLabels: Sendable, Equatable {
  /// One label, whose value has the escapes of the text format.
  struct Label: Sendable, Equatable {
    let name: [UInt8]
    let value: [UInt8]
  }

  /// Sorted by name.
  let given: [Label]
  /// Whether a series without the label `instance` gets an empty one: Prometheus would otherwise give it that of
  /// the server.
  let addsInstance: Bool

  /// None: series are as the body spells them.
  package static let none = PushedLabels([], addsInstance: false)

  /// - Parameter labels: By name; each name is valid and each value is UTF-8.
  /// - Precondition: there are at most 64, and no name is there twice.
  package init(_ labels: [(name: [UInt8], value: [UInt8])], addsInstance: Bool = true) {
    precondition(labels.count <= PushedLabels.countMax)
    given = labels.map { label in
      var value: [UInt8] = []
      for byte in label.value { value.appendEscaped(byte) }
      return Label(name: label.name, value: value)
    }
    .sorted { $0.name.lexicographicallyPrecedes($1.name) }
    self.addsInstance = addsInstance
  }

  /// Labels of a group.
  package static let countMax = 64

  static let instance = Array("instance".utf8)

  /// Whether a label may have this name: `[a-zA-Z_][a-zA-Z0-9_]*`, not with two underscores in front, which
  /// Prometheus keeps for itself.
  package static func isName(_ name: some Collection<UInt8>) -> Bool {
    SpelledName.isClassic(name) && !name.starts(with: [0x5F, 0x5F])
  }
}

extension PushedLabels {
  /// The series of a name that has no labels of its own.
  package func spelling(of name: [UInt8]) -> [UInt8] {
    var limits = SeriesLimits()
    limits.seriesBytesMax = .max
    var speller = SeriesSpeller(self, limits)
    speller.begin()
    // Given labels are never there twice.
    return (try? speller.finish(name: name)) ?? name
  }
}
