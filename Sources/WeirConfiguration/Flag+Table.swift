extension Flag {
  /// Every flag of `weir`, in the order of `--help`. The parser and the help text know no other.
  static let all: [Flag] =
    [
      .request("help", .help, help: "Show this help and exit."),
      .request("version", .version, help: "Show the version and exit."),
    ] + statsd + observe + limit + series + push + web + log

  private static let statsd: [Flag] = [
    .texts(
      "statsd.listen-udp", "ADDRESS", \.statsd.listenUDP, emptyTurnsOff: true,
      help: """
        UDP address to receive StatsD datagrams on, as HOST:PORT or [IPV6]:PORT. \
        "" turns it off.
        """,
      check: { _ in }),
    .number(
      "statsd.read-buffer", "BYTES", \.statsd.readBufferBytes,
      help: """
        Receive buffer to ask of the kernel for each UDP socket: a number of bytes, or one with \
        KiB, MiB, GiB, KB, MB or GB. 0 leaves the kernel's default.
        """,
      shown: ByteCount.text, parse: readBuffer),
    .number(
      "statsd.receivers", "COUNT", \.statsd.receivers,
      help: """
        UDP sockets for each address, up to \(Limits.receiversMax). \
        0 stands for half of the machine's cores, from 1 to \(Limits.receiversByDefaultMax).
        """,
      shown: { "\($0)" }, parse: receivers),
    .number(
      "statsd.gather", "DURATION", \.statsd.gatherMilliseconds,
      help: """
        How long a datagram may wait for others, so that one wake-up serves many, up to \
        \(TimeSpan.text(milliseconds: Limits.gatherMillisecondsMax)); no longer than a flood takes \
        to fill the receive buffer, 26ms for 16MiB. 0 never waits.
        """,
      shown: TimeSpan.text(milliseconds:), parse: gather),
    .toggle(
      "statsd.gro", \.statsd.receivesSegments,
      help: """
        Let the kernel hand over datagrams in one piece (UDP_GRO) that came so. It counts a lost \
        piece as one datagram, so that losses show smaller than they are.
        """),
    .texts(
      "statsd.allow", "[ADDRESS=]CIDR", \.statsd.allow,
      help: """
        Network that datagrams may come from, such as 10.0.0.0/8 or fd00::/8; those from elsewhere are \
        dropped and counted. With an ADDRESS of --statsd.listen-udp it holds for that one. Where none is \
        given, everybody may send.
        """,
      check: { _ in }),
    .toggle(
      "statsd.text", \.statsd.takesText,
      help: "Take lines of text, and not the push protocol alone."),
    gaugeSign,
    .choice(
      "statsd.names", \.statsd.names,
      help: """
        What becomes of names of metrics and labels that are not [a-zA-Z_][a-zA-Z0-9_]*: each other \
        character becomes an underscore (classic), or they stay as sent (utf-8), which Prometheus \
        reads from version 3 on.
        """),
    .toggle(
      "statsd.parse-dogstatsd-tags", \.statsd.parsesDogStatsDTags,
      help: "Take DogStatsD tags for labels: name:1|c|#key:value."),
    .toggle(
      "statsd.parse-influxdb-tags", \.statsd.parsesInfluxDBTags,
      help: "Take InfluxDB tags for labels: name,key=value:1|c."),
    .toggle(
      "statsd.parse-librato-tags", \.statsd.parsesLibratoTags,
      help: "Take Librato tags for labels: name#key=value:1|c."),
    .toggle(
      "statsd.parse-signalfx-tags", \.statsd.parsesSignalFxTags,
      help: "Take SignalFx dimensions for labels: name[key=value]:1|c."),
    .toggle(
      "statsd.parse-graphite-tags", \.statsd.parsesGraphiteTags,
      help: "Take Graphite tags for labels: name;key=value:1|c."),
    .choice(
      "statsd.valueless-tags", \.statsd.valuelessTags,
      help: """
        What becomes of a tag without a value, such as red in name:1|c|#red: it is dropped and \
        counted (drop), or it becomes a label with the value true (true).
        """),
    containerIDLabel,
  ]

  private static let log: [Flag] = [
    .choice("log.level", \.log.level, help: "Log only events that matter at least this much."),
    .choice("log.format", \.log.format, help: "Form of a line of the log, on standard error."),
  ]
}

// What single flags accept.

private func readBuffer(_ value: String) throws(UsageError) -> Int? {
  guard let bytes = ByteCount.parse(value) else {
    throw UsageError(
      "--statsd.read-buffer: \(value.quoted) is not a number of bytes; "
        + "write one such as 16777216, 16MiB, or 0 for the kernel's default")
  }
  guard bytes <= Limits.readBufferBytesMax else {
    throw UsageError(
      "--statsd.read-buffer: \(value.quoted) is more than the kernel can grant; "
        + "write \(ByteCount.text(Limits.readBufferBytesMax)) or less")
  }
  return bytes
}

private func receivers(_ value: String) throws(UsageError) -> Int? {
  guard let count = Decimal.parse(value[...]), count <= Limits.receiversMax else {
    throw UsageError(
      "--statsd.receivers: \(value.quoted) is not a number of sockets; "
        + "write 1 to \(Limits.receiversMax), or 0 to choose by the machine's cores")
  }
  return count == 0 ? nil : count
}

private func gather(_ value: String) throws(UsageError) -> Int? {
  guard let milliseconds = TimeSpan.milliseconds(value),
    milliseconds <= Limits.gatherMillisecondsMax
  else {
    throw UsageError(
      "--statsd.gather: \(value.quoted) is not a duration that a sample can wait; write one up to "
        + "\(TimeSpan.text(milliseconds: Limits.gatherMillisecondsMax)), such as 10ms, or 0")
  }
  return milliseconds
}
