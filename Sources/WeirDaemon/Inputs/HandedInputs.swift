// Safety: getenv(3) returns a terminated string, which is copied before anything else is called.

import Glibc
import WeirConfiguration
import WeirSockets

/// The sockets that the process which started Weir has handed over, by what they are for. Those of a kind
/// take the place of the listeners of that kind.
struct HandedInputs: Sendable {
  var udp: [HandedSocket] = []
  var tcp: [HandedSocket] = []
  var unixgram: [HandedSocket] = []
  var unix: [HandedSocket] = []
  var web: [HandedSocket] = []

  /// What a socket's descriptor is called that is for the web server.
  static let webLabel = "web"
  /// The same for StatsD.
  static let statsdLabel = "statsd"

  /// None.
  init() {}

  /// - Throws: `StartError` if it is unclear what a socket is to receive.
  init(_ sockets: [HandedSocket]) throws(StartError) {
    for socket in sockets {
      let isWeb = socket.label == Self.webLabel
      switch socket.kind {
      case .tcp where isWeb: web.append(socket)
      case .tcp where socket.label == Self.statsdLabel: tcp.append(socket)
      case .tcp:
        throw StartError(
          description: "the TCP socket \(socket.name), which was handed over, is called "
            + "\"\(socket.label)\"; set FileDescriptorName=\(Self.webLabel) for scrapes, or "
            + "FileDescriptorName=\(Self.statsdLabel) for lines")
      case .udp, .unixgram, .unix:
        if isWeb {
          throw StartError(
            description: "the socket \(socket.name), which was handed over, is called "
              + "\"\(Self.webLabel)\", and scrapes are served over TCP only; set "
              + "FileDescriptorName=\(Self.statsdLabel)")
        }
        switch socket.kind {
        case .udp: udp.append(socket)
        case .unixgram: unixgram.append(socket)
        default: unix.append(socket)
        }
      }
    }
  }

  /// Those of this process's environment.
  static func fromEnvironment() throws(StartError) -> HandedInputs {
    let sockets = try startStep { () throws(HandedSocketError) in
      try HandedSocket.all { name in
        unsafe getenv(name).map { unsafe String(cString: $0) }
      }
    }
    return try HandedInputs(sockets)
  }

  /// Takes the listeners out of the options whose place a socket takes.
  func replaceListeners(of options: inout Options) {
    if !udp.isEmpty { options.statsd.listenUDP = [] }
    if !tcp.isEmpty { options.statsd.listenTCP = [] }
    if !unixgram.isEmpty { options.statsd.listenUnixgram = [] }
    if !unix.isEmpty { options.statsd.listenUnix = [] }
    if !web.isEmpty { options.web.listenAddresses = [] }
  }

  /// The sockets that lines come in by.
  var statsd: [HandedSocket] { udp + tcp + unixgram + unix }

  /// The UDP sockets of each address, in the order in which they were handed over.
  var udpByAddress: [[HandedSocket]] {
    var groups: [[HandedSocket]] = []
    for socket in udp {
      if let index = groups.firstIndex(where: { $0[0].name == socket.name }) {
        groups[index].append(socket)
      } else {
        groups.append([socket])
      }
    }
    return groups
  }
}
