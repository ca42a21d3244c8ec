import WeirExposition
import WeirMetrics

/// What all groups show at one moment. Copies share their memory.
package struct GroupPage: Sendable {
  /// Sorted by name, and each family's series by spelling.
  package let families: [PushedFamily]
  private let types: [[UInt8]: ExposedType]

  package static let empty = GroupPage([])

  init(_ families: [PushedFamily]) {
    self.families = families
    types = Dictionary(uniqueKeysWithValues: families.map { ($0.name, $0.type) })
  }

  /// The type of the family with this name; nil if there is none.
  package func type(of name: [UInt8]) -> ExposedType? { types[name] }
}
