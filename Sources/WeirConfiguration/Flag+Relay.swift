extension Flag {
  /// The flags of the relay.
  static let relay: [Flag] = [
    .texts(
      "statsd.relay.address", "ADDRESS", \.relay.addresses, emptyTurnsOff: true,
      help: """
        Also pass on each line as it came, whether it is valid or not, to HOST:PORT by UDP, or to the Unix \
        datagram socket unixgram:///PATH. "" turns it off.
        """,
      check: { value throws(UsageError) in _ = try RelayAddress(value) }),
    .bytes(
      "statsd.relay.packet-length", \.relay.packetBytes, from: FlagBounds.relayPacketBytesMin,
      upTo: FlagBounds.relayPacketBytesMax,
      help: """
        Most bytes of a relayed packet. Lines are packed until it is full, or for a second. A longer line \
        is counted here and not relayed.
        """),
  ]
}

extension FlagBounds {
  /// A byte with its newline.
  static let relayPacketBytesMin = 2

  /// The largest payload of a UDP datagram.
  static let relayPacketBytesMax = 65_507
}
