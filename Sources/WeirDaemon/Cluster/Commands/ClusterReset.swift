import WeirCluster

/// `weir cluster reset`: begins the log again with what a node has.
enum ClusterReset {
  /// Nodes that run write a message each second.
  private static let quiet = Duration.seconds(3)
  private static let patience = Duration.seconds(60)
  private static let pause = Duration.milliseconds(500)

  /// - Returns: What to print.
  static func run(
    _ access: ClusterAccess, from node: String, quiet: Duration = quiet,
    patience: Duration = patience
  ) async throws -> String {
    var record = ClusterRecord(ClusterOptions(text: ""))
    record.begin = .waiting(for: node)
    var (opened, isNew) = try access.open(record.metadata)
    if !isNew {
      // A leader that is cut off goes on answering with an old end, but it stores nothing.
      try ClusterChange.post({ _ in }, opened.log, format: ClusterFormat.version)
      let before = try opened.log.bounds(milliseconds: ClusterAccess.milliseconds)
      try await Task.sleep(for: quiet)
      let after = try opened.log.bounds(milliseconds: ClusterAccess.milliseconds)
      opened.log.close()
      guard before.last == after.last, before.identity == after.identity else {
        throw StartError(
          description:
            "nodes write into stream \(opened.stream), so that nothing is to be reset; stop them first if "
            + "it must be")
      }
      try access.remove()
      (opened, isNew) = try access.open(record.metadata)
      guard isNew else {
        throw StartError(
          description:
            "another node has made stream \(opened.stream) meanwhile; run the command again")
      }
    }
    defer { opened.log.close() }
    let end = ContinuousClock.now + patience
    while ContinuousClock.now < end {
      let bounds = try opened.log.bounds(milliseconds: ClusterAccess.milliseconds)
      if try ClusterRecord(bounds.metadata, stream: opened.stream).begin == .state {
        return "\(opened.stream) begins again with what node \(node) has shown"
      }
      try await Task.sleep(for: pause)
    }
    throw StartError(
      description:
        "no node \(node) has brought its state yet; names are in /debug/cluster, and a node that is started "
        + "with its --state.dir brings it at its start")
  }
}
