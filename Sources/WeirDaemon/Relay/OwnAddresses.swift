import WeirBytes
import WeirConfiguration
import WeirSockets

/// The addresses and paths at which this Weir receives datagrams, so that it relays none to itself, also after
/// a name has got another address.
final class OwnAddresses: Sendable {
  private let names = Locked<[SocketName]>([])

  func set(_ listeners: [SocketName]) { names.withLock { $0 = listeners } }

  /// What connects to an address, each time it is called. It may block while a name is resolved.
  func connector(to address: RelayAddress) -> LineRelayTarget.Connect {
    switch address {
    case .unix(let path):
      return {
        let own = self.names.withLock { $0 }
        guard OwnAddresses.first(of: own, at: path) == nil else {
          throw LineRelayAddressError.ownPath
        }
        return try DatagramSender.connect(toUnix: path)
      }
    case .udp(let text):
      return {
        guard let peer = try? ListenAddress.resolve(text).first else {
          throw LineRelayAddressError.unknown
        }
        let own = self.names.withLock { $0 }
        guard OwnAddresses.first(of: own, receiving: peer) == nil else {
          throw LineRelayAddressError.own
        }
        return try DatagramSender.connect(to: peer)
      }
    }
  }

  /// The first of the listeners that receives what is relayed to an address, as it is resolved now.
  static func first(of listeners: [SocketName], receiving address: RelayAddress) -> SocketName? {
    switch address {
    case .unix(let path): return first(of: listeners, at: path)
    case .udp(let text):
      let peers = (try? ListenAddress.resolve(text)) ?? []
      for peer in peers {
        if let own = first(of: listeners, receiving: peer) { return own }
      }
      return nil
    }
  }

  /// The first of the listeners that receives what is sent to a peer.
  private static func first(
    of listeners: [SocketName], receiving peer: SocketAddress
  ) -> SocketName? {
    // What is sent to every address goes to loopback.
    let loopback: SocketAddress? =
      peer == .any4(port: peer.port)
      ? .loopback(port: peer.port)
      : peer == .any6(port: peer.port) ? .loopback6(port: peer.port) : nil
    return listeners.first { name in
      guard let listener = name.address else { return false }
      return listener.receives(peer) || loopback.map(listener.receives) ?? false
    }
  }

  /// The first of the listeners whose socket is at a path.
  private static func first(of listeners: [SocketName], at path: String) -> SocketName? {
    listeners.first { name in
      guard case .path(let own) = name else { return false }
      return UnixPath.areSame(own, path)
    }
  }
}

/// Why a target can't be connected to, as a sentence.
enum LineRelayAddressError: String, Error, CustomStringConvertible {
  case unknown = "its host has no address"
  case own = "its host is this machine now, and the address one at which this Weir itself receives"
  case ownPath = "its path is one at which this Weir itself receives"

  var description: String { rawValue }
}
