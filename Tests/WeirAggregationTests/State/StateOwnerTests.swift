import Testing
import WeirBytes
import WeirMetrics
import WeirPush

@testable import WeirAggregation
@testable import WeirState

/// What is known of instances, through a state file.
struct StateOwnerTests {
  /// All that an owner has, but the leases of its entries, which are of one process.
  private func text(_ owner: Owner) -> String {
    let window = owner.window
    var words: [UInt64] = []
    for index in window.savedWords.indices { words.append(window.savedWords[index]) }
    let entries = (0..<owner.entries.count).map { index -> String in
      let entry = owner.entries[index]
      return "\(entry.fingerprint) \(entry.about) \(entry.isHeld) \(entry.hasTotal)"
        + " \(entry.hasBaseline) \(entry.about == 2 ? 0 : entry.first)"
    }
    return """
      retired \(owner.isRetired) finished \(owner.isFinished) empty \(owner.isEmpty)
      gauges \(owner.hasGauges) forwards \(owner.isForwarder)
      memory \(owner.memoryAge) first \(owner.firstSecond) last \(owner.lastSecond)
      gone \(owner.gaugesGoneUpTo) gauges \(owner.gauges) taken \(owner.taken)
      window \(window.newest) \(window.savedBase) \(window.received) \(window.late)
      \(window.duplicates) \(window.lost) \(words)
      cells \(owner.cells) baselines \(owner.baselines) exponentials \(owner.exponentials.count)
      entries \(entries)
      """
  }

  private func all(_ owners: Owners) -> [UInt64: Owner] {
    var all: [UInt64: Owner] = [:]
    for shard in owners.shards {
      shard.state.withLock { state in for owner in state.owners { all[owner.id.number] = owner } }
    }
    return all
  }

  /// Instances of all kinds, at second 60.
  private func server() throws -> PushServer {
    let server = PushServer { limits in
      limits.gaugeSeconds = 20
      limits.retireSeconds = 30
    }
    var pushes = PushIngest(server.owners)
    let records = [PushedRecord("c", .counter(5)), PushedRecord("g", .gauge(2, .sum))]
    func push(
      _ instance: UInt64, _ sequence: UInt64, age: UInt64 = 0, isFinal: Bool = false,
      isForwarder: Bool = false, _ records: [PushedRecord] = []
    ) throws {
      try pushes.apply(
        Pushed(
          instance: instance, sequence: sequence, age: age, isFinal: isFinal,
          isForwarder: isForwarder, records: records))
    }
    // Silent since: its gauges are gone, and it is retired.
    try push(3, 1, records)
    server.pass(1...20)
    // Older than the memory, heard late, with losses, late frames and repetitions.
    for sequence in [2_000, 2_002, 2_001, 2_001, 3_500] as [UInt64] {
      try push(7, sequence, age: 5_000_000, [PushedRecord("c", [("i", "7")], .counter(70))])
    }
    try push(4, 1)
    server.pass(21...55)
    try push(1, 1, records)
    try push(2, 1, records)
    try push(2, 2, isFinal: true)
    try push(5, 1, isForwarder: true, records)
    server.pass(56...60)
    try push(1, 3, records)
    return server
  }

  @Test func `every mark, time and number of an instance comes back`() throws {
    let server = try server()
    let known = all(server.owners)
    // Each mark is set in one of them, and not in another.
    for mark in [\Owner.isRetired, \.isFinished, \.isEmpty, \.hasGauges, \.isForwarder] {
      #expect(Set(known.values.map { $0[keyPath: mark] }) == [false, true])
    }
    let late = try #require(known[7])
    #expect(late.memoryAge > 0 && late.window.savedBase > 2_000 && late.window.lost > 0)
    #expect(late.window.late == 1 && late.window.duplicates == 1)
    #expect(known[3]?.gaugesGoneUpTo == 1)
    #expect(known[1].map { $0.firstSecond < $0.lastSecond } == true)
    let again = restored(server.owners)
    let found = all(again.owners)
    #expect(Set(found.keys) == Set(known.keys))
    for (number, owner) in known {
      #expect(found[number].map(text) == text(owner), "\(number)")
    }
    #expect(again.owners.totals().totals == server.owners.totals().totals)
    #expect(again.owners.totals().instances == known.count)
  }

  private func restored(
    _ owners: Owners, limits change: (inout OwnerLimits) -> Void = { _ in }
  ) -> StateServer {
    var writer = StateWriter(owners: owners)
    var file = StateRoundTripTests.WrittenFile()
    file.append(&writer, second: owners.second)
    let image = StateImage(blocks: file.blocks, file.bytes)
    #expect(image.damage == nil)
    var limits = owners.limits
    change(&limits)
    return StateRoundTripTests.restored(image, SeriesRules(), limits: limits).rig.server
  }

