/// One flag of the command line: what the parser needs of it, and what `--help` says of it.
struct Flag: Sendable {
  enum Kind: Sendable {
    /// `--name=value` or `--name value`. A repeatable flag's first value replaces the default,
    /// and later ones are added.
    case value(metavariable: String, repeatable: Bool)
    /// `--name=value`, or `--name` alone, which stands for one of the values.
    case optionalValue(metavariable: String, alone: String)
    /// `--name` or `--no-name`.
    case toggle
    /// `--help`, `--version`: asks for a text instead of the daemon.
    case request(Invocation.Request)
  }

  /// Puts a value into the options; `isFirst` is false from a repeatable flag's second value on.
  typealias Setter =
    @Sendable (_ value: String, _ isFirst: Bool, inout Options) throws(UsageError) -> Void

  /// The name without dashes, as in `log.level`.
  let name: String
  let kind: Kind
  /// Sentences for `--help`.
  let help: String
  /// The flag's value in the given options, as `--help` shows a default; nil where it has none.
  let shown: (@Sendable (Options) -> String)?
  /// A toggle is set with `true` or `false`; a request sets nothing.
  let set: Setter

  var isRepeatable: Bool {
    if case .value(_, let repeatable) = kind { repeatable } else { false }
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

  /// The flag as `--help` heads it.
  var usage: String {
    switch kind {
    case .value(let metavariable, let repeatable):
      "--\(name)=\(metavariable)" + (repeatable ? " ..." : "")
    case .optionalValue(let metavariable, _): "--\(name)[=\(metavariable)]"
    case .toggle: "--[no-]\(name)"
    case .request: spellings.reversed().joined(separator: ", ")
    }
  }
}

/// A place in the options. Key-path literals are Sendable; the type has to say so.
typealias OptionPath<Value> = any WritableKeyPath<Options, Value> & Sendable

extension Flag {
  static func request(_ name: String, _ request: Invocation.Request, help: String) -> Flag {
    Flag(name: name, kind: .request(request), help: help, shown: nil, set: { _, _, _ in })
  }

  static func toggle(_ name: String, _ path: OptionPath<Bool>, help: String) -> Flag {
    Flag(
      name: name, kind: .toggle, help: help, shown: { $0[keyPath: path] ? "on" : "off" },
      set: { value, _, options in options[keyPath: path] = value == "true" })
  }

  /// A flag whose values are the cases of an enumeration, one of which it may stand for alone.
  static func choice<Choice>(
    _ name: String, _ path: OptionPath<Choice>, alone: Choice? = nil, help: String
  ) -> Flag where Choice: RawRepresentable<String> & CaseIterable & Sendable {
    let choices = Choice.allCases.map(\.rawValue)
    let metavariable = choices.joined(separator: "|")
    let kind: Kind =
      alone.map { .optionalValue(metavariable: metavariable, alone: $0.rawValue) }
      ?? .value(metavariable: metavariable, repeatable: false)
    return Flag(
      name: name, kind: kind, help: help, shown: { $0[keyPath: path].rawValue },
      set: { value, _, options throws(UsageError) in
        guard let choice = Choice(rawValue: value) else {
          let last = choices.suffix(2).joined(separator: " or ")
          let list = (choices.dropLast(2) + [last]).joined(separator: ", ")
          throw UsageError("--\(name): \(value.quoted) is not a choice; write \(list)")
        }
        options[keyPath: path] = choice
      })
  }

  /// A repeatable flag whose values are texts that `check` accepts, no two alike.
  ///
  /// With `emptyTurnsOff`, a single empty value stands for no values at all.
  static func texts(
    _ name: String, _ metavariable: String, _ path: OptionPath<[String]>,
    emptyTurnsOff: Bool = false, help: String,
    check: @escaping @Sendable (_ value: String) throws(UsageError) -> Void
  ) -> Flag {
    Flag(
      name: name, kind: .value(metavariable: metavariable, repeatable: true), help: help,
      shown: { $0[keyPath: path].joined(separator: " ") },
      set: { value, isFirst, options throws(UsageError) in
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
        if options[keyPath: path].count == Limits.repeatsMax {
          throw UsageError(
            "--\(name) is given more than \(Limits.repeatsMax) times; leave some of them out")
        }
        options[keyPath: path].append(value)
      })
  }

  /// A flag whose value is a whole number that `parse` reads; nil from it keeps the default.
  static func number(
    _ name: String, _ metavariable: String, _ path: OptionPath<Int>, help: String,
    shown: @escaping @Sendable (Int) -> String,
    parse: @escaping @Sendable (_ value: String) throws(UsageError) -> Int?
  ) -> Flag {
    Flag(
      name: name, kind: .value(metavariable: metavariable, repeatable: false), help: help,
      shown: { shown($0[keyPath: path]) },
      set: { value, _, options throws(UsageError) in
        if let number = try parse(value) { options[keyPath: path] = number }
      })
  }

  /// A flag whose value is the name of a file. An empty one is refused: what a file says that nobody
  /// named would be missed.
  static func path(
    _ name: String, _ metavariable: String, _ path: OptionPath<String?>, help: String
  ) -> Flag {
    Flag(
      name: name, kind: .value(metavariable: metavariable, repeatable: false), help: help,
      shown: nil,
      set: { value, _, options throws(UsageError) in
        guard !value.isEmpty, !value.utf8.contains(0) else {
          throw UsageError(
            "--\(name): \(value.quoted) is no file's name; write one, or leave the flag out")
        }
        options[keyPath: path] = value
      })
  }

  /// A flag whose value is a length of time from 1 ms to `max`, in milliseconds.
  static func duration(
    _ name: String, _ path: OptionPath<Int>, upTo max: Int, help: String
  ) -> Flag {
    number(
      name, "DURATION", path, help: help, shown: TimeSpan.text(milliseconds:),
      parse: { value throws(UsageError) in
        guard let milliseconds = TimeSpan.milliseconds(value), 1...max ~= milliseconds else {
          throw UsageError(
            "--\(name): \(value.quoted) is not a duration; write one from 1ms to "
              + "\(TimeSpan.text(milliseconds: max)), such as 10s")
        }
        return milliseconds
      })
  }
}
