/// A label of all series that a Weir forwards: `--forward.labels`.
package struct ForwardLabel: Sendable, Hashable {
  package let name: [UInt8]
  package let value: [UInt8]

  package init(_ name: String, _ value: String) {
    self.name = Array(name.utf8)
    self.value = Array(value.utf8)
  }
}
