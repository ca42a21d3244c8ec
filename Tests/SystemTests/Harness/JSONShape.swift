/// What kind of JSON a value is, with the keys of objects and the elements of arrays, but without the values.
///
/// Reads answers, and examples of documents too: there `…` stands for anything, also in an object or an array,
/// and a key may stand alone.
indirect enum JSONShape: Equatable {
  case any
  case null
  case flag
  case number
  case text
  case array([JSONShape])
  case object([String: JSONShape])

  var kind: String {
    switch self {
    case .any: "anything"
    case .null: "null"
    case .flag: "true or false"
    case .number: "a number"
    case .text: "a text"
    case .array: "an array"
    case .object: "an object"
    }
  }

  /// All values of a text, one after another.
  static func all(in text: some StringProtocol) throws -> [JSONShape] {
    var reader = Reader(text)
    var shapes: [JSONShape] = []
    while reader.skipSpace() { shapes.append(try reader.value()) }
    return shapes
  }

  init(_ text: some StringProtocol) throws {
    let all = try JSONShape.all(in: text)
    guard all.count == 1 else { throw HarnessError("\(all.count) values are not one: \(text)") }
    self = all[0]
  }

  private struct Reader {
    private let characters: [Unicode.Scalar]
    private var index = 0

    init(_ text: some StringProtocol) { characters = Array(text.unicodeScalars) }

    /// Whether there is more after white space.
    mutating func skipSpace() -> Bool {
      while index < characters.count, characters[index].properties.isWhitespace { index += 1 }
      return index < characters.count
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard skipSpace(), characters[index] == character else { return false }
      index += 1
      return true
    }

    private func mistake(_ what: String) -> HarnessError {
      let rest = String(String.UnicodeScalarView(characters[index...].prefix(40)))
      return HarnessError("\(what) before: \(rest)")
    }

    mutating func value() throws -> JSONShape {
      guard skipSpace() else { throw mistake("The text ends") }
      switch characters[index] {
      case "{": return try object()
      case "[": return try array()
      case "\"":
        _ = try text()
        return .text
      case "…":
        index += 1
        return .any
      case "-", "0"..."9":
        while index < characters.count, "+-.eE0123456789".unicodeScalars.contains(characters[index])
        {
          index += 1
        }
        return .number
      default:
        let words: [(String, JSONShape)] = [("null", .null), ("true", .flag), ("false", .flag)]
        for (word, shape) in words where characters[index...].starts(with: word.unicodeScalars) {
          index += word.count
          return shape
        }
        throw mistake("There is no value")
      }
    }

    private mutating func array() throws -> JSONShape {
      index += 1
      var elements: [JSONShape] = []
      if take("]") { return .array([]) }
      repeat { elements.append(try value()) } while take(",")
      guard take("]") else { throw mistake("An array has no end") }
      return .array(elements)
    }

    private mutating func object() throws -> JSONShape {
      index += 1
      if take("}") { return .object([:]) }
      if take("…") {
        guard take("}") else { throw mistake("An object has no end") }
        return .any
      }
      var fields: [String: JSONShape] = [:]
      repeat {
        guard skipSpace(), characters[index] == "\"" else { throw mistake("There is no key") }
        let key = try text()
        let shape = take(":") ? try value() : .any
        guard fields.updateValue(shape, forKey: key) == nil else {
          throw mistake("The key \(key) is there twice")
        }
      } while take(",")
      guard take("}") else { throw mistake("An object has no end") }
      return .object(fields)
    }

    private mutating func text() throws -> String {
      index += 1
      var text = String.UnicodeScalarView()
      while index < characters.count, characters[index] != "\"" {
        if characters[index] == "\\" { index += 1 }
        guard index < characters.count else { break }
        text.append(characters[index])
        index += 1
      }
      guard index < characters.count else { throw mistake("A text has no end") }
      index += 1
      return String(text)
    }
  }
}
