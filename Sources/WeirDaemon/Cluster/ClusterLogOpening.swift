import WeirCluster
import WeirConfiguration

/// Opens the log of NATS that the options name.
enum ClusterLogOpening {
  /// Nil where this Weir is no node of a cluster.
  static func open(_ options: Options.Cluster) -> ClusterStart.Open? { nil }
}
