import WeirWire

extension Flag {
  /// The flags of how lines of text are read.
  static let lines: [Flag] = [
    gaugeSign,
    .choice(
      "statsd.names", \.statsd.names,
      help: """
        What happens to metric and label names that are not [a-zA-Z_][a-zA-Z0-9_]*: each other \
        character becomes an underscore (classic), the same but a run of dashes one (joined-dashes), \
        or they stay as sent (utf-8), which Prometheus reads from version 3 on.
        """),
    tags(.dogStatsD, "dogstatsd", help: "Read DogStatsD tags as labels: name:1|c|#key:value."),
    tags(.influxDB, "influxdb", help: "Read InfluxDB tags as labels: name,key=value:1|c."),
    tags(.librato, "librato", help: "Read Librato tags as labels: name#key=value:1|c."),
    tags(.signalFx, "signalfx", help: "Read SignalFx dimensions as labels: name[key=value]:1|c."),
    tags(.graphite, "graphite", help: "Read Graphite tags as labels: name;key=value:1|c."),
    .choice(
      "statsd.valueless-tags", \.statsd.lines.valuelessTags,
      help: """
        What happens to a tag without a value, such as red in name:1|c|#red: it is dropped and \
        counted (drop), or it becomes a label with the value true (true).
        """),
    containerIDLabel,
    .toggle(
      "statsd.unclosed-brackets", \.statsd.lines.keepsUnclosedBrackets,
      help: """
        Take a bracket with tags that does not close as a part of the name, as statsd_exporter does. \
        Without, such a line is refused.
        """),
  ]

  /// `--statsd.parse-…-tags`
  private static func tags(_ style: TagStyles, _ name: String, help: String) -> Flag {
    Flag(
      name: "statsd.parse-\(name)-tags", kind: .toggle, help: help,
      shown: { $0.statsd.lines.tagStyles.contains(style) ? "on" : "off" },
      set: { value, _, options in
        if value == "true" {
          options.statsd.lines.tagStyles.insert(style)
        } else {
          options.statsd.lines.tagStyles.remove(style)
        }
      })
  }

  /// `--statsd.gauge-sign`
  private static let gaugeSign = Flag(
    name: "statsd.gauge-sign",
    kind: .value(
      metavariable: "[ADDRESS=]\(StatsDOptions.GaugeSign.usage)", repeatable: true),
    help: """
      What a sign before a gauge's value means: a change of the gauge (relative), or the sign of its \
      new value (absolute), as in DogStatsD. With an ADDRESS of --statsd.listen-udp it applies to \
      that listener only.
      """,
    shown: { $0.statsd.lines.gaugeSign.word },
    set: { value, earlier, options throws(UsageError) in
      let (address, word) = addressed(value)
      let sign = try StatsDOptions.GaugeSign.parse(word, flag: "statsd.gauge-sign")
      if earlier.contains(where: { addressed($0).address == address }) {
        let whose = address.map { "for \($0.quoted)" } ?? "for all listeners"
        throw UsageError("--statsd.gauge-sign is given twice \(whose); leave one of them out")
      }
      guard let address else {
        options.statsd.lines.gaugeSign = sign
        return
      }
      options.statsd.gaugeSigns[address] = sign
      if options.statsd.gaugeSigns.listeners.count > FlagBounds.repeatsMax {
        throw UsageError(
          "--statsd.gauge-sign is given more than \(FlagBounds.repeatsMax) times; "
            + "leave some of them out")
      }
    })

  /// The parts of `[ADDRESS=]WORD`.
  private static func addressed(_ value: String) -> (address: String?, word: String) {
    guard let mark = value.lastIndex(of: "=") else { return (nil, value) }
    return (String(value[..<mark]), String(value[value.index(after: mark)...]))
  }

  /// `--statsd.container-id-label`
  private static let containerIDLabel = Flag(
    name: "statsd.container-id-label",
    kind: .value(metavariable: "NAME", repeatable: false),
    help: """
      Label for DogStatsD's container id (name:1|c|c:ID), such as container_id: one series for \
      each container. With an empty NAME, or without the flag, the id is dropped.
      """,
    shown: nil,
    set: { value, _, options throws(UsageError) in
      guard value.isEmpty || isLabelName(value) else {
        throw UsageError(
          "--statsd.container-id-label: \(value.quoted) is not a valid label name; write letters, "
            + "digits and underscores, not beginning with a digit, __ or weir_")
      }
      options.statsd.lines.containerLabel = value.isEmpty ? nil : value
    })
}

/// Whether the name is one that Weir and Prometheus do not use themselves.
func isLabelName(_ text: String) -> Bool {
  let isWord = text.utf8.allSatisfy { byte in
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
  let startsWithDigit = text.utf8.first.map { (0x30...0x39).contains($0) } ?? true
  return isWord && !startsWithDigit && !text.hasPrefix("__") && !text.hasPrefix("weir_")
    && text.utf8.count <= 256
}