  @Test func `a silent instance is retired and forgotten at the same time as without a restart`()
    throws
  {
    for isRestarted in [false, true] {
      let first = PushServer { limits in
        limits.gaugeSeconds = 10
        limits.retireSeconds = 20
        limits.forgetSeconds = 40
      }
      var pushes = PushIngest(first.owners)
      first.pass(1...100)
      try pushes.apply(
        Pushed(
          sequence: 1,
          records: [PushedRecord("c", .counter(5)), PushedRecord("g", .gauge(2, .sum))]))
      first.pass(101...106)
      let server =
        isRestarted
        ? restored(first.owners) : StateServer(aggregator: first.aggregator, owners: first.owners)
      var seconds: [UInt32] = []
      var before = ""
      for second in 107...170 as ClosedRange<UInt32> {
        server.pass(second...second)
        server.owners.mergeGauges()
        let totals = server.owners.totals()
        let now =
          "\(totals.live) \(totals.instances) "
          + "\(Contents(server.aggregator).values[.gauge]?.count ?? 0)"
        if now != before { seconds.append(second) }
        before = now
      }
      // Each part of the owners is swept every few seconds.
      let expected: [ClosedRange<UInt32>] = [107...107, 111...120, 121...130, 141...150]
      #expect(seconds.count == 4)
      #expect(zip(expected, seconds).allSatisfy { $0.contains($1) }, "\(seconds)")
    }
  }

  @Test func `a gauge that its owners leave stays if text has set it since, and goes otherwise`()
    throws
  {
    for text in [nil, 7, 12] as [UInt32?] {
      let first = PushServer { $0.gaugeSeconds = 20 }
      var pushes = PushIngest(first.owners)
      var lines = Ingest(first.aggregator)
      first.pass(1...7)
      if text == 7 { lines.apply("g:9|g") }
      first.pass(8...10)
      try pushes.apply(Pushed(sequence: 1, records: [PushedRecord("g", .gauge(3, .last))]))
      first.pass(11...12)
      // A scrape, because a value that is pushed counts from the next one on.
      first.owners.mergeGauges()
      if text == 12 { lines.apply("g:9|g") }
      first.pass(13...15)
      let server = restored(first.owners)
      let shown = text == 12 ? 9.0 : 3
      #expect(Contents(server.aggregator).values[.gauge] == ["g": shown])
      server.pass(16...90)
      server.owners.mergeGauges()
      #expect(Contents(server.aggregator).values[.gauge] == (text == 12 ? ["g": 9] : nil))
    }
  }

  @Test func `the last of several values is still the last`() throws {
    let first = PushServer()
    var pushes = PushIngest(first.owners)
    for (instance, held) in [(1, 9_000), (2, 10)] as [(UInt64, Int64)] {
      try pushes.apply(
        Pushed(
          instance: instance, sequence: 1,
          records: [PushedRecord("g", .gauge(Double(instance), .last), time: held)]))
    }
    #expect(first.gauge() == 2)
    let server = restored(first.owners)
    var later = PushIngest(server.owners)
    // Set before the second one.
    try later.apply(
      Pushed(
        instance: 3, sequence: 1, records: [PushedRecord("g", .gauge(3, .last), time: 500)]))
    server.owners.mergeGauges()
    #expect(Contents(server.aggregator).values[.gauge] == ["g": 2])
  }

  @Test func `a set that never had a member has none`() throws {
    let first = PushServer(atSecond: 5_000)
    var pushes = PushIngest(first.owners)
    // The step ended long before the window.
    try pushes.apply(
      Pushed(sequence: 1, records: [PushedRecord("s", .members([1, 2]), time: -4_000_000)]))
    #expect(first.contents.values[.set]?["s"]?.isNaN == true)
    let server = restored(first.owners)
    #expect(Contents(server.aggregator).values[.set]?["s"]?.isNaN == true)
  }

  @Test func `lifetimes are in the file`() throws {
    var lifetimes = SeriesLifetimes()
    lifetimes[.counter] = 0
    lifetimes[.gauge] = 5
    let aggregator = Aggregator(rules: .all(lifetimes: lifetimes))
    var lines = Ingest(aggregator)
    lines.apply("c:1|c", "g:1|g", "h:1|h")
    var writer = StateWriter(owners: Owners(aggregator: aggregator))
    var file = StateRoundTripTests.WrittenFile()
    file.append(&writer, second: 0)
    let image = StateImage(blocks: file.blocks, file.bytes)
    let found = image.tables.map { ($0.seriesClass.kind, $0.seriesClass.lifetimeSeconds) }
    for (kind, lifetime) in [(.counter, 0), (.gauge, 5), (.histogram, nil)]
      as [(MetricKind, UInt32?)]
    {
      #expect(found.contains { $0.0 == kind && $0.1 == lifetime }, "\(kind)")
    }
  }
}
