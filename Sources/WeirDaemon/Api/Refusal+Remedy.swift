import WeirMetrics

extension Refusal {
  /// What the sender, or the operator, should do; commands are between backquotes.
  var remedy: String {
    switch self {
    case .invalidUTF8:
      "Let the client send UTF-8. Binary data on the port often comes from another protocol."
    case .emptyName: "Let the client send a name before the colon."
    case .missingValue: "Write `name:value|type`, as in `requests:1|c`."
    case .missingType: "Write a type after the value: `|c`, `|g`, `|ms`, `|h`, `|d` or `|s`."
    case .unknownType:
      "Set the client to StatsD or DogStatsD; other dialects have types of their own."
    case .badValue: "Write a decimal number with a point, such as `0.5`, not `0,5`."
    case .notANumber: "Let the client leave out values that are not numbers."
    case .infinite: "Let the client leave out infinite values."
    case .negativeCounter:
      "Use a gauge for what goes down. A mapping rule can do that: `metric_type: gauge`."
    case .badRate, .zeroRate, .negativeRate, .rateAboveOne:
      "Write a sample rate above 0 and at most 1, as in `|@0.1`."
    case .badTimestamp: "Write whole seconds since 1970 after `|T`."
    case .repeatedField: "Write sample rate and tags once on a line."
    case .mixedTagStyles:
      "Write the tags of a line in one style, or turn a style off with `--no-statsd.parse-…-tags`."
    case .unclosedTags: "Close the bracket of the tags."
    case .taggedMultiSample:
      "Send a line for each sample, or several values with `name:1:2:3|type|#tags`."
    case .typeClash:
      "Rename one of the two metrics. `weir tap --refused --reason=type_clash` shows who sends which."
    case .reservedName: "Rename the metric: Weir and Prometheus use this name themselves."
    case .tooManyLabels: "Send fewer tags, or raise `--limit.labels-per-series`."
    case .nameTooLong: "Send shorter names, or raise `--limit.name-bytes`."
    case .labelNameTooLong: "Send shorter tag names, or raise `--limit.label-name-bytes`."
    case .labelValueTooLong: "Send shorter tag values, or raise `--limit.label-value-bytes`."
    case .seriesTooLong: "Send fewer or shorter tags, or raise `--limit.series-bytes`."
    case .tooManySeries: "See Names for the label that makes them, or raise `--limit.series`."
    case .tooManySeriesOfName:
      "See Names for the label that makes them, or raise `--limit.series-per-name`."
    case .tooManyNames: "Put what changes into tags and not into names, or raise `--limit.names`."
    case .tooManySets: "Send fewer sets, or raise `--limit.sets`."
    case .lineTooLong: "End lines with a newline, and keep them below 64 KiB."
    }
  }
}
