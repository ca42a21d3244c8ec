/// The check of metric and label names against Prometheus' data model.
///
/// Weir would replace other characters by `_`, and different names could become equal. Label names
/// that start with `__` are reserved by Prometheus.
enum Names {
  /// Prefixes of the server's and the client's own metrics.
  private static let reserved = [("weir_", "Weir's"), ("push_client_", "the client's")]

  static func check(metric name: String) throws(DefinitionError) {
    guard isName(name, alsoAllowing: UInt8(ascii: ":")) else {
      throw DefinitionError(
        description: "\"\(name)\" is not a valid metric name; use letters, digits, _ and :, "
          + "and no digit first")
    }
    for (prefix, owner) in reserved where name.hasPrefix(prefix) {
      throw DefinitionError(
        description: "the name \(name) is reserved, because \(owner) own metrics start with "
          + "\(prefix); choose another name")
    }
  }

  static func check(label: String, of metric: String) throws(DefinitionError) {
    guard let fault = fault(label: label) else { return }
    throw DefinitionError(
      description: "\"\(label)\" is not a valid label name, in \(metric); \(fault)")
  }

  /// What to write instead of a label's name; nil if the name is valid.
  static func fault(label: String) -> String? {
    if !isName(label, alsoAllowing: UInt8(ascii: "_")) {
      return "use letters, digits and _, and no digit first"
    }
    return label.hasPrefix("__") ? "names that start with __ are reserved for Prometheus" : nil
  }

  private static func isName(_ name: String, alsoAllowing extra: UInt8) -> Bool {
    guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
    return name.utf8.allSatisfy {
      (0x61...0x7a).contains($0 | 0x20) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_")
        || $0 == extra
    }
  }
}
