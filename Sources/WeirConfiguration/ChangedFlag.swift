import WeirMetrics

/// A flag whose value differs from its default. The page shows them, because they say how Weir was started.
package struct ChangedFlag: Sendable, Equatable {
  /// As it is written: `--log.level`.
  package let flag: String
  package let value: String
  /// The values with which the flag is given once or several times to get the same.
  package let values: [String]
  /// Nil if the flag has no default.
  package let usual: String?

  /// Whether all nodes of a cluster must have the same.
  package var changesView: Bool { Flag.namesOfView.contains(String(flag.dropFirst(2))) }

  package init(flag: String, value: String, usual: String?) {
    self.init(flag: flag, values: [value], usual: usual)
  }

  init(flag: String, values: [String], usual: String?) {
    self.flag = flag
    self.values = values
    value = values.joined(separator: " ")
    self.usual = usual
  }

  /// The flags of a command line whose values differ from their defaults, in the order of `--help`.
  ///
  /// - Parameters:
  ///   - arguments: The daemon's flags, without mistakes.
  ///   - cores: The machine's processor cores, from which defaults follow.
  package static func all(in arguments: [String], cores: Int) -> [ChangedFlag] {
    let usual = Options(cores: cores)
    guard case .run(let options)? = try? Invocation.parse(arguments, cores: cores) else {
      return []
    }
    var given: [String: [String]] = [:]
    var rest = Arguments(arguments)
    while let (flag, value) = try? rest.next() { given[flag.name, default: []].append(value) }
    return Flag.all.compactMap { flag in
      let values = given[flag.name]?.map(withoutSecrets)
      guard let shown = flag.shown else {
        return values.map { ChangedFlag(flag: "--\(flag.name)", values: $0, usual: nil) }
      }
      let (value, usual) = (shown(options), shown(usual))
      let all =
        flag.isRepeatable
        ? value.split(separator: " ").map(String.init) + ofNames(flag, values ?? [], value)
        : [value]
      guard all.joined(separator: " ") != usual else { return nil }
      return ChangedFlag(flag: "--\(flag.name)", values: all.map(withoutSecrets), usual: usual)
    }
  }

  /// The values that are given for some names, which are no part of what is shown.
  private static func ofNames(_ flag: Flag, _ given: [String], _ shown: String) -> [String] {
    let shown = Set(shown.split(separator: " ").map(String.init))
    return given.filter { value in
      guard let key = NamedValue(value).key, !shown.contains(value) else { return false }
      return flag.name != "series.ttl" || !MetricKind.allCases.contains { "\($0.label)" == key }
    }
  }

  /// A value without the user, the password and the query of a URL.
  private static func withoutSecrets(_ value: String) -> String {
    guard value.contains("://") else { return value }
    return ForwardURL(value)?.text ?? "(a URL that is not shown)"
  }
}
