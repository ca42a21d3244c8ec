import WeirAggregation
import WeirBytes
import WeirCluster

/// What the metadata of a log say: what all nodes must agree about.
struct ClusterRecord: Sendable {
  /// What the view is before the first message.
  enum Begin: Sendable, Equatable {
    case empty
    /// A state is in the store, with the sequence 0.
    case state
    /// A state is to be put there, by `weir cluster seed` or by the named node. Until then nobody may begin.
    case waiting(for: String)

    var text: String {
      switch self {
      case .empty: "empty"
      case .state: "state"
      case .waiting(let name): "waiting \(name)"
      }
    }

    init?(_ text: String) {
      switch text {
      case "empty": self = .empty
      case "state": self = .state
      default:
        guard text.hasPrefix("waiting ") else { return nil }
        self = .waiting(for: String(text.dropFirst(8)))
      }
    }
  }

  /// Who `weir cluster seed` is in `waiting`. No node can have this name.
  static let seeder = "weir cluster seed"

  private static let formatKey = "weir.format"
  private static let secretKey = "weir.key"
  private static let optionsKey = "weir.options"
  private static let beforeKey = "weir.options.before"
  private static let beginKey = "weir.begin"

  /// The form of the messages that nodes write.
  var format = ClusterFormat.version
  /// The key of the fingerprints.
  var key = KeyStream()
  var options: ClusterOptions
  /// With which nodes may still start, because the options were changed.
  var before: ClusterOptions?
  var begin = Begin.empty

  init(_ options: ClusterOptions) { self.options = options }

  /// - Throws: A sentence where no Weir has made the log, or one of another version.
  init(_ metadata: [String: String], stream: String) throws(StartError) {
    let written = ShownText.of(metadata[ClusterRecord.formatKey] ?? "none")
    guard let format = ClusterRecord.format(in: metadata), ClusterFormat.writable.contains(format)
    else {
      throw StartError(
        description:
          "--cluster.nats: stream \(stream) has format \(written), and this Weir writes "
          + "\(ClusterFormat.version); use another --cluster.name, or the Weir that made the stream"
      )
    }
    let words = (metadata[ClusterRecord.secretKey] ?? "").split(separator: " ")
      .compactMap { UInt64($0) }
    guard words.count == 2, let begin = Begin(metadata[ClusterRecord.beginKey] ?? "empty") else {
      throw StartError(
        description:
          "--cluster.nats: stream \(stream) was not made by a Weir; use another --cluster.name")
    }
    self.format = format
    key = KeyStream(state: words[0], salt: words[1])
    options = ClusterOptions(text: metadata[ClusterRecord.optionsKey] ?? "")
    before = metadata[ClusterRecord.beforeKey].map { ClusterOptions(text: $0) }
    self.begin = begin
  }

  /// The form of the messages that nodes of a log write; nil if it does not say so.
  static func format(in metadata: [String: String]) -> UInt8? {
    metadata[formatKey].flatMap { UInt8($0) }
  }

  var metadata: [String: String] {
    var metadata = [
      ClusterRecord.formatKey: "\(format)",
      ClusterRecord.secretKey: "\(key.state) \(key.salt)",
      ClusterRecord.optionsKey: options.text,
      ClusterRecord.beginKey: begin.text,
    ]
    metadata[ClusterRecord.beforeKey] = before?.text
    return metadata
  }

  /// Whether states with these options are of this cluster, and nodes with them may start.
  func accepts(_ other: ClusterOptions) -> Bool { other == options || other == before }

  /// - Throws: A sentence where a node with these options may not start.
  func check(_ own: ClusterOptions) throws(StartError) {
    guard !accepts(own) else { return }
    throw StartError(
      description:
        "--cluster.nats: the nodes of this cluster run with \(options), and this one with \(own); give all "
        + "nodes the same, or change those of the cluster with weir cluster options")
  }
}
