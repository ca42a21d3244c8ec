extension Flag {
  /// The flags that `weir record` takes besides those of the daemon.
  static let record: [Flag] = [
    .seconds(
      "for", \.record.seconds, in: 1...FlagBounds.recordSecondsMax, subject: "how long to record",
      example: "10m", help: "How long to record."),
    .bytes(
      "limit", \.record.bytesMax, from: FlagBounds.recordBytesMin, upTo: FlagBounds.recordBytesMax,
      help: "Length of the file at which recording stops."),
    .texts(
      "sender", "CIDR", \.record.senders,
      help: """
        Network of the senders that are recorded, such as 10.0.0.0/8, or an address. Without this flag, \
        all senders are recorded.
        """,
      check: { _ in }),
    .toggle("force", \.record.replaces, help: "Replace the file if there is one."),
  ]

  /// The flags that `weir replay` takes besides those of the daemon.
  static let replay: [Flag] = [
    Flag(
      name: "speed", kind: .value(metavariable: "FACTOR|max", repeatable: false),
      help: """
        How many times as fast as it was recorded, such as 10 or 0.5; or max, which is as fast as the \
        receiver takes it.
        """,
      shown: { $0.replay.speed.text },
      set: { value, _, options throws(UsageError) in
        options.replay.speed = try ReplaySpeed.parse(value)
      }),
    .count(
      "loop", \.replay.loops, of: "times", upTo: FlagBounds.replayLoopsMax,
      help: "How often the file is sent, one time after the other."),
    .toggle(
      "rewrite-time", \.replay.movesTimes,
      help: """
        Move the timestamps in lines (|T1656581400) by the time that has passed since each was recorded.
        """),
    Flag(
      name: "port", kind: .value(metavariable: "PORT", repeatable: false),
      help: "Send only datagrams that were sent to this port. Without this flag, all are sent.",
      shown: nil,
      set: { value, _, options throws(UsageError) in
        guard let number = Decimal.parse(value[...]), let port = UInt16(exactly: number), port > 0
        else {
          throw UsageError(
            "--port: \(value.quoted) is not a port; write a number from 1 to 65535")
        }
        options.replay.port = port
      }),
    .toggle(
      "dry-run", \.replay.isDry, help: "Send nothing, and print what the file has."),
    .seconds(
      "for", \.replay.seconds, in: 1...FlagBounds.sendSecondsMax, subject: "how long to send",
      example: "10m", help: "The longest time that anything is sent."),
  ]
}

extension FlagBounds {
  static let recordSecondsMax = 7 * 86_400
  /// The head of a file and some datagrams.
  static let recordBytesMin = 1_000
  static let recordBytesMax = 1 << 40
  static let replayLoopsMax = 1_000_000
}
