import WeirMapping
import WeirMetrics

extension MappingReader {
  /// Reads Weir's own keys, `metric_type` and `set_window`, and refuses what has no effect with them.
  func readResult(
    _ fields: MappingFields, into content: inout MappingRule.Content
  ) throws(FileMistake) {
    let type = try fields.word("metric_type", Self.resultKinds)
    let window = try setWindow(fields)
    content.resultKind = type?.value.kind
    content.settings.setWindowSeconds = window?.value
    if content.action == .drop, let line = type?.line ?? window?.line {
      let key = type == nil ? "set_window" : "metric_type"
      throw fields.mistake(line, "\(key) has no effect in a rule that drops; leave it out")
    }
    if let window, let result = type?.value.kind ?? content.matchKind, result != .set {
      throw fields.mistake(
        window.line,
        "set_window is for sets, and this rule makes none; leave it out, or write metric_type: set")
    }
    guard let type else { return }
    if type.value.kind == content.matchKind {
      throw fields.mistake(
        type.line, "metric_type is what match_metric_type is already; leave it out")
    }
    if type.value == .set, let scale = fields.entry("scale") {
      throw fields.mistake(
        scale.keyLine, "scale has no effect on a set, which counts its members; leave it out")
    }
    guard type.value != .observer else { return }
    for key in ["observer_type", "summary_options", "histogram_options"]
      + Self.oldKeys.keys.sorted()
    {
      guard let entry = fields.entry(key) else { continue }
      throw fields.mistake(
        entry.keyLine,
        "\(key) has no effect where metric_type is \(type.value.rawValue); leave one of them out")
    }
  }

  /// Seconds; 0 for all since the start.
  private func setWindow(_ fields: MappingFields) throws(FileMistake) -> MappingFields.Field<Int>? {
    guard let window = try fields.duration("set_window", example: "5m") else { return nil }
    let bounds = FlagBounds.setWindowSeconds
    let seconds = window.value.seconds
    guard window.value.nanoseconds == 0 || window.value.hasUnit && bounds.contains(seconds) else {
      throw fields.mistake(
        window.line,
        "set_window is not a time that a set can look back; write one from \(bounds.lowerBound)s to "
          + "\(bounds.upperBound / 3_600)h such as 5m, or 0 for all since the start")
    }
    return MappingFields.Field(value: seconds, line: window.line)
  }

  /// Labels that the series' own lines need, or that Prometheus keeps for itself.
  mutating func checkLabels(
    _ fields: MappingFields, _ content: MappingRule.Content
  ) throws(FileMistake) {
    guard content.action == .map, let labels = fields.entry("labels"),
      case .map(let entries) = labels.value.content
    else { return }
    for label in entries {
      if label.key.hasPrefix("__") {
        warnings.add(
          label.keyLine,
          "the label \(label.key) begins with two underscores, which are Prometheus' own, and gets one; "
            + "rename it")
      }
      guard let clash = clash(label.key, fields, content) else { continue }
      let kind = label.key == "le" ? "histogram" : "summary"
      let sentence = "the label \(label.key) is every \(kind)'s own"
      if clash == .certain {
        throw fields.mistake(label.keyLine, "\(sentence); rename it")
      }
      warnings.add(
        label.keyLine,
        "\(sentence), and is exported_\(label.key) where observations come; rename it, or add "
          + "match_metric_type")
    }
  }

  private enum Clash {
    /// The rule says that observations come.
    case certain
    case possible
  }

  /// Whether a label clashes with those of the rule's observations; nil if it can't.
  private func clash(
    _ label: String, _ fields: MappingFields, _ content: MappingRule.Content
  ) -> Clash? {
    let result = content.resultKind ?? content.matchKind
    guard result == nil || result == .histogram else { return nil }
    let saysType = fields.entry("observer_type") != nil || fields.entry("timer_type") != nil
    let ifOwn = result == .histogram || saysType ? Clash.certain : .possible
    switch content.settings.observing {
    case .histogram: return label == "le" ? ifOwn : nil
    case .summary: return label == "quantile" ? ifOwn : nil
    // A flag decides; in statsd_exporter it would be a summary.
    case nil: return label == "quantile" ? ifOwn : label == "le" ? .possible : nil
    }
  }
}
