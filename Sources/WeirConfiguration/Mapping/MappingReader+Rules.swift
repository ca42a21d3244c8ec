import WeirMapping
import WeirMetrics

extension MappingReader {
  private static let ruleKeys = [
    "match", "name", "labels", "help", "match_type", "match_metric_type", "observer_type", "action",
    "ttl", "scale", "honor_labels", "summary_options", "histogram_options", "metric_type",
    "set_window",
  ]

  mutating func readRule(_ node: YAMLNode) throws(FileMistake) -> MappingRule.Content {
    let fields = try MappingFields(
      node, file: file, subject: "a rule", hint: "write its keys, such as match: and name:")
    fields.check(Self.ruleKeys, old: Self.oldKeys, &warnings)
    let name = try ruleName(fields)
    var (content, groups) = try match(fields, name)
    content.action =
      try fields.word("action", ["map": .map, "drop": .drop, "": .map])?.value ?? .map
    content.matchKind = try matchKind(fields)
    content.labels = try labels(fields, groups)
    content.honorsLabels = try fields.flag("honor_labels") ?? false
    content.help = try help(fields)
    content.scale = try scale(fields)
    content.settings = try settings(fields)
    try readResult(fields, into: &content)
    try checkLabels(fields, content)
    return content
  }

  private func ruleName(_ fields: MappingFields) throws(FileMistake) -> String {
    guard let name = try fields.text("name"), !name.value.isEmpty else {
      throw fields.missing(
        "name", among: Self.ruleKeys,
        "a rule has no name, which even one that drops needs; write name: below match:")
    }
    guard MappingNames.isName(name.value) else {
      throw fields.mistake(
        name.line,
        "name: \(name.value.quoted) is not a name; write letters, digits and _, not a digit first, and "
          + "references such as $1 or ${1}")
    }
    return name.value
  }

  /// What templates refer to.
  private enum Groups {
    case stars
    case expression([String: Int])

    func template(_ text: String) -> Template {
      switch self {
      case .stars: Template(glob: text)
      case .expression(let names): Template(expression: text, groupsByName: names)
      }
    }
  }

  private mutating func match(
    _ fields: MappingFields, _ name: String
  ) throws(FileMistake) -> (MappingRule.Content, Groups) {
    let isExpression = try matchType(fields).map { $0.value == .regex } ?? matchesByExpression
    let text = try fields.text("match")
    let match = text?.value ?? ""
    let line = text?.line ?? fields.line
    if isExpression {
      if match.isEmpty {
        warnings.add(
          line, "match is empty, so that the rule is for every name; write an expression")
      }
      let expression: RegularExpression
      do throws(ExpressionError) {
        expression = try RegularExpression(match)
      } catch {
        throw fields.mistake(
          line,
          "match: \(match.quoted) is not a regular expression of RE2 (\(error.description.escaped)); "
            + "correct it")
      }
      let groups = Groups.expression(expression.groupsByName)
      return (
        MappingRule.Content(
          line: fields.line, match: .expression(expression), matchText: match,
          name: groups.template(name)), groups
      )
    }
    guard let glob = Glob(match) else {
      guard text != nil else {
        throw fields.missing(
          "match", among: Self.ruleKeys,
          "a rule has no match; write one such as match: app.*.requests")
      }
      throw fields.mistake(
        line,
        "match: \(match.quoted) is not a glob; write letters, digits, _ and - between dots, each star "
          + "alone, or add match_type: regex")
    }
    return (
      MappingRule.Content(
        line: fields.line, match: .glob(glob), matchText: match, name: Groups.stars.template(name)),
      .stars
    )
  }

  /// The words for the types that a sample may have, as statsd_exporter has them.
  enum SampleType: String {
    case counter, gauge, observer, set

    var kind: MetricKind {
      switch self {
      case .counter: .counter
      case .gauge: .gauge
      case .observer: .histogram
      case .set: .set
      }
    }
  }

