import WeirMapping
import WeirMetrics

@testable import WeirConfiguration

/// A mapping file as tests write it.
enum MappingText {
  static func file(_ text: String) throws(FileMistake) -> MappingFile {
    try MappingFile.parse(Array(text.utf8), file: "m.yml")
  }

  /// What the file makes of a name of a counter: `name{label=value}`, `dropped`, `unmapped`.
  static func outcome(_ text: String, _ name: String) throws(FileMistake) -> String {
    let rules = try file(text).rules
    let bytes = Array(name.utf8)
    switch rules.outcome(of: bytes.span, kind: .counter) {
    case .unmapped: return "unmapped"
    case .dropped: return "dropped"
    case .mapped(let mapped):
      let labels = mapped.labels.map { "\($0.name)=\(String(decoding: $0.value, as: UTF8.self))" }
      return String(decoding: mapped.name, as: UTF8.self) + "{\(labels.joined(separator: ","))}"
    }
  }

  /// A file of one rule, with more keys.
  static func rule(_ keys: String) -> String {
    "mappings:\n- match: app.*\n  name: app\n  \(keys.split(separator: "\n").joined(separator: "\n  "))\n"
  }

  static func content(_ keys: String) throws(FileMistake) -> MappingRule.Content {
    try file(rule(keys)).rules.rules[0].content
  }
}
