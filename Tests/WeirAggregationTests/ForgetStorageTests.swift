import TestSupport
import Testing
import WeirBytes
import WeirMetrics
import WeirPush

@testable import WeirAggregation
@testable import WeirState

/// What else a forgotten series had: nothing of it is left for the next one in its row, or in a file.
@Suite("What forgotten series had")
struct ForgetStorageTests {
  private static func forget(_ owners: Owners, _ selectors: String...) throws -> Int {
    try owners.forget(selectors.map { try SeriesSelector($0) }).count
  }

  @Test("native histograms and summaries begin anew", arguments: 0..<4)
  func observers(_ number: Int) throws {
    let rules = StateRoundTripTests.rules[number]
    let aggregator = Aggregator(rules: rules, unixSeconds: { 700 })
    let untouched = Aggregator(rules: rules, unixSeconds: { 700 })
    let rig = StateRig(aggregator, Owners(aggregator: aggregator), second: 0)
    let other = StateRig(untouched, Owners(aggregator: untouched), second: 0)
    var ingest = Ingest(aggregator)
    var fresh = Ingest(untouched)
    for value in 1...50 { ingest.apply("h:\(value)|h|#k:1", "h:-\(value)|h|#k:2", "s:\(value)|s") }
    let count = try Self.forget(rig.server.owners, "h", "s")
    #expect(count == 3)
    let none = rig.contents
    #expect(none.isEmpty)
    // Each gets the row of another one.
    let lines = ["h:3|h|#k:2", "h:5|h|#k:3", "h:0|h|#k:1", "s:x|s", "s:y|s|#k:2"]
    ingest.apply(lines)
    fresh.apply(lines)
    let (contents, known) = (rig.contents, other.contents)
    #expect(contents == known)
  }

  @Test("a new series is shown as 0 for its own time, whether the one before was young or not")
  func young() throws {
    let aggregator = Aggregator(zeroFirstSeconds: 10, unixSeconds: { 700 })
    let server = PushServer(aggregator)
    var ingest = Ingest(aggregator)
    ingest.apply("c:5|c")
    #expect(server.contents.values[.counter] == ["c": 0])
    server.pass(1...4)
    #expect(try Self.forget(server.owners, "c") == 1)
    ingest.apply("c:7|c")
    // The first one's time is over.
    server.pass(5...12)
    #expect(server.contents.values[.counter] == ["c": 0])
    server.pass(13...16)
    #expect(server.contents.values[.counter] == ["c": 7])
    #expect(try Self.forget(server.owners, "c") == 1)
    ingest.apply("c:1|c")
    #expect(server.contents.values[.counter] == ["c": 0])
    // Forgotten while young, and nothing comes in its place.
    #expect(try Self.forget(server.owners, "c") == 1)
    server.pass(17...40)
    #expect(server.contents == Contents())
  }

  @Test("help and unit wait until the name is back")
  func metas() throws {
    let server = PushServer()
    var ingest = Ingest(server.aggregator)
    let (name, meta) = (Array("c".utf8), FamilyMeta(unit: "bytes", help: "What it is."))
    ingest.apply("c:1|c|#k:1", "c:1|c|#k:2")
    server.aggregator.keep(meta, of: name)
    #expect(try Self.forget(server.owners, "c{k=\"1\"}") == 1)
    #expect(server.aggregator.meta(of: name) == meta)
    #expect(try Self.forget(server.owners, "c") == 1)
    #expect(server.aggregator.meta(of: name) == nil)
    ingest.apply("c:1|g")
    #expect(server.aggregator.meta(of: name) == meta)
  }

