import WeirMetrics

extension Flag {
  /// Flags for users of another program.
  static let compatibility: [Flag] =
    [
      Flag(
        name: "compat", kind: .value(metavariable: "statsd_exporter", repeatable: false),
        help: """
          Take the defaults of another program: its addresses, types, names and labels. Each of these has a \
          flag of its own, which wins.
          """,
        shown: nil,
        set: { value, _, options throws(UsageError) in
          options.compatibility = try Compatibility.parse(value, flag: "compat")
        }),
      .toggle(
        "check-config", \.checksOnly,
        help: """
          Check flags and files like a start, say the first mistake, and serve nothing, as weir check-config \
          does.
          """),
    ] + ignored

  /// Flags of statsd_exporter that have no meaning here, each with the reason.
  private static let ignored: [Flag] = [
    .ignored(
      "statsd.cache-size", because: "what is remembered of names grows and shrinks by itself"),
    .ignored(
      "statsd.cache-type", because: "what is remembered of names grows and shrinks by itself"),
    .ignored("statsd.event-queue-size", because: "there is no queue of events"),
    .ignored("statsd.event-flush-threshold", because: "there is no queue of events"),
    .ignored("statsd.event-flush-interval", because: "there is no queue of events"),
    .ignored("statsd.udp-packet-queue-size", because: "there is no queue of packets"),
    .ignored("debug.dump-fsm", because: "there is no automaton; see /debug/mapping"),
  ]

  private static func ignored(_ name: String, because reason: String) -> Flag {
    Flag(
      name: name, kind: .value(metavariable: "VALUE", repeatable: false),
      help: "Accepted for statsd_exporter's sake, and without effect: \(reason).",
      shown: nil,
      set: { _, _, options in
        options.ignoredFlags.append(Options.IgnoredFlag(name: name, reason: reason))
      })
  }
}

extension Compatibility: FlagChoice {}
extension BoundStyle: FlagChoice {}
