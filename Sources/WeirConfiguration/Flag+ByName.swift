import WeirMetrics

/// A value of a flag that may be for some names: `VALUE` or `NAME-GLOB=VALUE`.
struct NamedValue {
  /// The text before the first `=`; nil if there is none.
  let key: String?
  let value: String

  init(_ text: String) {
    guard let mark = text.firstIndex(of: "=") else {
      (key, value) = (nil, text)
      return
    }
    (key, value) = (String(text[..<mark]), String(text[text.index(after: mark)...]))
  }
}

extension Flag {
  /// The glob before `=` in a flag's value.
  static func glob(_ text: String, flag: String) throws(UsageError) -> NameGlob {
    guard !text.isEmpty else {
      throw UsageError(
        "--\(flag): the name before = is empty; write a metric name such as llm_requests_total, "
          + "or a pattern such as llm_*")
    }
    guard text.utf8.count <= FlagBounds.globBytesMax else {
      throw UsageError(
        "--\(flag): the name before = has \(text.utf8.count) bytes; "
          + "write at most \(FlagBounds.globBytesMax)")
    }
    return NameGlob(text)
  }

  /// Refuses a rule that can never apply because an earlier one matches the same names, and one
  /// that is one too many.
  ///
  /// - Parameters:
  ///   - earlier: The globs that are looked at before it.
  static func checkApplies(
    _ glob: NameGlob, after earlier: [NameGlob], flag: String
  ) throws(UsageError) {
    if earlier.contains(glob) {
      throw UsageError(
        "--\(flag) is given twice for \(glob.description.quoted); leave one of them out")
    }
    // A star of the later glob can only be matched by a star of the earlier one.
    let text = Array(glob.description.utf8)
    if let wider = earlier.first(where: { $0.matches(text) }) {
      throw UsageError(
        "--\(flag): \(glob.description.quoted) never applies, because "
          + "\(wider.description.quoted) before it matches the same names; write it first")
    }
    guard earlier.count < FlagBounds.rulesMax else {
      throw UsageError(
        "--\(flag) is given for more than \(FlagBounds.rulesMax) names; leave some of them out")
    }
  }

  /// Refuses a second value for all names.
  static func checkOnlyDefault(
    _ flag: String, _ earlier: [String], of subject: String = "names"
  ) throws(UsageError) {
    if earlier.contains(where: { NamedValue($0).key == nil }) {
      throw UsageError("--\(flag) is given twice for all \(subject); leave one of them out")
    }
  }
}

extension Options {
  /// Checks what no single flag can check.
  func checkRules() throws(UsageError) {
    let rules = rules
    let globs =
      rules.bounds.map { ("histogram.bounds", $0.glob) }
      + observations.choicesByName.map { ($0.value.flag, $0.glob) }
      + rules.lifetimesByName.map { ("series.ttl", $0.glob) }
    for (flag, glob) in globs where statsd.names.isClassic {
      let text = glob.description
      let exposed = statsd.names.exposed(text)
      guard text == exposed else {
        throw UsageError(
          "--\(flag): \(text.quoted) matches no name as a scrape shows it; "
            + "write \(exposed.quoted)")
      }
    }
    let classes = FlagBounds.classes(of: rules)
    guard classes <= FlagBounds.classesMax else {
      throw UsageError(
        "--histogram.bounds, --observe, --histogram.native and --series.ttl describe "
          + "\(classes) classes of series; write at most \(FlagBounds.classesMax)")
    }
  }
}

extension NameStyle {
  /// A glob as a scrape would show it if it were a name, with its stars.
  fileprivate func exposed(_ glob: String) -> String {
    var exposed = glob.unicodeScalars.first.map { "0"..."9" ~= $0 } ?? false ? "_" : ""
    var last: Unicode.Scalar?
    for scalar in glob.unicodeScalars {
      if !(self == .joinedDashes && scalar == "-" && last == "-") {
        exposed.unicodeScalars.append(scalar == "*" || isNameScalar(scalar) ? scalar : "_")
      }
      last = scalar
    }
    return exposed
  }
}

/// Whether a name may have the scalar where names are classic.
private func isNameScalar(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar {
  case "a"..."z", "A"..."Z", "0"..."9", "_": true
  default: false
  }
}

extension FlagBounds {
  /// The fewest classes of series that rules describe: each distinct value is of a class of its
  /// own.
  static func classes(of rules: SeriesRules) -> Int {
    let bounds = Set(rules.bounds.map(\.value)).subtracting([rules.defaultBounds])
    let observers = Set(rules.observers.map(\.value)).subtracting([rules.defaultObserver])
    let lifetimes = Set(rules.lifetimesByName.map(\.value))
    return MetricKind.allCases.count + bounds.count + observers.count + lifetimes.count
  }
}
