/// A name that pushed groups show, with its type.
package struct GroupName: Sendable, Hashable {
  package let name: [UInt8]
  package let type: FamilyType

  package init(_ name: [UInt8], _ type: FamilyType) {
    self.name = name
    self.type = type
  }
}
