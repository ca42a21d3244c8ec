import WeirCluster

/// Which servers there are, how to be let in, and what a cluster keeps there.
package struct NATSSettings: Sendable {
  /// At least one. They are tried in random order.
  package var servers: [NATSServer]
  /// A file with a JWT and a seed (`.creds`).
  package var credentialsFile: String?
  /// A file of certificates that servers are checked against, beside the system's.
  package var caFile: String?
  /// The client's own certificate and its key, if servers ask for one.
  package var certificateFile: String?
  package var keyFile: String?
  /// The cluster's name: 1 to 32 letters, digits, `_` and `-`.
  package let name: String
  /// On how many servers messages and states are kept: 1, 3 or 5.
  package var replicas = 1
  /// What all messages of the log may take, in bytes.
  package var logBytesMax = 1 << 30
  /// What all states may take, in bytes: a quarter of the log, so that who makes the log smaller needs less room for
  /// both. `NATSSettings.storeBytesMin` at least.
  package var storeBytesMax: Int {
    get { storeBytesAsked ?? max(NATSSettings.storeBytesMin, logBytesMax / 4) }
    set { storeBytesAsked = newValue }
  }
  private var storeBytesAsked: Int?
  /// What servers show as the name of this client.
  package var clientName = "weir"

  package static let storeBytesMin = 16 << 20
  /// The most bytes of a message.
  package static let messageBytesMax = 1 << 20
  /// The least version of the servers. Older ones have lost the order of messages when a leader ended.
  package static let versionMin = NATSVersion(major: 2, minor: 12, patch: 0)

  /// - Throws: `.unusable` with a sentence.
  package init(servers urls: [String], name: String) throws(LogFailure) {
    var servers: [NATSServer] = []
    for url in urls { servers.append(try NATSServer(url)) }
    guard !servers.isEmpty else { throw .unusable("Name at least one NATS server.") }
    guard (1...32).contains(name.utf8.count), name.utf8.allSatisfy(NATSSettings.isOfName) else {
      throw .unusable(
        "The name of a cluster has 1 to 32 letters of a to z and A to Z, digits, _ and -.")
    }
    self.servers = servers
    self.name = name
  }

  private static func isOfName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  package var streamName: String { "weir_\(name)" }
  package var subject: String { "weir.\(name).log" }
  package var bucket: String { "weir_\(name)" }
  package var bucketStream: String { "OBJ_\(bucket)" }

  func link(to server: NATSServer) -> NATSLink.Settings {
    var link = NATSLink.Settings(url: server.shown, clientName: clientName)
    link.certifiedName = server.isTLS ? server.host : nil
    link.user = server.user
    link.password = server.password
    link.token = server.token
    link.credentialsFile = credentialsFile
    if server.isTLS {
      link.caFile = caFile
      link.certificateFile = certificateFile
      link.keyFile = keyFile
    }
    return link
  }
}

/// The version of a server: `2.15.1`, `2.12.0-RC.1`.
package struct NATSVersion: Sendable, Comparable, CustomStringConvertible {
  package let major: Int
  package let minor: Int
  package let patch: Int

  package init(major: Int, minor: Int, patch: Int) {
    self.major = major
    self.minor = minor
    self.patch = patch
  }

  /// Nil if the text does not begin with two or three numbers.
  package init?(_ text: String) {
    let release = text.drop { $0 == "v" }.prefix { $0 != "-" && $0 != "+" }
    let parts = release.split(separator: ".", omittingEmptySubsequences: false)
    let numbers = parts.map { UInt16($0).map { Int($0) } }
    guard (2...3).contains(parts.count), let major = numbers[0], let minor = numbers[1],
      let patch = parts.count == 3 ? numbers[2] : 0
    else { return nil }
    self.init(major: major, minor: minor, patch: patch)
  }

  package static func < (left: NATSVersion, right: NATSVersion) -> Bool {
    (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
  }

  package var description: String { "\(major).\(minor).\(patch)" }
}
