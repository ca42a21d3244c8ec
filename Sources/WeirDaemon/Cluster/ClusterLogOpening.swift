import WeirCluster
import WeirConfiguration
import WeirNATS

/// Opens the log of NATS that the options name.
enum ClusterLogOpening {
  /// How long a start waits for servers that do not answer, or have no leader yet.
  static let milliseconds = 30_000

  /// Nil where this Weir is no node of a cluster.
  static func open(_ options: Options.Cluster) -> ClusterStart.Open? {
    guard options.isEnabled else { return nil }
    return { metadata throws(LogFailure) in
      let urls = options.servers.flatMap { $0.split(separator: ",") }.map(String.init)
      var settings = try NATSSettings(servers: urls, name: options.name)
      settings.credentialsFile = options.credentialsFile
      settings.caFile = options.caFile
      settings.certificateFile = options.certificateFile
      settings.keyFile = options.keyFile
      settings.replicas = options.replicas
      settings.logBytesMax = options.logBytesMax
      let setup = try NATSSetup(settings, metadata: metadata, milliseconds: milliseconds)
      return ClusterStart.Opened(
        log: setup.log, store: setup.store, stream: settings.streamName,
        servers: settings.servers.map(\.shown).joined(separator: ", "))
    }
  }
}
