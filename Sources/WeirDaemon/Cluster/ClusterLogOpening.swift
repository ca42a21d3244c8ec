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
      let settings = try settings(options)
      return opened(
        try NATSSetup(settings, metadata: metadata, milliseconds: milliseconds), settings)
    }
  }

  /// What commands do with the log.
  static func access(_ options: Options.Cluster) -> ClusterAccess {
    ClusterAccess(
      open: { metadata throws(LogFailure) in
        let settings = try settings(options)
        let setup = try NATSSetup(settings, metadata: metadata, milliseconds: milliseconds)
        return (opened(setup, settings), setup.isNewLog)
      },
      remove: { () throws(LogFailure) in
        try NATSSetup(try settings(options), metadata: nil, milliseconds: milliseconds)
          .removeLog(milliseconds: milliseconds)
      })
  }

  private static func settings(_ options: Options.Cluster) throws(LogFailure) -> NATSSettings {
    let urls = options.servers.flatMap { $0.split(separator: ",") }.map(String.init)
    var settings = try NATSSettings(servers: urls, name: options.name)
    settings.credentialsFile = options.credentialsFile
    settings.caFile = options.caFile
    settings.certificateFile = options.certificateFile
    settings.keyFile = options.keyFile
    settings.replicas = options.replicas
    settings.logBytesMax = options.logBytesMax
    return settings
  }

  private static func opened(_ setup: NATSSetup, _ settings: NATSSettings) -> ClusterStart.Opened {
    ClusterStart.Opened(
      log: setup.log, store: setup.store, stream: settings.streamName,
      servers: settings.servers.map(\.shown).joined(separator: ", "),
      doubtMilliseconds: settings.replicas > 1 ? NATSLog.doubtMilliseconds : 0)
  }
}
