extension Flag {
  /// The flags of connections and Unix sockets that lines come over.
  static let inputs: [Flag] = [
    .texts(
      "statsd.listen-tcp", "ADDRESS", \.statsd.listenTCP, emptyTurnsOff: true,
      help: """
        TCP address to take lines on, as HOST:PORT or [IPV6]:PORT. "" turns it off.
        """,
      check: { _ in }),
    .texts(
      "statsd.listen-unixgram", "PATH", \.statsd.listenUnixgram, emptyTurnsOff: true,
      help: """
        Path of a Unix datagram socket to receive on, which is made, and removed at the end. \
        "" turns it off.
        """,
      check: { value throws(UsageError) in try checkPath("statsd.listen-unixgram", value) }),
    .texts(
      "statsd.listen-unix", "PATH", \.statsd.listenUnix, emptyTurnsOff: true,
      help: """
        Path of a Unix stream socket to take DogStatsD's length-prefixed payloads on. \
        "" turns it off.
        """,
      check: { value throws(UsageError) in try checkPath("statsd.listen-unix", value) }),
    .number(
      "statsd.unixsocket-mode", "MODE", \.statsd.unixSocketMode,
      help: """
        Permissions of the Unix sockets' files, in octal. Those who may write to a file may send: with \
        755 only the user that runs Weir, with 777 everybody.
        """,
      shown: { String($0, radix: 8) }, parse: mode),
    .count(
      "limit.tcp-connections", \.statsd.connectionsMax, of: "connections",
      upTo: FlagBounds.connectionsMax,
      help: """
        Connections that all listeners of --statsd.listen-tcp and --statsd.listen-unix together may \
        have open; further ones are closed and counted.
        """),
    .seconds(
      "statsd.tcp-idle-timeout", \.statsd.idleSeconds, in: FlagBounds.idleSeconds,
      zero: "for as long as they like", subject: "a time that a connection may be idle",
      example: "10m",
      help: """
        How long such a connection may be open without sending anything. 0 closes none.
        """),
  ]

  private static func checkPath(_ flag: String, _ value: String) throws(UsageError) {
    guard !value.utf8.contains(0), value.utf8.count <= FlagBounds.unixPathBytesMax else {
      throw UsageError(
        "--\(flag): \(value.quoted) is not the path of a Unix socket; write one of at most "
          + "\(FlagBounds.unixPathBytesMax) bytes")
    }
  }
}

private func mode(_ value: String) throws(UsageError) -> Int? {
  let isOctal = !value.isEmpty && value.utf8.allSatisfy { (0x30...0x37).contains($0) }
  guard isOctal, value.utf8.count <= 8, let mode = Int(value, radix: 8), mode <= 0o777 else {
    throw UsageError(
      "--statsd.unixsocket-mode: \(value.quoted) is not a mode; write three octal digits, "
        + "such as 755 or 770")
  }
  return mode
}
