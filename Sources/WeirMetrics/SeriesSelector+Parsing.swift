/// A mistake in a selector, as one sentence.
package struct SelectorMistake: Error, CustomStringConvertible, Equatable {
  package let description: String
}

extension SeriesSelector {
  /// Reads a selector.
  ///
  /// - Throws: The first mistake, and the number of the character where it is.
  package init(_ text: String) throws(SelectorMistake) {
    guard text.utf8.count <= SeriesSelector.bytesMax else {
      throw SelectorMistake(
        description: "the selector has \(text.utf8.count) bytes; "
          + "write one of at most \(SeriesSelector.bytesMax)")
    }
    var reader = SelectorReader(text)
    try reader.read()
    let namesAll = reader.name?.utf8.allSatisfy { $0 == UInt8(ascii: "*") } ?? true
    // As in Prometheus, because nearly all series match a selector that asks for no value.
    guard !namesAll || reader.matchers.contains(where: { $0.needsValue }) else {
      throw SelectorMistake(
        description: "the selector matches series without any value; name a metric, or a value "
          + "that a label must have")
    }
    description = text
    name = reader.name.map { NameGlob($0) }
    matchers = reader.matchers
  }
}

extension SeriesSelector.Matcher {
  /// Whether it is false of series without the label.
  fileprivate var needsValue: Bool { value.matches([]) == isNegated }
}

/// Reads the text of a selector from left to right.
private struct SelectorReader {
  private let characters: [Unicode.Scalar]
  private var index = 0
  /// Nil if none was given.
  var name: String?
  var matchers: [SeriesSelector.Matcher] = []

  init(_ text: String) { characters = Array(text.unicodeScalars) }

  private var next: Unicode.Scalar? { index < characters.count ? characters[index] : nil }

  mutating func read() throws(SelectorMistake) {
    skipSpaces()
    let word = readWord(stars: true)
    if !word.isEmpty { name = word }
    skipSpaces()
    if next == "{" {
      index += 1
      try readBraces()
      skipSpaces()
    }
    if name == nil, matchers.isEmpty, characters.allSatisfy({ $0 == " " }) {
      throw SelectorMistake(
        description: "the selector is empty; write one such as requests_total{host=\"a*\"}")
    }
    guard let next else { return }
    if index > 0, characters[index - 1] == "}" {
      throw mistake("\(shown(next)) comes after the selector", "leave it out")
    }
    throw mistake(
      "\(shown(next)) cannot be in a name without quotes", "write the name as {\"name\"}")
  }

  private mutating func readBraces() throws(SelectorMistake) {
    while true {
      skipSpaces()
      if next == "}" { break }
      try readItem()
      skipSpaces()
      if next == "," {
        index += 1
      } else if next != "}" {
        guard let next else { throw unclosed }
        throw mistake("\(shown(next)) is neither a comma nor a brace", "write , or } here")
      }
    }
    index += 1
  }

  /// Reads `"name"` or a condition on a label.
  private mutating func readItem() throws(SelectorMistake) {
    guard let first = next else { throw unclosed }
    let start = index
    let isQuoted = first == "\""
    let word = try isQuoted ? readQuoted() : readWord(stars: false)
    guard isQuoted || !word.isEmpty else {
      throw mistake("\(shown(first)) does not begin a label", "write label=\"value\"")
    }
    skipSpaces()
    if isQuoted, next == "," || next == "}" {
      guard name == nil else { throw mistake("there is a second name", "leave it out", at: start) }
      name = word
      return
    }
    guard !word.isEmpty else { throw mistake("the label is empty", "write its name", at: start) }
    guard word != "__name__" else {
      throw mistake("__name__ is not a label here", "write the name before the braces", at: start)
    }
    let isNegated = try readOperator()
    skipSpaces()
    guard next == "\"" else {
      throw mistake("the value of \(word) is not in quotes", "write \(word)=\"value\"")
    }
    let value = try readQuoted()
    guard matchers.count < SeriesSelector.matchersMax else {
      throw mistake(
        "there are more than \(SeriesSelector.matchersMax) labels", "leave some out", at: start)
    }
    var label: [UInt8] = []
    SpelledName.append(Array(word.utf8), to: &label)
    matchers.append(
      SeriesSelector.Matcher(label: label, value: NameGlob(value), isNegated: isNegated))
  }

  /// Returns whether the condition is `!=`.
  private mutating func readOperator() throws(SelectorMistake) -> Bool {
    let isNegated = next == "!"
    if isNegated { index += 1 }
    if next == "~" || next == "=" && index + 1 < characters.count && characters[index + 1] == "~" {
      throw mistake("there are no regular expressions", "use = or != and * for any characters")
    }
    guard next == "=" else {
      throw mistake("= or != is missing after the label", "write label=\"value\"")
    }
    index += 1
    return isNegated
  }

  private mutating func readWord(stars: Bool) -> String {
    var word = String.UnicodeScalarView()
    while let next, isOfWord(next) || stars && (next == "*" || next == ":") {
      word.append(next)
      index += 1
    }
    return String(word)
  }

  private func isOfWord(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "_": true
    default: false
    }
  }

  /// Reads a text in quotes.
  private mutating func readQuoted() throws(SelectorMistake) -> String {
    let start = index
    var text = String.UnicodeScalarView()
    index += 1
    while let scalar = next {
      index += 1
      switch scalar {
      case "\"": return String(text)
      case "\\":
        guard let escaped = next else { break }
        switch escaped {
        case "n": text.append("\n")
        case "\\", "\"": text.append(escaped)
        default:
          throw mistake(
            "\\\(shown(escaped)) is not an escape", "write \\\\ for a backslash", at: index - 1)
        }
        index += 1
      default: text.append(scalar)
      }
    }
    throw mistake("the quotes are not closed", "write \" at the end of the text", at: start)
  }

  private mutating func skipSpaces() {
    while next == " " { index += 1 }
  }

  private func shown(_ scalar: Unicode.Scalar) -> String {
    scalar.properties.generalCategory == .control ? "a control character" : String(scalar)
  }

  private var unclosed: SelectorMistake {
    mistake("the braces are not closed", "write } at the end")
  }

  /// - Parameter place: The index of the character, if it is not the next one.
  private func mistake(
    _ sentence: String, _ remedy: String, at place: Int? = nil
  ) -> SelectorMistake {
    SelectorMistake(
      description: "the selector is wrong at character \((place ?? index) + 1): "
        + "\(sentence); \(remedy)")
  }
}
