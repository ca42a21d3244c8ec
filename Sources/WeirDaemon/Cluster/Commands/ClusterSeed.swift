import WeirBytes
import WeirCluster
import WeirClusterView
import WeirState

/// `weir cluster seed`: begins a cluster with the state of a single Weir.
enum ClusterSeed {
  /// - Returns: What to print.
  static func run(
    _ access: ClusterAccess, from path: String, _ options: ClusterOptions
  ) throws -> String {
    let directory = try StateDirectory.open(path)
    guard let bytes = try directory.read() else {
      throw StartError(
        description: "\(path): there is no state; --state.dir is that of a Weir that has ended")
    }
    let saved: ClusterView.Saved
    do {
      saved = try ClusterView.Saved(bytes)
    } catch {
      throw StartError(description: "\(path): \(ClusterSentence.of(error))")
    }
    var record = ClusterRecord(options)
    (record.key, record.begin) = (saved.key, .waiting(for: ClusterRecord.seeder))
    let (opened, isNew) = try access.open(record.metadata)
    defer { opened.log.close() }
    let bounds = try opened.log.bounds(milliseconds: ClusterAccess.milliseconds)
    let found = try ClusterRecord(bounds.metadata, stream: opened.stream)
    guard isNew || found.begin == .waiting(for: ClusterRecord.seeder) && bounds.last == 0 else {
      throw StartError(
        description:
          "stream \(opened.stream) is there already, and a cluster can be seeded only once; remove the "
          + "stream, or use another --cluster.name")
    }
    var loss = ClusterLoss()
    let begun = try ClusterBeginning(
      log: opened.log, states: ClusterStates(opened.store, directory: nil), stream: opened.stream
    ).put(saved, options, bounds, found, &loss)
    var lines = [
      "\(opened.stream) begins with \(CountText.counted(begun.series, "series", "series"))"
    ]
    if let sentence = ClusterSentence.lost(loss) { lines.append(sentence) }
    if saved.hasMoreThanSeries {
      lines.append(
        "pushed groups and what was told to CloudWatch are left out, because a cluster has neither")
    }
    return lines.joined(separator: "\n")
  }
}
