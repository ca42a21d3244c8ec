import WeirBytes
import WeirCluster
import WeirClusterView

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

  /// Why a state can't be used.
  static func of(_ error: any Error) -> String {
    guard let refusal = error as? ClusterView.StateRefusal else {
      let text = "\(error)"
      return text.hasSuffix(".") ? String(text.dropLast()) : text
    }
    switch refusal {
    case .foreign: return "it is of another log or of other options"
    case .damaged(let sentence): return sentence
    case .incomplete(let loss):
      return
        "\(loss.series) of its series and \(loss.instances) of its instances do not fit under these limits"
    }
  }

  /// What of a state does not fit; nil if all does.
  static func lost(_ loss: ClusterLoss) -> String? {
    guard loss != ClusterLoss() else { return nil }
    return "\(CountText.counted(loss.series, "series", "series")) and "
      + "\(CountText.counted(loss.instances, "instance")) do not fit under these options, and are left out"
  }

  static func waiting(_ name: String) -> String {
    name == ClusterRecord.seeder
      ? "the log waits for the state of weir cluster seed; run it again"
      : "the log waits for the state of node \(ShownText.of(name)), as weir cluster reset has said; start this node "
        + "again when that node runs"
  }

  static func rebuilt(_ cause: String) -> String {
    "the options of the cluster were changed, and the state that goes on with them could not be loaded: \(cause); "
      + "restart this node"
  }

  static func noState(_ first: UInt64, _ cause: String) -> String {
    "the log begins with message \(first), and no state that goes on from there could be loaded: \(cause); "
      + "if the log was lost, run weir cluster reset --from=NODE"
  }

  static func silent(seconds: UInt64, stream: String) -> String {
    "this node has read nothing from stream \(stream) of NATS for \(seconds) s; the stream has no leader, or its "
      + "server is cut off from the others"
  }

  static func full(stream: String) -> String {
    "stream \(stream) of NATS is full, and takes in no marker; nodes store a state to make room, and if that does not "
      + "help, make it larger and give all nodes the same --cluster.log-size"
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
