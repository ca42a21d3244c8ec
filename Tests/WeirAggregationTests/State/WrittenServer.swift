import Testing
import WeirMetrics
import WeirState

@testable import WeirAggregation

/// A server whose state is written, and what a reader of its file knows.
struct WrittenServer: ~Copyable {
  let server: PushServer
  var writer: StateWriter
  var lines: Ingest
  var frames: PushIngest
  var file = StateReplay()
  private(set) var second: UInt32 = 0
  private(set) var lastCut = StateCut()

  init(
    _ aggregator: Aggregator = Aggregator(), ownerShards: Int = Owners.shardsDefault,
    limits change: (inout OwnerLimits) -> Void = { _ in }
  ) {
    server = PushServer(aggregator, shards: ownerShards, limits: change)
    writer = StateWriter(owners: server.owners)
    lines = Ingest(aggregator)
    frames = PushIngest(server.owners)
  }

  mutating func pass(_ seconds: UInt32) {
    server.pass(second + 1...second + seconds)
    second += seconds
  }

  @discardableResult
  mutating func commit() -> StateCut {
    var blocks = StateBlocks()
    lastCut = writer.writeChanges(times: StateTimes(second: second), into: &blocks)
    file.read(blocks)
    return lastCut
  }

  /// What a writer writes that begins now.
  func fresh() -> StateReplay {
    var blocks = StateBlocks()
    var writer = StateWriter(owners: server.owners)
    _ = writer.writeChanges(times: StateTimes(second: second), into: &blocks)
    var replay = StateReplay()
    replay.read(blocks)
    return replay
  }
}

extension StateCut {
  /// Without what depends on the machine.
  var timeless: StateCut {
    var cut = StateCut()
    (cut.series, cut.values, cut.removed) = (series, values, removed)
    (cut.owners, cut.ownersRemoved, cut.metas) = (owners, ownersRemoved, metas)
    return cut
  }
}
