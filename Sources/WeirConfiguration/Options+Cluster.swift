extension Options {
  /// Whether this Weir is a node of a cluster: `--cluster.*`.
  package struct Cluster: Sendable, Equatable {
    /// How a scrape is answered.
    package enum Read: String, Sendable, CaseIterable {
      /// With all that any scrape before it has shown.
      case log
      /// With what this node has applied, also while it can't know whether that is all.
      case local
    }

    /// `--cluster.nats`: servers of NATS, as written; empty without a cluster.
    package var servers: [String] = []
    package var name = "weir"
    /// The name of this node; empty for that of the machine.
    package var node = ""
    package var credentialsFile: String?
    package var caFile: String?
    package var certificateFile: String?
    package var keyFile: String?
    package var replicas = 3
    package var barrierMilliseconds = 2_000
    package var read = Read.log
    package var logBytesMax = 4 << 30

    package var isEnabled: Bool { !servers.isEmpty }
  }
}
