import WeirConfiguration

/// Where `weir send` sends to.
enum SendTarget: Equatable, CustomStringConvertible {
  /// `HOST:PORT`, by UDP.
  case udp(String)
  /// The path of a Unix datagram socket.
  case unix(String)

  var description: String {
    switch self {
    case .udp(let address): address
    case .unix(let path): path
    }
  }

  /// Whether an operand is an address. No line is, because a line has a `|`.
  static func isAddress(_ operand: String) -> Bool {
    !operand.contains("|") && (isRelativePath(operand) || (try? RelayAddress(operand)) != nil)
  }

  private static func isRelativePath(_ operand: String) -> Bool {
    operand.hasPrefix("./") || operand.hasPrefix("../")
  }

  /// - Precondition: `isAddress(operand)`
  init(operand: String) {
    if SendTarget.isRelativePath(operand) {
      self = .unix(operand)
      return
    }
    guard let address = try? RelayAddress(operand) else {
      preconditionFailure("the operand is not an address")
    }
    switch address {
    case .udp(let text): self = .udp(text)
    case .unix(let path): self = .unix(path)
    }
  }

  /// Where a Weir with these flags receives, on this machine.
  init(_ options: Options.StatsD) throws(UsageError) {
    if let address = options.listenUDP.first {
      self = .udp(SendTarget.reachable(address))
    } else if let path = options.listenUnixgram.first {
      self = .unix(path)
    } else {
      throw UsageError(
        "send: these flags turn UDP off, so write the address before the lines, such as "
          + "127.0.0.1:8125")
    }
  }

  /// The address at which this machine reaches what listens at `address`.
  static func reachable(_ address: String) -> String {
    guard let colon = address.lastIndex(of: ":") else { return address }
    let host = address[..<colon]
    return ["", "0.0.0.0", "[::]"].contains(host) ? "127.0.0.1\(address[colon...])" : address
  }
}
