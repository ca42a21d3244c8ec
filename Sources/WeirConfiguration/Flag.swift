/// One flag of the command line: what the parser needs to know, and what `--help` says.
struct Flag: Sendable {
  enum Kind: Sendable {
    /// `--name=value` or `--name value`. The first value of a repeatable flag replaces the default,
    /// and later ones are added.
    case value(metavariable: String, repeatable: Bool)
    /// `--name=value`, or `--name` alone, which means the value `alone`.
    case optionalValue(metavariable: String, alone: String, repeatable: Bool)
    /// `--name` or `--no-name`.
    case toggle
    /// `--help`, `--version`: requests a text instead of the daemon.
    case request(Request)
  }

  /// What a flag can request instead of the daemon.
  enum Request: Sendable {
    case help, version
  }

  /// Puts a value into the options; `earlier` are the values that this flag was given before.
  typealias Setter =
    @Sendable (_ value: String, _ earlier: [String], inout Options) throws(UsageError) -> Void

  /// The name without dashes, as in `log.level`.
  let name: String
  let kind: Kind
  /// Sentences for `--help`.
  let help: String
  /// The flag's value in the given options, as `--help` shows a default; nil if it has none.
  let shown: (@Sendable (Options) -> String)?
  /// A toggle is set with `true` or `false`; a request sets nothing.
  let set: Setter

  var isRepeatable: Bool {
    switch kind {
    case .value(_, let repeatable), .optionalValue(_, _, let repeatable): repeatable
    case .toggle, .request: false
    }
  }

  /// Every way to write the flag, without its value.
  var spellings: [String] {
    switch kind {
    case .value, .optionalValue: ["--\(name)"]
    case .toggle: ["--\(name)", "--no-\(name)"]
    case .request(.help): ["--help", "-h"]
    case .request(.version): ["--version"]
    }
  }

  /// The flag as the head of its entry in `--help`.
  var usage: String {
    let dots = isRepeatable ? " ..." : ""
    return switch kind {
    case .value(let metavariable, _): "--\(name)=\(metavariable)\(dots)"
    case .optionalValue(let metavariable, _, _): "--\(name)[=\(metavariable)]\(dots)"
    case .toggle: "--[no-]\(name)"
    case .request: spellings.reversed().joined(separator: ", ")
    }
  }
}

/// A place in the options. Key-path literals are Sendable; the type has to say so.
typealias OptionPath<Value> = any WritableKeyPath<Options, Value> & Sendable

extension Flag {
  static func request(_ name: String, _ request: Request, help: String) -> Flag {
    Flag(name: name, kind: .request(request), help: help, shown: nil, set: { _, _, _ in })
  }

  static func toggle(_ name: String, _ path: OptionPath<Bool>, help: String) -> Flag {
    Flag(
      name: name, kind: .toggle, help: help, shown: { $0[keyPath: path] ? "on" : "off" },
      set: { value, _, options in options[keyPath: path] = value == "true" })
  }

  /// A flag whose values are words.
  static func choice<Choice: FlagChoice>(
    _ name: String, _ path: OptionPath<Choice>, help: String
  ) -> Flag {
    Flag(
      name: name, kind: .value(metavariable: Choice.usage, repeatable: false), help: help,
      shown: { $0[keyPath: path].word },
      set: { value, _, options throws(UsageError) in
        options[keyPath: path] = try Choice.parse(value, flag: name)
      })
  }

  /// A repeatable flag whose values are texts that `check` accepts, without duplicates.
  ///
  /// With `emptyTurnsOff`, a single empty value means no values at all.
  static func texts(
    _ name: String, _ metavariable: String, _ path: OptionPath<[String]>,
    emptyTurnsOff: Bool = false, help: String,
    check: @escaping @Sendable (_ value: String) throws(UsageError) -> Void
  ) -> Flag {
    Flag(
      name: name, kind: .value(metavariable: metavariable, repeatable: true), help: help,
      shown: { $0[keyPath: path].joined(separator: " ") },
      set: { value, earlier, options throws(UsageError) in
        let isFirst = earlier.isEmpty
        if isFirst { options[keyPath: path] = [] }
        let isOff = !isFirst && options[keyPath: path].isEmpty
        if emptyTurnsOff && (value.isEmpty || isOff) {
          if isFirst { return }
          throw UsageError("--\(name): \"\" turns it off, so write it alone or leave it out")
        }
        try check(value)
        if options[keyPath: path].contains(value) {
          throw UsageError("--\(name): \(value.quoted) is given twice; leave one of them out")
        }
        try checkRepeats(name, earlier, max: FlagBounds.repeatsMax)
        options[keyPath: path].append(value)
      })
  }

  /// Refuses one more value than a flag can have.
  static func checkRepeats(_ name: String, _ earlier: [String], max: Int) throws(UsageError) {
    guard earlier.count >= max else { return }
    throw UsageError("--\(name) is given more than \(max) times; leave some of them out")
  }

  /// A flag whose value is the name of a file or a directory. An empty one is refused, because nobody
  /// would notice that it is not used; with `emptyTurnsOff`, it is as good as no flag.
  static func path(
    _ name: String, _ metavariable: String, _ path: OptionPath<String?>, of kind: String = "file",
    emptyTurnsOff: Bool = false, help: String
  ) -> Flag {
    Flag(
      name: name, kind: .value(metavariable: metavariable, repeatable: false), help: help,
      shown: nil,
      set: { value, _, options throws(UsageError) in
        if emptyTurnsOff, value.isEmpty { return }
        guard !value.isEmpty, !value.utf8.contains(0) else {
          throw UsageError(
            "--\(name): \(value.quoted) is not the name of a \(kind); write one, or leave the flag out"
          )
        }
        options[keyPath: path] = value
      })
  }
}
