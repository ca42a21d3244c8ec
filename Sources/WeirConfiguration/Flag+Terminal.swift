extension Flag {
  /// The flags that `weir top` takes besides those of the daemon.
  static let top: [Flag] = [
    .toggle(
      "once", \.top.isOnce,
      help: "Print once, and exit. The status is 1 if a finding says that data is lost."),
    .toggle(
      "json", \.top.isJSON,
      help: "Print the answer of /api/v1/status as a line of JSON, once or at each interval."),
    .milliseconds(
      "interval", \.top.intervalMilliseconds, upTo: 3_600_000, help: "Time between two questions."),
    .choice("view", \.top.view, help: "What the table shows at first."),
  ]

  /// The flags that `weir tap` takes besides those of the daemon.
  static let tap: [Flag] = [
    .toggle("accepted", \.tap.showsAccepted, help: "Show accepted lines, which is the default."),
    .toggle("refused", \.tap.showsRefused, help: "Show refused lines, each with the reason."),
    filter("name", "GLOB", help: "Only lines whose name matches, as it was sent."),
    filter(
      "label", "KEY=VALUE", repeatable: true, help: "Only lines with this tag, as it was sent."),
    filter("sender", "NETWORK", help: "Only lines from these addresses, such as 10.0.0.0/8."),
    filter(
      "reason", "REASON",
      help: "Only lines that were refused for this reason, such as unknown_type."),
    optionalCount(
      "limit", "COUNT", \.tap.limit, of: "lines", upTo: FlagBounds.tapLinesMax, shown: "10000",
      help: "End after this many lines in all."),
    optionalCount(
      "rate", "COUNT/s", \.tap.perSecond, of: "lines", upTo: FlagBounds.tapRateMax, suffix: "/s",
      shown: "100/s",
      help: "Lines shown each second at most, evenly spread. Others are counted."),
    .seconds(
      "for", \.tap.seconds, in: 1...FlagBounds.tapSecondsMax, subject: "how long to show lines",
      example: "5m", help: "End after this time."),
    .toggle("json", \.tap.isJSON, help: "Print each line as JSON, as the API has it."),
    Flag(
      name: "count-by", kind: .value(metavariable: "name|sender|LABEL", repeatable: false),
      help:
        "Count the lines that are shown by name, sender, or a label's values, and print a list at the end.",
      shown: nil,
      set: { value, _, options throws(UsageError) in
        guard !value.isEmpty, value.utf8.count <= FlagBounds.globBytesMax else {
          throw UsageError(
            "--count-by: \(value.quoted) is not a label; write name, sender or a label")
        }
        options.tap.countBy = value
      }),
  ]

  /// A filter, which the server checks and applies.
  private static func filter(
    _ name: String, _ metavariable: String, repeatable: Bool = false, help: String
  ) -> Flag {
    Flag(
      name: name, kind: .value(metavariable: metavariable, repeatable: repeatable), help: help,
      shown: nil,
      set: { value, earlier, options throws(UsageError) in
        guard !value.isEmpty, value.utf8.count <= FlagBounds.globBytesMax else {
          throw UsageError(
            "--\(name): \(value.quoted) is empty or too long; write --\(name)=\(metavariable)")
        }
        if name == "label", !value.dropFirst().contains("=") {
          throw UsageError("--label: \(value.quoted) is not a tag; write KEY=VALUE")
        }
        try checkRepeats(name, earlier, max: FlagBounds.repeatsMax)
        options.tap.filters.append(Options.Tap.Filter(parameter: name, value: value))
      })
  }
}

extension FlagBounds {
  static let tapLinesMax = 1_000_000
  static let tapRateMax = 10_000
  static let tapSecondsMax = 600
}
