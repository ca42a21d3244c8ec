import WeirJSON

extension JSONWriter {
  /// A value that was read, with the keys of objects in order.
  mutating func value(_ value: JSONValue) {
    switch value {
    case .null: null()
    case .flag(let flag): self.value(flag)
    case .number(let number): self.value(number)
    case .text(let text): self.value(text)
    case .array(let elements): array(elements) { $0.value($1) }
    case .object(let fields):
      object { writer in
        for (name, field) in fields.sorted(by: { $0.key < $1.key }) {
          writer.key(name)
          writer.value(field)
        }
      }
    }
  }

  static func bytes(of value: JSONValue) -> [UInt8] {
    var writer = JSONWriter()
    writer.value(value)
    return writer.bytes
  }
}

extension JSONValue {
  /// Of bytes, sequences and the like, which are below 2⁵³.
  static func whole(_ number: Int) -> JSONValue { .number(Double(number)) }

  /// Nil if it is negative or no whole number.
  var count: UInt64? { integer.flatMap { UInt64(exactly: $0) } }
}
