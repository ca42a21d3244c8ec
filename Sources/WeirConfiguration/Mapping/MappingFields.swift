/// The fields of a map in a mapping file, read as statsd_exporter reads them: keys that it does not know
/// are ignored, which is worth a warning, and a text may be any scalar.
struct MappingFields {
  /// A value with the line of its key.
  struct Field<Value> {
    let value: Value
    let line: Int
  }

  let file: String
  /// What errors call the map: `a rule`.
  let subject: String
  /// The line where the map begins.
  let line: Int
  let entries: [YAMLNode.Entry]

  /// - Parameter hint: What to write, if the node is no map.
  /// - Throws: `FileMistake` if the node is neither a map nor null.
  init(_ node: YAMLNode, file: String, subject: String, hint: String) throws(FileMistake) {
    self.file = file
    self.subject = subject
    line = node.line
    guard case .map(let entries) = node.content else {
      guard node.isNull else {
        throw FileMistake(
          file, line: node.line, "\(subject) is \(node.kind) but must be a map; \(hint)")
      }
      self.entries = []
      return
    }
    self.entries = entries
  }

  /// Warns of keys that are not among `keys`.
  ///
  /// - Parameter old: Keys of before statsd_exporter 0.20, each with the key to write instead.
  func check(
    _ keys: [String], old: [String: String] = [:], _ warnings: inout MappingWarnings
  ) {
    for entry in entries where !keys.contains(entry.key) {
      if let new = old[entry.key] {
        warnings.add(
          entry.keyLine,
          "\(entry.key) is a key of before statsd_exporter 0.20, and its next release refuses it; "
            + "write \(new)")
        continue
      }
      let remedy =
        EditDistance.nearest(to: entry.key, among: keys + old.keys.sorted())
        .map { "did you mean \(old[$0] ?? $0)?" } ?? "the keys are \(keys.joined(separator: ", "))"
      warnings.add(
        entry.keyLine, "\(entry.key.quoted) is not a key of \(subject) and is ignored; \(remedy)")
    }
  }

  /// The entry of a key; nil if it is missing or null.
  func entry(_ key: String) -> YAMLNode.Entry? {
    entries.first { $0.key == key && !$0.value.isNull }
  }

  /// A text; any scalar is one.
  func text(_ key: String) throws(FileMistake) -> Field<String>? {
    guard let entry = entry(key) else { return nil }
    return Field(value: try text(of: entry.value, key), line: entry.keyLine)
  }

  /// The text of a scalar; null is the empty text.
  func text(of node: YAMLNode, _ key: String) throws(FileMistake) -> String {
    guard case .scalar(let text, _) = node.content else {
      throw mistake(node.line, "\(key) is \(node.kind) but must be a text; write a text")
    }
    return node.isNull ? "" : text
  }

  func flag(_ key: String) throws(FileMistake) -> Bool? {
    guard let entry = entry(key) else { return nil }
    guard case .bool(let value) = scalar(entry.value) else {
      throw mistake(entry.keyLine, "\(key) is not true or false; write one of them without quotes")
    }
    return value
  }

  /// A number; NaN and infinities are numbers.
  func number(_ key: String) throws(FileMistake) -> Field<Double>? {
    guard let entry = entry(key) else { return nil }
    return Field(value: try number(of: entry.value, key), line: entry.keyLine)
  }

  func number(of node: YAMLNode, _ key: String) throws(FileMistake) -> Double {
    guard let number = scalar(node).number else {
      throw mistake(
        node.line, "\(key)\(shown(node)) is not a number; write one such as 0.5, without quotes")
    }
    return number
  }

  /// A whole number from 0 to 2^32 - 1. As in Go, digits after a point are cut off.
  func count(_ key: String) throws(FileMistake) -> Field<Int>? {
    guard let entry = entry(key) else { return nil }
    guard let number = scalar(entry.value).number, number >= 0, number < 0x1p32 else {
      throw mistake(
        entry.keyLine,
        "\(key)\(shown(entry.value)) is not a count; write a whole number of 0 or more")
    }
    return Field(value: Int(number), line: entry.keyLine)
  }

  /// A duration in nanoseconds, in Go's form. A number without a unit is nanoseconds, as in Go.
  func duration(_ key: String, example: String) throws(FileMistake) -> Field<Duration>? {
    guard let entry = entry(key) else { return nil }
    switch scalar(entry.value) {
    case .whole(let number):
      return Field(value: Duration(nanoseconds: number, hasUnit: number == 0), line: entry.keyLine)
    case .float(let number) where abs(number) < 0x1p63:
      return Field(
        value: Duration(nanoseconds: Int(number), hasUnit: number == 0), line: entry.keyLine)
    case .text:
      guard let text = try? text(of: entry.value, key),
        let nanoseconds = GoDuration.signedNanoseconds(text)
      else { fallthrough }
      return Field(value: Duration(nanoseconds: nanoseconds, hasUnit: true), line: entry.keyLine)
    default:
      throw mistake(
        entry.keyLine,
        "\(key)\(shown(entry.value)) is not a duration; write one in h, m, s or ms, such as \(example)"
      )
    }
  }

  struct Duration {
    let nanoseconds: Int
    let hasUnit: Bool

    /// Whole seconds, rounded up.
    var seconds: Int { nanoseconds / 1_000_000_000 + (nanoseconds % 1_000_000_000 > 0 ? 1 : 0) }
  }

  /// The items of a list; nil if the key is missing or null.
  func list(_ key: String, example: String) throws(FileMistake) -> Field<[YAMLNode]>? {
    guard let entry = entry(key) else { return nil }
    guard case .list(let items) = entry.value.content else {
      throw mistake(
        entry.keyLine, "\(key) is \(entry.value.kind) but must be a list; write \(example)")
    }
    return Field(value: items, line: entry.keyLine)
  }

  /// One of several words.
  func word<Word: RawRepresentable<String>>(
    _ key: String, _ words: KeyValuePairs<String, Word>
  ) throws(FileMistake) -> Field<Word>? {
    guard let text = try text(key) else { return nil }
    if let known = words.first(where: { $0.key == text.value }) {
      return Field(value: known.value, line: text.line)
    }
    let shown = words.map(\.key).filter { !$0.isEmpty }
    let remedy =
      EditDistance.nearest(to: text.value, among: shown).map { "did you mean \($0)?" }
      ?? "write \(shown.dropLast().joined(separator: ", ")) or \(shown.last ?? "")"
    throw mistake(text.line, "\(key): \(text.value.quoted) is not a choice; \(remedy)")
  }

  /// The mistake of a key that is missing. One that is nearly the same, and is none of `keys`, is named instead.
  func missing(_ key: String, among keys: [String], _ sentence: String) -> FileMistake {
    let typo = entries.first {
      !keys.contains($0.key) && EditDistance.nearest(to: $0.key, among: keys) == key
    }
    guard let typo else { return mistake(line, sentence) }
    return mistake(
      typo.keyLine, "\(typo.key.quoted) is not a key of \(subject); did you mean \(key)?")
  }

  func mistake(_ line: Int, _ sentence: String) -> FileMistake {
    FileMistake(file, line: line, sentence)
  }

  private func scalar(_ node: YAMLNode) -> YAMLScalar {
    if case .scalar(let text, isPlain: true) = node.content { YAMLScalar(text) } else { .text }
  }

  /// `: "5x"` for a scalar.
  private func shown(_ node: YAMLNode) -> String {
    if case .scalar(let text, _) = node.content { ": \(text.quoted)" } else { "" }
  }
}
