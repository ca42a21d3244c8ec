import TestSupport
import Testing
import WeirAggregation
import WeirBytes
import WeirCluster
import WeirMetrics
import WeirPush

@testable import WeirClusterView

/// Nodes refuse and forget the same where a limit is reached.
struct ClusterLimitTests {
  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func `where series are full, all nodes refuse the same, whatever their shards`(
    _ seed: UInt64
  ) throws {
    var traffic = ClusterTraffic(seed: seed)
    var one = ClusterView(ClusterViewTests.settings(0, seriesMax: 5))
    var other = ClusterView(ClusterViewTests.settings(0, seriesMax: 5, shards: 8))
    var fullSteps = 0
    for step in 1...500 {
      let message = traffic.message()
      try one.take(message)
      try other.take(message)
      let counts = one.aggregator.counts()
      if MetricKind.allCases.reduce(0, { $0 + counts.series($1) }) == 5 { fullSteps += 1 }
      guard step % 5 == 0 else { continue }
      let differences = ClusterViewTests.differences(one.contents, other.contents)
      #expect(differences.isEmpty, "step \(step)")
      guard differences.isEmpty else { return }
    }
    #expect(fullSteps > 10)
  }

  @Test func `of expired series that come back and don't all fit, all nodes take the same`() throws
  {
    let names = (0..<12).map { "old_\($0)" }
    var shown: Set<[String]> = []
    for shards in [1, 2, 4, 8, 16] {
      var view = ClusterView(ClusterViewTests.settings(0, seriesMax: 12, shards: shards))
      var log = SmallLog()
      try view.take(log.message(from: 1, counters: names, total: 1))
      // They expire; their instance is remembered.
      for _ in 0..<30 { try view.take(log.message(after: 10_000)) }
      #expect(view.contents.keys.allSatisfy { $0.hasPrefix("instance ") })
      try view.take(log.message(from: 2, counters: (0..<8).map { "new_\($0)" }, total: 1))
      try view.take(log.message(from: 1, counters: names, total: 2))
      let taken = names.filter { view.contents[$0] != nil }
      #expect(taken.count == 4)
      shown.insert(taken)
    }
    #expect(shown.count == 1)
  }

  @Test(arguments: 1...2 as ClosedRange<UInt64>)
  func `where totals are full, a node that began with a state refuses and forgets the same`(
    _ seed: UInt64
  ) throws {
    let settings = ClusterViewTests.settings(0, totalsMax: 60)
    var traffic = ClusterTraffic(seed: seed)
    var first = ClusterView(settings)
    var other = ClusterView(settings)
    var (shortages, searchesInVain, forgotten) = (0, 0, 0)
    var (fullUntil, instances) = (UInt32(0), 0)
    for step in 1...300 {
      let message = traffic.message()
      try first.take(message)
      try other.take(message)
      let differences = ClusterViewTests.differences(first.contents, other.contents)
      #expect(differences.isEmpty, "step \(step)")
      guard differences.isEmpty else { return }
      let (memory, known) = (first.owners.limitMemory, other.owners.limitMemory)
      #expect((known.isShort, known.fullUntil) == (memory.isShort, memory.fullUntil))
      if memory.isShort { shortages += 1 }
      if memory.fullUntil != fullUntil { searchesInVain += 1 }
      fullUntil = memory.fullUntil
      let totals = first.owners.totals()
      if totals.instances < instances { forgotten += 1 }
      instances = totals.instances
      other = try ClusterView.restored(settings, from: .init(first.state()))
    }
    #expect(shortages > 3)
    #expect(searchesInVain > 1)
    #expect(forgotten > 3)
  }

  @Test func `a state says how wide the widest histogram was`() throws {
    let settings = ClusterViewTests.settings(0)
    var view = ClusterView(settings)
    var log = SmallLog()
    try view.take(
      log.message(
        from: 1,
        .histogram(
          .init("wide", labels: []), bounds: (0..<200).map(Double.init), sum: 1,
          buckets: Array(repeating: 1, count: 201), beganMilliseconds: nil)))
    // It expires, and with it goes what else would say so.
    for _ in 0..<300 { try view.take(log.message(after: 10_000)) }
    #expect(view.contents == [:])
    let width = view.owners.limitMemory.widestBuckets
    #expect(width == 201)
    let restored = try ClusterView.restored(settings, from: .init(view.state()))
    #expect(restored.owners.limitMemory.widestBuckets == width)
  }
}

/// Messages that a test names, a second apart.
private struct SmallLog {
  private var sequence: UInt64 = 0
  private var milliseconds: UInt64 = 1_700_000_000_000
  private var frames: UInt64 = 0

  mutating func message(
    from instance: UInt64, _ records: PushFrameWriter.Record...
  ) -> ClusterTraffic.Message {
    message(from: instance, records)
  }

  mutating func message(
    from instance: UInt64, counters names: [String], total: Double
  ) -> ClusterTraffic.Message {
    message(
      from: instance,
      names.map { .counter(.init($0, labels: []), total: total, beganMilliseconds: nil) })
  }

  private mutating func message(
    from instance: UInt64, _ records: [PushFrameWriter.Record]
  ) -> ClusterTraffic.Message {
    frames += 1
    let head = PushFrameHead(
      instance: instance, startMilliseconds: 1_700_000_000_000, sequence: frames,
      ageMilliseconds: milliseconds - 1_700_000_000_000, flags: [], keyID: nil)
    var frame = PushFrameWriter()
    frame.begin(room: PushFormat.frameBytesMax - head.bytes, common: [])
    for record in records { precondition(frame.append(record), "the frame is full") }
    var bytes = ByteWriter()
    head.write(to: &bytes)
    frame.write(to: &bytes)
    var message = ClusterMessageWriter(node: 1)
    message.append(.frame, bytes.bytes)
    return next(after: 1_000, message.take())
  }

  /// A message without entries.
  mutating func message(after milliseconds: UInt64) -> ClusterTraffic.Message {
    var message = ClusterMessageWriter(node: 1)
    return next(after: milliseconds, message.take())
  }

  private mutating func next(after pause: UInt64, _ payload: [UInt8]) -> ClusterTraffic.Message {
    sequence += 1
    milliseconds += pause
    return ClusterTraffic.Message(
      sequence: sequence, milliseconds: milliseconds, payload: payload)
  }
}
