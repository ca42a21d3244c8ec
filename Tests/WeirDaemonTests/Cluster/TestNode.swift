import Testing
import WeirAggregation
import WeirBytes
import WeirCluster
import WeirConfiguration
import WeirMetrics
import WeirWire

@testable import WeirDaemon

/// A node of a cluster without sockets, on a log in memory that several nodes share.
final class TestNode: Sendable {
  struct NoNode: Error {}

  let log: MemoryLog
  let counting: Counting
  let cluster: Cluster
  private let task: Locked<Task<Void, Never>?> = Locked(nil)

  /// Those that every node has. The time of the log stands still, and tests may be slow: without the second one an
  /// instance would seem older than the log.
  static let flags = ["--cluster.nats=nats://log.example:4222", "--push.older-instances=count"]

  convenience init(
    _ stream: MemoryStream, _ store: MemoryStore = MemoryStore(), _ flags: String...
  ) throws {
    try self.init(stream, store, flags: flags)
  }

  init(
    _ stream: MemoryStream, _ store: MemoryStore, flags: [String],
    journal: Log = Log(level: .error, format: .logfmt)
  ) throws {
    let log = MemoryLog(stream)
    self.log = log
    let given = TestNode.flags + flags
    guard case .run(let options) = try Invocation.parse(given, cores: 1) else { throw NoNode() }
    counting = try Counting(
      options, flags: ChangedFlag.all(in: given, cores: 1),
      openLog: { metadata throws(LogFailure) in
        if try log.bounds(milliseconds: 0).metadata.isEmpty {
          try log.updateMetadata(metadata, milliseconds: 0)
        }
        return ClusterStart.Opened(
          log: log, store: store, stream: "weir_test", servers: "nats://log.example:4222")
      }, log: journal)
    guard let cluster = counting.cluster else { throw NoNode() }
    self.cluster = cluster
  }

  deinit { task.withLock { $0?.cancel() } }

  /// Runs until `stop`.
  func start() { task.withLock { $0 = Task { [cluster] in await cluster.run() } } }

  func stop() async {
    task.withLock { $0?.cancel() }
    await cluster.finish()
  }

  /// As after SIGKILL: nothing is written any more.
  func kill() {
    log.close()
    task.withLock { $0?.cancel() }
  }

  /// Counts lines of text, as a receiver does.
  func count(_ lines: String) { TestNode.count(lines, into: counting.aggregator) }

  static func count(_ lines: String, into aggregator: Aggregator) {
    var router = SampleRouter(aggregator: aggregator, reader: StatsDIdentityReader())
    var batch = SampleBatch()
    let bytes = Array(lines.utf8)
    StatsDDecoder().decode(bytes.span, from: 0, to: bytes.count, into: &batch)
    router.apply(&batch, bytes: bytes.span)
  }

  /// Returns when a marker has come back.
  func reach() async throws {
    while let sentence = await cluster.barrier(until: nil) {
      guard ContinuousClock.now < patience else {
        Issue.record("\(sentence)")
        return
      }
      try await Task.sleep(for: .milliseconds(10))
    }
  }

  private let patience = ContinuousClock.now + .seconds(300)

  /// A scrape: what the barrier says, and then a counter of the view. A refused one is made again, because a loaded
  /// machine may be slower than any time that the barrier can have.
  func scrape(_ name: String) async -> Double? {
    while await cluster.barrier(until: nil) != nil {
      guard ContinuousClock.now < patience else { return nil }
      try? await Task.sleep(for: .milliseconds(10))
    }
    return shown(name)
  }

  /// A counter or gauge of the view now.
  func shown(_ name: String) -> Double? {
    TestNode.shown(name, of: cluster.shown.aggregator, cluster.shown.owners)
  }

  static func shown(_ name: String, of aggregator: Aggregator, _ owners: Owners) -> Double? {
    owners.mergeGauges()
    var catalog = Catalog()
    catalog.update(from: aggregator)
    var sum: Double?
    for family in catalog.families where String(decoding: family.name, as: UTF8.self) == name {
      aggregator.forEachSeries(of: family) { piece, index in
        sum = (sum ?? 0) + piece.value(index, kind: family.kind)
      }
    }
    return sum
  }
}