  @Test("an overflow series is forgotten as any other, and gives up no place that it did not have")
  func overflow() throws {
    var limits = SeriesLimits()
    limits.overflow = .series
    limits.seriesPerNameMax = 2
    let server = PushServer(Aggregator(limits: limits))
    var ingest = Ingest(server.aggregator)
    var pushes = PushIngest(server.owners)
    func push(_ sequence: UInt64, _ total: Double) throws {
      try pushes.apply(
        Pushed(
          sequence: sequence, records: [PushedRecord("c", [("k", "pushed")], .counter(total))]))
    }
    let (kept, rest) = (#"c{k="1"}"#, #"c{weir_overflow="true"}"#)
    ingest.apply("c:1|c|#k:1", "c:2|c|#k:2", "c:4|c|#k:3")
    try push(1, 8)
    let before = server.contents.values[.counter]
    #expect(before?[rest].map { $0 >= 8 } == true)
    #expect(try Self.forget(server.owners, "c{weir_overflow=\"true\"}") == 1)
    try push(2, 8)
    #expect(server.contents.values[.counter]?[rest] == nil)
    try push(3, 9)
    ingest.apply("c:16|c|#k:3")
    // What others had stays, and the gain is where there is room.
    let after = try #require(server.contents.values[.counter])
    #expect(after[kept] == 1)
    #expect(
      after.values.reduce(0, +) == (before?.values.reduce(0, +) ?? 0) - (before?[rest] ?? 0) + 17)
    // With the others there is room again.
    #expect(try Self.forget(server.owners, "c") == after.count)
    #expect(server.contents == Contents())
    ingest.apply("c:1|c|#k:5")
    #expect(server.contents.values[.counter] == [#"c{k="5"}"#: 1])
  }

  // MARK: - The state file

  private static func times(_ rig: borrowing StateRig) -> StateTimes {
    StateTimes(second: rig.second)
  }

  /// What a restart makes of a file, without waiting for new series.
  private static func restarted(
    _ file: StateRoundTripTests.WrittenFile, _ rules: SeriesRules = SeriesRules()
  ) -> StateRig {
    let image = StateImage(blocks: file.blocks, file.bytes)
    #expect(image.damage == nil)
    let second = image.times?.second ?? 0
    let aggregator = Aggregator(rules: rules, startSecond: second, unixSeconds: { 700 })
    let owners = Owners(aggregator: aggregator, keySeed: image.key)
    let restored = owners.restore(image)
    #expect(restored.damage == nil)
    #expect(restored.ownersRefused + restored.changed + restored.clashes == 0)
    return StateRig(aggregator, owners, second: second)
  }

  private static func frame(_ sequence: UInt64, _ n: Double) -> StateTraffic.Step {
    let records = [
      PushedRecord("c", .counter(10 * n)),
      PushedRecord("h", .histogram(bounds: [1, 2], sum: n, buckets: [0: n, 2: n])),
      PushedRecord("e", .exponential(schema: 0, sum: n, zero: 0, positive: [1: 2 * n])),
    ]
    return StateTraffic.Step(
      lines: [], frames: [Pushed(sequence: sequence, records: records)], seconds: 1)
  }

  @Test(
    "a file has nothing of them, and after a restart a repeated total brings nothing back",
    arguments: [false, true])
  func restart(hasNewSeries: Bool) throws {
    let aggregator = Aggregator(unixSeconds: { 700 })
    var rig = StateRig(aggregator, Owners(aggregator: aggregator), second: 0)
    var writer = StateWriter(owners: rig.server.owners)
    var file = StateRoundTripTests.WrittenFile()
    rig.take(Self.frame(1, 5))
    file.append(&writer, second: rig.second)
    let owners = rig.server.owners
    #expect(try Self.forget(owners, "c", "h", "e") == 3)
    if hasNewSeries { rig.take(Self.frame(2, 7)) }
    file.append(&writer, second: rig.second)

    var again = Self.restarted(file)
    let server = again.server
    let restored = Contents(server.aggregator)
    #expect(restored.values == (hasNewSeries ? [.counter: ["c": 20]] : [:]))
    #expect(restored.histograms["h"]?.buckets == (hasNewSeries ? [2, 0, 2] : nil))
    again.take(Self.frame(3, hasNewSeries ? 7 : 5))
    #expect(Contents(server.aggregator) == restored)
    again.take(Self.frame(4, 8))
    let gained = Contents(server.aggregator)
    #expect(gained.values == [.counter: ["c": 30]])
    #expect(gained.histograms["h"]?.buckets == [3, 0, 3])
    #expect(gained.histograms["e"]?.buckets.reduce(0, +) == 6)

    // Forgotten after the restart, with a restart after it.
    #expect(try Self.forget(server.owners, "c", "h", "e") == 3)
    var next = StateWriter(owners: server.owners)
    var second = StateRoundTripTests.WrittenFile()
    second.append(&next, second: again.second)
    var third = Self.restarted(second)
    let last = third.server
    third.take(Self.frame(5, 8))
    #expect(Contents(last.aggregator) == Contents())
    third.take(Self.frame(6, 9))
    #expect(Contents(last.aggregator).values == [.counter: ["c": 10]])
  }

