import Foundation

/// What docs/api.md says of each request: its parameters, the shape of its answer, and what may be null.
struct ApiDocument {
  struct Request {
    /// After `/api/v1/`, as the table writes it.
    let path: String
    let parameters: [String]
  }

  struct Section {
    /// Without the examples.
    var prose = ""
    /// One for each value in a block of JSON, or in a piece of code that is an object.
    var examples: [JSONShape] = []
    /// Names that the prose says may be null.
    var nullable: Set<String> = []
    /// Names that are in the prose.
    var named: Set<String> = []
  }

  private(set) var requests: [Request] = []
  /// By heading.
  private(set) var sections: [String: Section] = [:]

  static func text() throws -> String {
    try String(contentsOf: Programs.root.appending(path: "docs/api.md"), encoding: .utf8)
  }

  init(_ text: String) throws {
    var heading = ""
    var block: [Substring]?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        if let lines = block {
          sections[heading, default: Section()].examples += try JSONShape.all(
            in: lines.joined(separator: "\n"))
        }
        block = block == nil ? [] : nil
      } else if block != nil {
        block?.append(line)
      } else if line.hasPrefix("## ") {
        heading = String(line.dropFirst(3))
      } else {
        sections[heading, default: Section()].prose += line + "\n"
      }
    }
    for (heading, section) in sections {
      sections[heading]?.named = Set(ApiDocument.code(in: section.prose))
      sections[heading]?.nullable = ApiDocument.nullable(in: section.prose)
      if section.examples.isEmpty {
        let objects = ApiDocument.code(in: section.prose).filter { $0.hasPrefix("{\"") }
        sections[heading]?.examples = try objects.map { try JSONShape($0) }
      }
    }
    for cells in ApiDocument.rows(sections["Requests"]?.prose ?? "") {
      guard let path = ApiDocument.code(in: cells[0]).first else { continue }
      // The parameters of `tap` have a table of their own.
      let parameters =
        cells[1].contains("](#\(path))")
        ? ApiDocument.rows(sections[path]?.prose ?? "").flatMap { ApiDocument.code(in: $0[0]) }
        : ApiDocument.code(in: cells[1])
      requests.append(Request(path: path, parameters: parameters))
    }
  }

  /// The cells of each row of a table.
  private static func rows(_ prose: String) -> [[String]] {
    prose.split(separator: "\n").filter { $0.hasPrefix("| ") }.map {
      $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
  }

  /// What is between backquotes.
  private static func code(in text: String) -> [String] {
    let parts = text.split(separator: "`", omittingEmptySubsequences: false)
    return parts.indices.filter { !$0.isMultiple(of: 2) }.map { String(parts[$0]) }
  }

  /// The names in each sentence that has the word null. A sentence that begins with it belongs to the one before.
  private static func nullable(in prose: String) -> Set<String> {
    var names = Set<String>()
    for paragraph in prose.replacing("\n- ", with: "\n\n- ").components(separatedBy: "\n\n") {
      let text = paragraph.replacing("\n", with: " ").replacing(". `null`", with: ", `null`")
      for sentence in text.components(separatedBy: ". ") where sentence.contains(/\bnull\b/) {
        names.formUnion(code(in: sentence))
      }
    }
    return names
  }
}

/// Compares answers with the examples of a section, in both directions.
struct ApiComparison {
  private let section: ApiDocument.Section
  private let optional: Set<String>
  /// One sentence for each place where the two differ.
  private(set) var mistakes = Set<String>()
  /// Places of examples whose value has been answered.
  private(set) var seen = Set<String>()

  /// - Parameter optional: Keys that no example has, because they are left out as a rule. The prose must name them.
  init(_ section: ApiDocument.Section, optional: Set<String> = []) {
    self.section = section
    self.optional = optional.intersection(section.named)
  }

  /// Adds an answer, which should look like `example`.
  mutating func add(_ answer: JSONShape, as example: JSONShape) {
    compare(answer, example, [])
  }

  /// Places of the examples that no answer had a value for.
  var unseen: [String] {
    var places: [String] = []
    for example in section.examples { ApiComparison.collect(example, "", &places) }
    return places.filter { !seen.contains($0) }
  }

  private static func collect(_ shape: JSONShape, _ place: String, _ places: inout [String]) {
    switch shape {
    case .any, .null: break
    case .flag, .number, .text: places.append(place)
    case .array(let elements):
      if elements.isEmpty { places.append(place) }
      for element in elements { collect(element, "\(place)[]", &places) }
    case .object(let fields):
      for (key, field) in fields {
        collect(field, place.isEmpty ? key : "\(place).\(key)", &places)
      }
    }
  }

  private mutating func compare(_ answer: JSONShape, _ example: JSONShape, _ keys: [String]) {
    let place = keys.joined(separator: ".").replacing(".[]", with: "[]")
    switch (answer, example) {
    case (_, .any), (_, .null): break
    case (.null, _):
      if !mayBeNull(keys) {
        mistakes.insert("\(place) is null, and the document does not say that it may be")
      }
    case (.flag, .flag), (.number, .number), (.text, .text): seen.insert(place)
    case (.array(let elements), .array(let examples)):
      guard let example = examples.first else {
        seen.insert(place)
        return
      }
      for element in elements { compare(element, example, keys + ["[]"]) }
    case (.object(let fields), .object(let examples)):
      let inside = place.isEmpty ? "" : "\(place)."
      for key in Set(examples.keys).subtracting(fields.keys) {
        mistakes.insert("\(inside)\(key) is documented, and not answered")
      }
      for (key, field) in fields {
        if let example = examples[key] {
          compare(field, example, keys + [key])
        } else if !optional.contains(key) {
          mistakes.insert("\(inside)\(key) is answered, and not documented")
        }
      }
    default: mistakes.insert("\(place) is \(answer.kind), and \(example.kind) in the document")
    }
  }

  /// Whether the prose says so of this key, or of the array that the value is in.
  private func mayBeNull(_ keys: [String]) -> Bool {
    guard keys.last == "[]" else { return keys.last.map(section.nullable.contains) ?? false }
    return keys.contains { section.nullable.contains($0) }
  }
}
