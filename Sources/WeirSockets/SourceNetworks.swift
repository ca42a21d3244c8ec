// Safety: inet_pton(3) fills a local array that is large enough for both families.

import Glibc

/// The networks from which datagrams are accepted.
package struct SourceNetworks: Sendable, Equatable {
  /// An address and the mask of its prefix, such as `10.0.0.0/8` or `fd00::/8`.
  private struct Network: Sendable, Equatable {
    let family: SocketAddress.Family
    let high: UInt64
    let low: UInt64
    let highMask: UInt64
    let lowMask: UInt64
  }

  private var networks: [Network] = []

  package init() {}

  package var isEmpty: Bool { networks.isEmpty }

  /// Adds a network in CIDR notation; an address without a prefix length is a network of one
  /// address.
  ///
  /// - Throws: `SourceNetworkError` with what is wrong and what to write instead.
  package mutating func add(_ text: String) throws(SourceNetworkError) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = SocketAddress(numericHost: String(parts[0])) else {
      throw SourceNetworkError(
        description: "\"\(text)\" is not a network; write for example 10.0.0.0/8 or fd00::/8")
    }
    let width = address.family == .ipv4 ? 32 : 128
    var length = width
    if parts.count == 2 {
      guard parts[1].allSatisfy({ "0"..."9" ~= $0 }), let number = Int(parts[1]), number <= width
      else {
        throw SourceNetworkError(
          description: "\"\(text)\" has an invalid prefix length; use a number from 0 to \(width)")
      }
      length = number
    }
    let network = SourceNetworks.network(address, prefixLength: length)
    guard network.high == address.high, network.low == address.low else {
      let right = SocketAddress(
        family: address.family, port: 0, high: network.high, low: network.low)
      throw SourceNetworkError(
        description: "\"\(text)\" has host bits set; write \(right.host)/\(length)")
    }
    networks.append(network)
  }

  /// Whether an address is in one of the networks. IPv4-mapped IPv6 addresses count as IPv4.
  ///
  /// - Complexity: O(networks).
  package func contains(_ address: SocketAddress) -> Bool {
    let address = address.unmapped
    return networks.contains { network in
      network.family == address.family && network.high == address.high & network.highMask
        && network.low == address.low & network.lowMask
    }
  }

  private static func network(_ address: SocketAddress, prefixLength length: Int) -> Network {
    precondition((0...(address.family == .ipv4 ? 32 : 128)).contains(length), "invalid prefix")
    let lowLength = address.family == .ipv4 ? length + 32 : max(0, length - 64)
    let highLength = address.family == .ipv4 ? 0 : min(64, length)
    let highMask = highLength == 0 ? 0 : UInt64.max << UInt64(64 - highLength)
    let lowMask = lowLength == 0 ? 0 : UInt64.max << UInt64(64 - lowLength)
    return Network(
      family: address.family, high: address.high & highMask, low: address.low & lowMask,
      highMask: highMask, lowMask: lowMask)
  }
}

extension SocketAddress {
  /// An address as it is written, with port 0; nil if the text is none. An IPv4-mapped one becomes IPv4.
  package init?(numericHost text: String) {
    var bytes = [UInt8](repeating: 0, count: 16)
    if unsafe inet_pton(AF_INET, text, &bytes) == 1 {
      self = .ipv4(bytes[0], bytes[1], bytes[2], bytes[3], port: 0)
      return
    }
    guard unsafe inet_pton(AF_INET6, text, &bytes) == 1 else { return nil }
    let words = [bytes[..<8], bytes[8...]].map { $0.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
    self = SocketAddress(family: .ipv6, port: 0, high: words[0], low: words[1]).unmapped
  }

  /// Whether only this machine can reach it: 127.0.0.0/8, `::1`, and the former as IPv4-mapped addresses.
  package var isLoopback: Bool {
    let address = unmapped
    return address.family == .ipv4
      ? address.low >> 24 == 127 : address == .loopback6(port: address.port)
  }
}

/// Why a text is not a network, as a sentence for the operator.
package struct SourceNetworkError: Error, Equatable, CustomStringConvertible {
  package let description: String
}