  @Test(
    "after a restart, a repeated total brings back what expired, not what was forgotten")
  func expired() throws {
    var rules = SeriesRules()
    rules.lifetimes[.counter] = 10
    var limits = OwnerLimits()
    limits.retireSeconds = 5
    let aggregator = Aggregator(rules: rules, unixSeconds: { 700 })
    let owners = Owners(aggregator: aggregator, limits: limits)
    var rig = StateRig(aggregator, owners, second: 0)
    let records = [PushedRecord("expired", .counter(100)), PushedRecord("cut", .counter(100))]
    rig.take(
      StateTraffic.Step(
        lines: [], frames: [Pushed(sequence: 1, records: records)], seconds: 1))
    #expect(try Self.forget(owners, "cut") == 1)
    rig.take(StateTraffic.Step(lines: [], frames: [], seconds: 60))
    let gone = rig.contents
    #expect(gone.isEmpty)
    var writer = StateWriter(owners: owners)
    var file = StateRoundTripTests.WrittenFile()
    file.append(&writer, second: rig.second)
    var again = Self.restarted(file, rules)
    let repeated = StateTraffic.Step(
      lines: [], frames: [Pushed(sequence: 2, records: records)], seconds: 0)
    rig.take(repeated)
    again.take(repeated)
    let (contents, restored) = (rig.contents, again.contents)
    #expect(contents.keys.sorted() == ["expired"])
    #expect(restored == contents)
  }

  private static let selectors = [
    "tc{t=\"1\"}", "t*", "p*", "pc", "ph_*", "pe", "pg_*", "pa", "mixed", "s*", "*{t=\"2\"}",
  ]

  @Test("a file written while series are forgotten restores what is there", arguments: 1...8)
  func traffic(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var traffic = StateTraffic(seed: seed)
    let aggregator = Aggregator(unixSeconds: { 700 })
    var rig = StateRig(aggregator, Owners(aggregator: aggregator), second: 0)
    var writer = StateWriter(owners: rig.server.owners)
    // With a second base, whose slices are written between commits.
    var (old, new) = (StateRoundTripTests.WrittenFile(), StateRoundTripTests.WrittenFile())
    var (hasBase, isWhole, forgotten) = (false, false, 0)
    for step in 1...60 {
      rig.take(traffic.step())
      if random.oneIn(4) {
        forgotten += try Self.forget(rig.server.owners, random.pick(Self.selectors))
      }
      if step == 30 {
        writer.beginBase()
        hasBase = true
      }
      if hasBase && !isWhole {
        var slice = StateBlocks()
        isWhole = writer.writeSlice(into: &slice)
        new.append(slice)
        if random.oneIn(2) {
          forgotten += try Self.forget(rig.server.owners, random.pick(Self.selectors))
        }
      }
      if random.oneIn(5) || step == 1 || step == 29 || step == 60 || hasBase && !isWhole {
        var blocks = StateBlocks()
        _ = writer.writeChanges(times: Self.times(rig), into: &blocks)
        old.append(blocks)
        if hasBase { new.append(blocks) }
      }
    }
    while hasBase && !isWhole {
      var (slice, blocks) = (StateBlocks(), StateBlocks())
      isWhole = writer.writeSlice(into: &slice)
      _ = writer.writeChanges(times: Self.times(rig), into: &blocks)
      new.append(slice)
      new.append(blocks)
      old.append(blocks)
    }
    #expect(forgotten > 0)
    var first = Self.restarted(old)
    var second = Self.restarted(new)
    for round in 0..<40 {
      let (contents, instances) = (rig.contents, rig.instances)
      let (ofFirst, ofSecond) = (first.contents, second.contents)
      #expect(ofFirst == contents, "round \(round)")
      #expect(ofSecond == contents, "round \(round)")
      let (knownToFirst, knownToSecond) = (first.instances, second.instances)
      #expect(knownToFirst == instances, "round \(round)")
      #expect(knownToSecond == instances, "round \(round)")
      if contents != ofFirst || contents != ofSecond { return }
      let step = traffic.step()
      rig.take(step)
      first.take(step)
      second.take(step)
      guard random.oneIn(6) else { continue }
      let selector = random.pick(Self.selectors)
      let count = try Self.forget(rig.server.owners, selector)
      for owners in [first.server.owners, second.server.owners] {
        #expect(try Self.forget(owners, selector) == count)
      }
    }
  }
}
