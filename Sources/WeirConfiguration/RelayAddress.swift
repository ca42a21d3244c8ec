/// Where lines are relayed to: `--statsd.relay.address`.
package enum RelayAddress: Sendable, Equatable {
  /// `HOST:PORT`, by UDP; a name is resolved by the sockets.
  case udp(String)
  /// The path of a Unix datagram socket.
  case unix(String)

  /// The longest path that the kernel takes, in bytes.
  static let pathBytesMax = 107

  /// - Throws: One sentence for the operator.
  package init(_ text: String) throws(UsageError) {
    let scheme = "unixgram://"
    let path = text.hasPrefix(scheme) ? String(text.dropFirst(scheme.count)) : text
    if text.hasPrefix(scheme) || text.contains("/") {
      guard path.hasPrefix("/"), !path.utf8.contains(0),
        path.utf8.count <= RelayAddress.pathBytesMax
      else {
        throw UsageError(
          "--statsd.relay.address: \(text.quoted) is not the path of a socket; write one from / on, of at "
            + "most \(RelayAddress.pathBytesMax) bytes, such as unixgram:///run/statsd.sock")
      }
      self = .unix(path)
      return
    }
    guard let colon = text.lastIndex(of: ":"),
      text.hasPrefix("[") || !text[..<colon].contains(":"),
      let port = UInt16(text[text.index(after: colon)...]), port > 0
    else {
      throw UsageError(
        "--statsd.relay.address: \(text.quoted) is neither HOST:PORT nor the path of a socket; write for "
          + "example statsd.example:8125 or unixgram:///run/statsd.sock")
    }
    // Without a host, this machine is meant.
    self = .udp(colon == text.startIndex ? "127.0.0.1\(text)" : text)
  }
}

extension Options {
  /// Where lines are passed on to as they came: `--statsd.relay.*`.
  package struct Relay: Sendable, Equatable {
    /// Each as `RelayAddress` reads it; empty where nothing is relayed.
    package var addresses: [String] = []
    /// The most bytes of a packet.
    package var packetBytes = 1_400

    package init() {}
  }
}
