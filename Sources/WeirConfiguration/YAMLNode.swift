/// A value of a YAML document, with the line where it begins.
struct YAMLNode: Equatable {
  indirect enum Content: Equatable {
    /// A text. YAML's null, `~` or nothing, is a plain one.
    case scalar(String, isPlain: Bool)
    case list([YAMLNode])
    /// Keys in the order of the file, without duplicates.
    case map([Entry])
  }

  struct Entry: Equatable {
    let key: String
    let keyLine: Int
    let value: YAMLNode
  }

  let content: Content
  /// From 1.
  let line: Int

  /// The kind of node, for a sentence: `a list`.
  var kind: String {
    switch content {
    case .scalar: isNull ? "nothing" : "a text"
    case .list: "a list"
    case .map: "a map"
    }
  }

  /// Whether it is YAML's null.
  var isNull: Bool {
    if case .scalar(let text, isPlain: true) = content {
      return ["", "~", "null", "Null", "NULL"].contains(text)
    }
    return false
  }
}
