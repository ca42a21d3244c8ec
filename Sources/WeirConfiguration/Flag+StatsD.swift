extension Flag {
  /// The flags of how datagrams are received.
  static let statsd: [Flag] = [
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
        Receive buffer to request from the kernel for each UDP socket: a number of bytes, or one \
        with KiB, MiB, GiB, KB, MB or GB. 0 keeps the kernel's default.
        """,
      shown: ByteCount.text, parse: readBuffer),
    .number(
      "statsd.receivers", "COUNT", \.statsd.receivers,
      help: """
        UDP sockets for each address, up to \(FlagBounds.receiversMax). \
        0 means half of the machine's cores, from 1 to \(FlagBounds.receiversByDefaultMax).
        """,
      shown: { "\($0)" }, parse: receivers),
    .number(
      "statsd.gather", "DURATION", \.statsd.gatherMilliseconds,
      help: """
        How long a datagram may wait for others, so that one wake-up serves many, up to \
        \(TimeSpan.text(milliseconds: FlagBounds.gatherMillisecondsMax)). It never waits longer \
        than a flood takes to fill the receive buffer, 26ms for 16MiB. 0 turns waiting off.
        """,
      shown: TimeSpan.text(milliseconds:), parse: gather),
    .toggle(
      "statsd.gro", \.statsd.receivesSegments,
      help: """
        Let the kernel deliver several datagrams in one piece (UDP_GRO). The kernel counts a lost \
        piece as one datagram, so losses appear smaller than they are.
        """),
    .texts(
      "statsd.allow", "[ADDRESS=]CIDR", \.statsd.allow,
      help: """
        Network that datagrams and connections may come from, such as 10.0.0.0/8 or fd00::/8; those \
        from elsewhere are dropped and counted. With an ADDRESS of --statsd.listen-udp or \
        --statsd.listen-tcp it applies to that listener only. Without this flag, every source is \
        accepted. It is not for Unix sockets, which have a mode.
        """,
      check: { _ in }),
    .path(
      "statsd.mapping-config", "FILE", \.statsd.mappingFile, emptyTurnsOff: true,
      help: """
        File of mapping rules, as statsd_exporter has them: names and labels of series, types, buckets, \
        lifetimes. It is loaded again when it changes. Rules are for lines, not for what is pushed. "" is \
        none.
        """),
    .toggle(
      "statsd.text", \.statsd.takesText,
      help: "Accept lines of text. Without, only the push protocol is accepted."),
  ]
}

private func readBuffer(_ value: String) throws(UsageError) -> Int? {
  guard let bytes = ByteCount.parse(value) else {
    throw UsageError(
      "--statsd.read-buffer: \(value.quoted) is not a number of bytes; "
        + "write one such as 16777216, 16MiB, or 0 for the kernel's default")
  }
  guard bytes <= FlagBounds.readBufferBytesMax else {
    throw UsageError(
      "--statsd.read-buffer: \(value.quoted) is more than the kernel can grant; "
        + "write \(ByteCount.text(FlagBounds.readBufferBytesMax)) or less")
  }
  return bytes
}

private func receivers(_ value: String) throws(UsageError) -> Int? {
  guard let count = Decimal.parse(value[...]), count <= FlagBounds.receiversMax else {
    throw UsageError(
      "--statsd.receivers: \(value.quoted) is not a number of sockets; "
        + "write 1 to \(FlagBounds.receiversMax), or 0 to choose by the machine's cores")
  }
  return count == 0 ? nil : count
}

private func gather(_ value: String) throws(UsageError) -> Int? {
  guard let milliseconds = TimeSpan.milliseconds(value),
    milliseconds <= FlagBounds.gatherMillisecondsMax
  else {
    throw UsageError(
      "--statsd.gather: \(value.quoted) is not a duration that a datagram can wait; write one up "
        + "to \(TimeSpan.text(milliseconds: FlagBounds.gatherMillisecondsMax)), such as 10ms, or 0")
  }
  return milliseconds
}
