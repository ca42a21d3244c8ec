/// A subcommand, as completions and the manual page need it.
package struct CommandDescription: Sendable {
  package let name: String
  /// As it is written: `check-config [<flags>]`.
  package let usage: String
  package let summary: String
  /// The text of its help.
  package let details: String
  /// The flags that it takes; nil if it takes none of the tables.
  package let flags: FlagTable?
  /// Words that it takes besides, such as `check` or `--dry-run`.
  package let words: [String]
  /// Whether its other arguments are files.
  package let takesFiles: Bool

  package init(
    name: String, usage: String, summary: String, details: String, flags: FlagTable?,
    words: [String], takesFiles: Bool
  ) {
    self.name = name
    self.usage = usage
    self.summary = summary
    self.details = details
    self.flags = flags
    self.words = words
    self.takesFiles = takesFiles
  }
}

extension Flag {
  /// What a value of the flag is, for completion.
  enum ValueForm: Equatable {
    case none
    case words([String])
    case file
    case folder
    case any
  }

  var valueForm: ValueForm {
    let metavariable: String
    switch kind {
    case .value(let text, _), .optionalValue(let text, _, _): metavariable = text
    case .toggle, .request: return .none
    }
    switch metavariable {
    case "FILE", "PATH": return .file
    case "DIRECTORY": return .folder
    default: break
    }
    // A list of words; others have parts in capitals, or may have a name before them.
    let isList = metavariable.allSatisfy { $0.isLowercase || $0.isNumber || "|-_".contains($0) }
    return isList ? .words(metavariable.split(separator: "|").map(String.init)) : .any
  }

  /// The ways to write it in a completion, without `=` for a value.
  var completed: [String] { spellings.filter { $0.hasPrefix("--") } }

  /// The first sentence of its help.
  var firstSentence: String {
    help.firstRange(of: ". ").map { String(help[..<$0.lowerBound]) }
      ?? (help.hasSuffix(".") ? String(help.dropLast()) : help)
  }
}
