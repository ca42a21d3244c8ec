/// The fields of a map in a file, read by name.
struct YAMLFields {
  /// A value with the line of its key, or in a list with its own line.
  struct Field<Value> {
    let value: Value
    let line: Int
  }

  let file: String
  private let entries: [YAMLNode.Entry]

  /// - Parameters:
  ///   - name: The key of the map in the file; nil for the root.
  ///   - keys: The allowed keys; nil allows any.
  init(
    _ node: YAMLNode, file: String, name: String?, keys: [String]?
  ) throws(FileMistake) {
    self.file = file
    guard case .map(let entries) = node.content else {
      let subject = name ?? "the file"
      let example = keys?.first ?? "name"
      guard node.isNull else {
        throw FileMistake(
          file, line: node.line,
          "\(subject) is \(node.kind) but must be a map; write keys such as \(example): below it")
      }
      self.entries = []
      return
    }
    for entry in entries {
      guard let keys, !keys.contains(entry.key) else { continue }
      let place = name.map { " in \($0)" } ?? ""
      let remedy =
        EditDistance.nearest(to: entry.key, among: keys).map { "did you mean \($0)?" }
        ?? "the keys are \(keys.joined(separator: ", "))"
      throw FileMistake(
        file, line: entry.keyLine, "\(entry.key.quoted) is not a key\(place); \(remedy)")
    }
    self.entries = entries
  }

  /// Every key with its value, in the order of the file.
  var all: [YAMLNode.Entry] { entries }

  /// The line of a key; nil if it is missing or has no value.
  func line(_ key: String) -> Int? { entry(key)?.keyLine }

  func node(_ key: String) -> YAMLNode? { entry(key)?.value }

  func text(_ key: String) throws(FileMistake) -> Field<String>? {
    guard let entry = entry(key) else { return nil }
    return Field(value: try text(of: entry.value, key), line: entry.keyLine)
  }

  /// A list of texts; a single text is a list of one.
  func texts(_ key: String) throws(FileMistake) -> [Field<String>] {
    guard let entry = entry(key) else { return [] }
    guard case .list(let items) = entry.value.content else {
      return [Field(value: try text(of: entry.value, key), line: entry.keyLine)]
    }
    var texts: [Field<String>] = []
    for item in items {
      texts.append(Field(value: try text(of: item, key), line: item.line))
    }
    return texts
  }

  func flag(_ key: String) throws(FileMistake) -> Field<Bool>? {
    guard let entry = entry(key) else { return nil }
    if case .scalar(let text, isPlain: true) = entry.value.content {
      switch text.lowercased() {
      case "true", "yes", "on", "y": return Field(value: true, line: entry.keyLine)
      case "false", "no", "off", "n": return Field(value: false, line: entry.keyLine)
      default: break
      }
    }
    throw FileMistake(file, line: entry.keyLine, "\(key) is not true or false; write one of them")
  }

  func text(of node: YAMLNode, _ key: String) throws(FileMistake) -> String {
    guard case .scalar(let text, _) = node.content, !node.isNull else {
      throw FileMistake(
        file, line: node.line, "\(key) is \(node.kind) but must be a text; write a text")
    }
    return text
  }

  private func entry(_ key: String) -> YAMLNode.Entry? {
    entries.first { $0.key == key && !$0.value.isNull }
  }
}
