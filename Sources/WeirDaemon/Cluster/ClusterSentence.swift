import WeirCluster

/// What a node says when it can't go on: one sentence with the cause, and the remedy.
enum ClusterSentence {
  static let replaced =
    "the stream of the cluster was removed, made again or went back, so that nobody knows which node has applied "
    + "most; choose a node, and run weir cluster reset --from=NODE"

  static let stopping = "this node is stopping"

  static func unreadable(_ refusal: ClusterMessageReader.Refusal, _ sequence: UInt64) -> String {
    switch refusal {
    case .newer(let version):
      "message \(sequence) of the log was written by a newer Weir, in version \(version); upgrade this node"
    case .unknown(let kind):
      "message \(sequence) of the log has an entry of kind \(kind), which a newer Weir wrote; upgrade this node"
    case .short: "message \(sequence) of the log can't be read"
    }
  }

  static func noState(_ first: UInt64, _ cause: String) -> String {
    "the log begins with message \(first), and no state that goes on from there could be loaded: \(cause)"
  }

  /// Why a scrape has no answer while the node is there.
  static func noMarker(
    _ seconds: Double, _ connection: LogConnection, servers: String, stream: String
  ) -> String {
    if !connection.isConnected {
      return "this node has no connection to NATS (\(servers)); it tries again"
    }
    return "the marker of this scrape did not come back from stream \(stream) of NATS at "
      + "\(connection.server ?? servers) within "
      + "\(seconds) s; the stream has no leader, or this node reads it too slowly"
  }
}
