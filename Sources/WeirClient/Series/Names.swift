/// Which names Prometheus has a place for.
///
/// Weir would write `_` for what it has none for, and two names that differ there would become one.
/// Source: the data model of Prometheus, and of a label that begins with `__`: those are its own.
enum Names {
  /// What the server's own metrics begin with, which it takes from nobody, and the client's.
  private static let reserved = [("weir_", "Weir's"), ("push_client_", "the client's")]

  static func check(metric name: String) throws(DefinitionError) {
    guard isName(name, alsoAllowing: UInt8(ascii: ":")) else {
      throw DefinitionError(
        description: "\"\(name)\" is no metric's name; write letters, digits, _ and :, "
          + "and no digit first")
    }
    for (prefix, owner) in reserved where name.hasPrefix(prefix) {
      throw DefinitionError(
        description: "names that begin with \(prefix) are \(owner) own; "
          + "choose another than \(name)")
    }
  }

  static func check(label: String, of metric: String) throws(DefinitionError) {
    guard let fault = fault(label: label) else { return }
    throw DefinitionError(description: "\"\(label)\" is no label's name, in \(metric); \(fault)")
  }

  /// What to write instead of a label's name; nil where it is one.
  static func fault(label: String) -> String? {
    if !isName(label, alsoAllowing: UInt8(ascii: "_")) {
      return "write letters, digits and _, and no digit first"
    }
    return label.hasPrefix("__") ? "those that begin with __ are Prometheus' own" : nil
  }

  private static func isName(_ name: String, alsoAllowing extra: UInt8) -> Bool {
    guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
    return name.utf8.allSatisfy {
      (0x61...0x7a).contains($0 | 0x20) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_")
        || $0 == extra
    }
  }
}
