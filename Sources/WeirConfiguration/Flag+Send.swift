extension Flag {
  /// The flags that `weir send` takes besides those of the daemon.
  static let send: [Flag] = [
    Flag(
      name: "demo",
      kind: .optionalValue(
        metavariable: Options.Send.Demo.usage, alone: "gateway", repeatable: false),
      help: """
        Send no lines, but what the instances of a gateway to language models would send: requests, \
        durations, tokens, rate limits, and metrics of their processes. In the course of it a provider \
        fails, another is slow, and an instance runs out of memory and is replaced.
        """,
      shown: nil,
      set: { value, _, options throws(UsageError) in
        options.send.demo = try Options.Send.Demo.parse(value, flag: "demo")
      }),
    optionalCount(
      "instances", "COUNT", \.send.instances, of: "instances", upTo: FlagBounds.sendInstancesMax,
      shown: "\(Options.Send.instancesByDefault)", help: "Instances of the demo."),
    optionalCount(
      "rate", "COUNT/s", \.send.perSecond, of: "lines or requests", upTo: FlagBounds.sendRateMax,
      suffix: "/s",
      shown: "\(Options.Send.requestsPerSecondByDefault)/s, "
        + "\(Options.Send.linesPerSecondByDefault)/s for lines",
      help: """
        Requests that the demo simulates each second, or the most lines that are sent each second.
        """),
    .seconds(
      "for", \.send.seconds, in: 1...FlagBounds.sendSecondsMax, subject: "how long to send",
      example: "10m",
      help: "How long the demo takes, and the longest time that lines are sent."),
    .toggle(
      "push", \.send.pushes,
      help: """
        Send frames of the push protocol, of which no count is lost, and not lines. With \
        --push.keys-file the first key in it that is not for forwarders signs them.
        """),
    .toggle(
      "check", \.send.checks,
      help: """
        Ask Weir whether what was sent has arrived. Without, any server that takes lines can be \
        the receiver.
        """),
  ]

  /// A flag whose value is a number from 1 to `max` of `noun`, and that says what holds without it.
  ///
  /// - Parameter suffix: What may be written after the number.
  static func optionalCount(
    _ name: String, _ metavariable: String, _ path: OptionPath<Int?>, of noun: String,
    upTo max: Int, suffix: String = "", shown: String, help: String
  ) -> Flag {
    Flag(
      name: name, kind: .value(metavariable: metavariable, repeatable: false), help: help,
      shown: { _ in shown },
      set: { value, _, options throws(UsageError) in
        let digits = value.hasSuffix(suffix) ? value.dropLast(suffix.count) : value[...]
        guard let count = Decimal.parse(digits), 1...max ~= count else {
          throw UsageError(
            "--\(name): \(value.quoted) is not a number of \(noun); write one from 1\(suffix) to "
              + "\(max)\(suffix)")
        }
        options[keyPath: path] = count
      })
  }
}

extension FlagBounds {
  /// Each has series of its own.
  static let sendInstancesMax = 100
  /// What is sent in a second has to be made first.
  static let sendRateMax = 1_000_000
  static let sendSecondsMax = 30 * 86_400
}
