/// A simple implementation of `SpellingCheck`, for comparison: it reads a spelling loosely, then
/// compares what it has read, spelled again, with the bytes.
struct NaiveSpellingCheck: Equatable {
  var name = ""
  var labels: [(name: String, value: String)] = []

  static func == (left: Self, right: Self) -> Bool {
    left.name == right.name && left.labels.elementsEqual(right.labels, by: ==)
  }

  init?(_ bytes: [UInt8]) {
    guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
    var rest = Array(text.unicodeScalars)[...]
    guard let name = NaiveSpellingCheck.name(&rest) else { return nil }
    self.name = name
    if rest.first == "{" {
      repeat {
        rest.removeFirst()
        guard let label = NaiveSpellingCheck.name(&rest), rest.first == "=" else { return nil }
        rest.removeFirst()
        guard let value = NaiveSpellingCheck.quoted(&rest) else { return nil }
        labels.append((label, value))
      } while rest.first == ","
    }
    guard isAllowed, Array(spelled.utf8) == bytes else { return nil }
  }

  var isOverflow: Bool { labels.count == 1 && labels[0] == ("weir_overflow", "true") }

  private var isAllowed: Bool {
    let names = labels.map { Array($0.name.utf8) }
    return !name.isEmpty && !name.contains("\0")
      && zip(names, names.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) }
      && labels.allSatisfy { label in
        !label.name.isEmpty && !label.value.isEmpty && !label.name.contains("\0")
          && !label.name.hasPrefix("__") && (isOverflow || !label.name.hasPrefix("weir_"))
      }
  }

  private var spelled: String {
    let pairs = labels.map { label in
      "\(NaiveSpellingCheck.spelled(label.name, colon: false))=\(NaiveSpellingCheck.quoted(label.value))"
    }
    return NaiveSpellingCheck.spelled(name, colon: true)
      + (pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}")
  }

  static func isClassic(_ name: String, colon: Bool) -> Bool {
    name.wholeMatch(of: colon ? /[a-zA-Z_:][a-zA-Z0-9_:]*/ : /[a-zA-Z_][a-zA-Z0-9_]*/) != nil
  }

  private static func spelled(_ name: String, colon: Bool) -> String {
    isClassic(name, colon: colon) ? name : quoted(name)
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": quoted += "\\\\"
      case "\"": quoted += "\\\""
      case "\n": quoted += "\\n"
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }

  private static func name(_ rest: inout ArraySlice<Unicode.Scalar>) -> String? {
    if rest.first == "\"" { return quoted(&rest) }
    var name = String.UnicodeScalarView()
    while let scalar = rest.first, !["{", "=", "}", ","].contains(scalar) {
      name.append(scalar)
      rest.removeFirst()
    }
    return String(name)
  }

  private static func quoted(_ rest: inout ArraySlice<Unicode.Scalar>) -> String? {
    guard rest.popFirst() == "\"" else { return nil }
    var text = String.UnicodeScalarView()
    while let scalar = rest.popFirst() {
      if scalar == "\"" { return String(text) }
      guard scalar == "\\" else {
        text.append(scalar)
        continue
      }
      guard let escaped = rest.popFirst() else { return nil }
      text.append(escaped == "n" ? "\n" : escaped)
    }
    return nil
  }
}
