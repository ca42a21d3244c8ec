/// A value of a YAML document, with the line where it begins.
struct YAMLNode: Equatable {
  indirect enum Content: Equatable {
    /// A text; YAML's own null, `~` or nothing, is plain and so read.
    case scalar(String, isPlain: Bool)
    case list([YAMLNode])
    /// Keys in their order, no two alike.
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

  /// What the node is, for a sentence: `a list`.
  var kind: String {
    switch content {
    case .scalar: isNull ? "nothing" : "a text"
    case .list: "a list"
    case .map: "a map"
    }
  }

  /// Whether nothing stands there, or what YAML has for nothing.
  var isNull: Bool {
    if case .scalar(let text, isPlain: true) = content {
      return ["", "~", "null", "Null", "NULL"].contains(text)
    }
    return false
  }
}
