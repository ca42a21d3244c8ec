/// Header fields in order. Names are case-insensitive.
package struct HTTPHeaders: Sendable, Equatable, ExpressibleByDictionaryLiteral {
  package struct Field: Sendable, Equatable {
    package var name: String
    package var value: String
  }

  package private(set) var fields: [Field] = []

  package init() {}

  package init(dictionaryLiteral elements: (String, String)...) {
    fields = elements.map { Field(name: $0.0, value: $0.1) }
  }

  /// Appends a field, even if there is one with the same name.
  package mutating func add(_ name: String, _ value: String) {
    fields.append(Field(name: name, value: value))
  }

  /// The value of the first field of this name; nil if there is none.
  ///
  /// - Complexity: O(n) in the number of fields.
  package subscript(name: String) -> String? {
    fields.first { $0.name.equalsIgnoringCase(name) }?.value
  }

  /// The values of all fields of this name, in order.
  package func all(_ name: String) -> [String] {
    fields.filter { $0.name.equalsIgnoringCase(name) }.map(\.value)
  }

  /// Whether a comma-separated list field, such as `Connection`, contains a token
  /// (case-insensitive).
  package func list(_ name: String, contains token: String) -> Bool {
    all(name).contains { value in
      value.split(separator: ",").contains { String($0).trimmed.equalsIgnoringCase(token) }
    }
  }
}

extension String {
  /// Whether both are equal if the case of ASCII letters is ignored.
  func equalsIgnoringCase(_ other: String) -> Bool {
    utf8.count == other.utf8.count && zip(utf8, other.utf8).allSatisfy { $0.lowered == $1.lowered }
  }

  /// The string without spaces and tabs at both ends.
  var trimmed: String {
    let start = utf8.firstIndex { !$0.isBlank } ?? endIndex
    let end = utf8.lastIndex { !$0.isBlank }.map { utf8.index(after: $0) } ?? start
    return String(self[start..<end])
  }
}
