import WeirBytes

/// Writes one JSON text (RFC 8259) piece by piece, without spaces.
///
/// It sets commas by itself. That objects and arrays are closed in the right order is up to its user.
package struct JSONWriter: Sendable {
  package private(set) var bytes: [UInt8] = []
  private var needsComma = false

  package init() {}

  package mutating func beginObject() { begin(UInt8(ascii: "{")) }
  package mutating func endObject() { end(UInt8(ascii: "}")) }
  package mutating func beginArray() { begin(UInt8(ascii: "[")) }
  package mutating func endArray() { end(UInt8(ascii: "]")) }

  /// The key of an object's next value.
  package mutating func key(_ name: String) {
    text(Array(name.utf8))
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  /// The same for a foreign name.
  package mutating func key(foreign name: some Collection<UInt8>) {
    text(name)
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  package mutating func null() { literal("null") }
  package mutating func value(_ flag: Bool) { literal(flag ? "true" : "false") }
  package mutating func value(_ number: Int) { literal("\(number)") }
  package mutating func value(_ text: String) { self.text(Array(text.utf8)) }

  /// Numbers that JSON cannot write, infinities and NaN, become null.
  package mutating func value(_ number: Double) {
    guard number.isFinite else { return null() }
    if number.magnitude < 1e15, number == number.rounded(.towardZero) {
      return literal("\(Int(number))")
    }
    literal("\(number)")
  }

  package mutating func value(_ number: Double?) { if let number { value(number) } else { null() } }
  package mutating func value(_ number: Int?) { if let number { value(number) } else { null() } }
  package mutating func value(_ text: String?) { if let text { value(text) } else { null() } }

  /// A value that another writer has written.
  package mutating func value(_ json: JSONWriter) {
    separate()
    bytes += json.bytes
  }

  /// Foreign bytes as a text. A byte that is not part of UTF-8 is written out as `\xff`.
  package mutating func value(foreign bytes: some Collection<UInt8>) { text(bytes) }

  package mutating func field(_ name: String, _ value: Bool) {
    key(name)
    self.value(value)
  }
  package mutating func field(_ name: String, _ value: Int?) {
    key(name)
    self.value(value)
  }
  package mutating func field(_ name: String, _ value: Double?) {
    key(name)
    self.value(value)
  }
  package mutating func field(_ name: String, _ value: String?) {
    key(name)
    self.value(value)
  }
  package mutating func field(_ name: String, foreign bytes: some Collection<UInt8>) {
    key(name)
    value(foreign: bytes)
  }

  /// An array, each of whose values `body` writes.
  package mutating func array<Elements: Sequence>(
    _ elements: Elements, _ body: (inout JSONWriter, Elements.Element) -> Void
  ) {
    beginArray()
    for element in elements { body(&self, element) }
    endArray()
  }

  /// An object, whose fields `body` writes.
  package mutating func object(_ body: (inout JSONWriter) -> Void) {
    beginObject()
    body(&self)
    endObject()
  }

  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = true
  }

  private mutating func begin(_ bracket: UInt8) {
    separate()
    bytes.append(bracket)
    needsComma = false
  }

  private mutating func end(_ bracket: UInt8) {
    bytes.append(bracket)
    needsComma = true
  }

  private mutating func literal(_ text: String) {
    separate()
    bytes.append(contentsOf: text.utf8)
  }

  private mutating func text(_ foreign: some Collection<UInt8>) {
    separate()
    let text = Array(foreign)
    bytes.append(UInt8(ascii: "\""))
    var index = 0
    while index < text.count {
      let byte = text[index]
      if byte >= 0x20, byte < 0x7f, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
        bytes.append(byte)
        index += 1
        continue
      }
      let length = text.span.scalarLength(at: index, to: text.count)
      switch length {
      case 0: bytes.append(contentsOf: "\\\\x\(JSONWriter.digits(byte, 2))".utf8)
      case 1: escape(byte)
      default: bytes.append(contentsOf: text[index..<index + length])
      }
      index += max(1, length)
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func escape(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
    case UInt8(ascii: "\n"): bytes.append(contentsOf: "\\n".utf8)
    default: bytes.append(contentsOf: "\\u\(JSONWriter.digits(byte, 4))".utf8)
    }
  }

  private static func digits(_ byte: UInt8, _ count: Int) -> String {
    let text = String(byte, radix: 16)
    return String(repeating: "0", count: count - text.count) + text
  }
}
