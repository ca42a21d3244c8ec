import WeirMapping
import WeirMetrics

/// A mapping file of statsd_exporter, with Weir's own keys.
package struct MappingFile: Sendable {
  package let rules: MappingRules
  /// Whole sentences about what loads but is not what was meant.
  package let warnings: [String]

  /// Rules of a file.
  static let rulesMax = 20_000

  /// - Throws: `FileMistake`: the first mistake.
  package static func load(_ file: String) throws(FileMistake) -> MappingFile {
    let contents: FileContents
    do throws(FileTrouble) {
      contents = try FileContents.read(file, bytesMax: YAMLDialect.mapping.bytesMax)
    } catch {
      throw FileMistake(
        file, line: nil,
        "\(error); \(error.remedy ?? "name a file of YAML with --statsd.mapping-config")")
    }
    return try parse(contents.bytes, file: file)
  }

  /// Reads the text of a file.
  package static func parse(_ bytes: [UInt8], file: String) throws(FileMistake) -> MappingFile {
    let document = try YAMLParser.document(bytes, file: file, dialect: .mapping)
    var reader = MappingReader(file: file)
    for remark in document.remarks { reader.warnings.add(remark.line, remark.sentence) }
    let rules = try document.root.map { root throws(FileMistake) in try reader.read(root) }
    return MappingFile(
      rules: MappingRules(
        rules ?? [], defaults: reader.defaults, isOrdered: !reader.disablesOrdering),
      warnings: reader.warnings.sentences)
  }
}

/// Reads the root of a mapping file and its defaults, and remembers what the rules need to know of them.
struct MappingReader {
  let file: String
  var warnings: MappingWarnings
  var defaults = ClassSettings()
  var matchesByExpression = false
  var disablesOrdering = false

  init(file: String) {
    self.file = file
    warnings = MappingWarnings(file: file)
  }

  mutating func read(_ root: YAMLNode) throws(FileMistake) -> [MappingRule.Content] {
    let fields = try MappingFields(
      root, file: file, subject: "the file", hint: "write the keys defaults: and mappings:")
    fields.check(["defaults", "mappings"], &warnings)
    if let entry = fields.entry("defaults") { try readDefaults(entry.value) }
    guard let list = try fields.list("mappings", example: "a rule as - match:, name:") else {
      return []
    }
    guard list.value.count <= MappingFile.rulesMax else {
      throw fields.mistake(
        list.line,
        "mappings has \(list.value.count) rules, and \(MappingFile.rulesMax) is the limit; "
          + "join some with a star")
    }
    var rules: [MappingRule.Content] = []
    for node in list.value { rules.append(try readRule(node)) }
    return rules
  }

  private mutating func readDefaults(_ node: YAMLNode) throws(FileMistake) {
    let fields = try MappingFields(
      node, file: file, subject: "defaults", hint: "write keys such as ttl: below it")
    fields.check(
      [
        "observer_type", "match_type", "glob_disable_ordering", "ttl", "summary_options",
        "histogram_options",
      ], old: Self.oldKeys, &warnings)
    defaults.observing = try observing(fields)
    matchesByExpression = try matchType(fields)?.value == .regex
    disablesOrdering = try fields.flag("glob_disable_ordering") ?? false
    defaults.lifetimeSeconds = try lifetime(fields)
    var settings = defaults
    try readSummaryOptions(fields, into: &settings)
    try readHistogramOptions(fields, into: &settings)
    defaults = settings
  }

  /// Keys of before 0.20, each with the one to write instead.
  static let oldKeys = [
    "timer_type": "observer_type", "buckets": "histogram_options with buckets in it",
    "quantiles": "summary_options with quantiles in it",
  ]

  /// The word for a glob or a regular expression.
  enum MatchType: String {
    case glob, regex
  }

  func matchType(
    _ fields: MappingFields
  ) throws(FileMistake) -> MappingFields.Field<MatchType>? {
    try fields.word("match_type", ["glob": .glob, "regex": .regex, "": .glob])
  }

  /// The new key wins over the old one.
  func observing(_ fields: MappingFields) throws(FileMistake) -> ClassSettings.Observing? {
    let words: KeyValuePairs<String, ClassSettings.Observing> = [
      "histogram": .histogram, "summary": .summary, "": .summary,
    ]
    let old = try fields.word("timer_type", words)
    return try fields.word("observer_type", words)?.value ?? old?.value
  }

  /// Seconds; nil for 0, which says nothing.
  mutating func lifetime(_ fields: MappingFields) throws(FileMistake) -> UInt32? {
    guard let ttl = try fields.duration("ttl", example: "1m30s"), ttl.value.nanoseconds != 0 else {
      return nil
    }
    if ttl.value.nanoseconds < 0 {
      warnings.add(
        ttl.line, "ttl is negative, so that series expire at once; write a positive one such as 5m")
    } else if !ttl.value.hasUnit {
      warnings.add(
        ttl.line,
        "ttl has no unit, and is \(ttl.value.nanoseconds) ns; write it with one, such as 5m")
    }
    return UInt32(max(1, min(ttl.value.seconds, FlagBounds.ttlSecondsMax)))
  }
}