  private static let matchKinds: KeyValuePairs<String, SampleType> = [
    "counter": .counter, "gauge": .gauge, "observer": .observer,
  ]
  static let resultKinds: KeyValuePairs<String, SampleType> = [
    "counter": .counter, "gauge": .gauge, "observer": .observer, "set": .set,
  ]

  private mutating func matchKind(_ fields: MappingFields) throws(FileMistake) -> MetricKind? {
    if let text = try fields.text("match_metric_type"), text.value == "timer" {
      warnings.add(
        text.line,
        "timer is a word of before statsd_exporter 0.20; write match_metric_type: observer")
      return .histogram
    }
    return try fields.word("match_metric_type", Self.matchKinds)?.value.kind
  }

  private func labels(
    _ fields: MappingFields, _ groups: Groups
  ) throws(FileMistake) -> [MappingRule.Label] {
    guard let entry = fields.entry("labels") else { return [] }
    let entries = try MappingFields(
      entry.value, file: file, subject: "labels", hint: "write lines such as code: $1 below it")
    var labels: [MappingRule.Label] = []
    for label in entries.entries {
      guard MappingNames.isLabel(label.key) else {
        throw fields.mistake(
          label.keyLine,
          "\(label.key.quoted) is not a label's name; write two or more letters, digits and _, not a "
            + "digit first")
      }
      let value = try entries.text(of: label.value, label.key)
      labels.append(MappingRule.Label(name: label.key, value: groups.template(value)))
    }
    return labels.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  /// Nil if it is empty. What is beyond the limit is cut off.
  private mutating func help(_ fields: MappingFields) throws(FileMistake) -> String? {
    guard let help = try fields.text("help"), !help.value.isEmpty else { return nil }
    let bytes = help.value.utf8.count
    guard bytes > FamilyMeta.mappedHelpBytesMax else { return help.value }
    warnings.add(
      help.line,
      "help is \(bytes) bytes long, and what is beyond \(FamilyMeta.mappedHelpBytesMax) is cut off; shorten it"
    )
    var end = help.value.utf8.index(help.value.startIndex, offsetBy: FamilyMeta.mappedHelpBytesMax)
    while end.samePosition(in: help.value.unicodeScalars) == nil {
      end = help.value.utf8.index(before: end)
    }
    return String(help.value[..<end])
  }

  private func scale(_ fields: MappingFields) throws(FileMistake) -> Double? {
    guard let scale = try fields.number("scale") else { return nil }
    guard scale.value.isFinite else {
      throw fields.mistake(
        scale.line, "scale is \(scale.value), which would make every value so; write a number")
    }
    return scale.value
  }

  /// What the rule says of its series' class, completed by the defaults.
  private mutating func settings(_ fields: MappingFields) throws(FileMistake) -> ClassSettings {
    var settings = ClassSettings()
    settings.observing = try observing(fields)
    settings.lifetimeSeconds = try lifetime(fields)
    let summary = try readSummaryOptions(fields, into: &settings)
    let histogram = try readHistogramOptions(fields, into: &settings)
    if summary.listLine != nil, let line = summary.oldLine {
      throw fields.mistake(
        line, "quantiles and summary_options with quantiles are both given; leave out the former")
    }
    if histogram.listLine != nil, let line = histogram.oldLine {
      throw fields.mistake(
        line, "buckets and histogram_options with buckets are both given; leave out the former")
    }
    let own = settings.observing
    let from = own == nil && defaults.observing != nil ? " by the defaults" : ""
    switch own ?? defaults.observing {
    case .histogram:
      if let line = summary.line {
        throw fields.mistake(
          line,
          "summary_options is for summaries, and observer_type is histogram\(from); "
            + "leave it out, or write observer_type: summary")
      }
    case .summary:
      if let line = histogram.line {
        throw fields.mistake(
          line,
          "histogram_options is for histograms, and observer_type is summary\(from); "
            + "leave it out, or write observer_type: histogram")
      }
    case nil: break
    }
    return settings.over(defaults)
  }
}
