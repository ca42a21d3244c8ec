import TestSupport
import Testing
import WeirBytes
import WeirMetrics
import WeirPush

@testable import WeirAggregation
@testable import WeirState

struct StateRoundTripTests {
  static let rules: [SeriesRules] = [
    SeriesRules(), .all(observer: .native(NativeOptions(), keepsBuckets: true)),
    .all(observer: .native(NativeOptions(bucketsMax: 8), keepsBuckets: false)),
    .all(observer: .summary(SummaryOptions(maxAgeSeconds: 30))),
  ]

  /// A server after some traffic, and its file in some groups.
  struct Written: ~Copyable {
    var traffic: StateTraffic
    var rig: StateRig
    let blocks: [StateScan.Block]
    let bytes: [UInt8]

    var image: StateImage { StateImage(blocks: blocks, bytes) }
  }

  /// A server that was restored.
  struct Restored: ~Copyable {
    var rig: StateRig
    let restored: StateRestored
  }

  static func written(
    seed: UInt64, _ rules: SeriesRules, steps: Int = 60
  ) -> Written {
    var traffic = StateTraffic(seed: seed)
    let aggregator = Aggregator(rules: rules, countsGaugeSettings: true, unixSeconds: { 700 })
    var rig = StateRig(aggregator, Owners(aggregator: aggregator), second: 0)
    var writer = StateWriter(owners: rig.server.owners)
    var file = WrittenFile()
    for step in 1...steps {
      rig.take(traffic.step())
      if step % 7 == 0 || step == steps { file.append(&writer, second: rig.second) }
    }
    return Written(traffic: traffic, rig: rig, blocks: file.blocks, bytes: file.bytes)
  }

  /// Blocks of groups, without the commits.
  struct WrittenFile {
    var blocks: [StateScan.Block] = []
    var bytes: [UInt8] = []
    private var group: UInt32 = 0

    mutating func append(_ writer: inout StateWriter, second: UInt32) {
      var written = StateBlocks()
      _ = writer.writeChanges(times: StateTimes(second: second), into: &written)
      group += 1
      append(written)
    }

    mutating func append(_ written: StateBlocks) {
      let added = written.bytes
      var index = 0
      while index < added.count {
        func word(_ at: Int) -> UInt32 {
          (0..<4).reduce(0) { $0 | UInt32(added[at + $1]) << UInt32(8 * $1) }
        }
        let start = bytes.count + index + StateFormat.blockHeadBytes
        let length = Int(word(index + 4))
        blocks.append(
          StateScan.Block(type: word(index), group: group, payload: start..<start + length))
        index += StateFormat.blockHeadBytes + length
      }
      bytes += added
    }
  }

  static func restored(
    _ image: StateImage, _ rules: SeriesRules, limits: OwnerLimits = OwnerLimits(), shards: Int = 4,
    series: SeriesLimits = SeriesLimits(), forwards: Bool = true
  ) -> Restored {
    let second = image.times?.second ?? 0
    let aggregator = Aggregator(
      rules: rules, limits: series, zeroFirstSeconds: 60, countsGaugeSettings: forwards,
      shards: shards, startSecond: second, unixSeconds: { 700 })
    let owners = Owners(aggregator: aggregator, limits: limits, shards: 3, keySeed: image.key)
    let restored = owners.restore(image)
    return Restored(rig: StateRig(aggregator, owners, second: second), restored: restored)
  }

  @Test(arguments: 0..<4, 1...3 as ClosedRange<UInt64>)
  func `what was written comes back bit for bit, and goes on in the same way`(
    _ rules: Int, _ seed: UInt64
  ) {
    let rules = StateRoundTripTests.rules[rules]
    var written = StateRoundTripTests.written(seed: seed, rules)
    let image = written.image
    #expect(image.damage == nil)
    var again = StateRoundTripTests.restored(image, rules)
    let restored = again.restored
    let (before, after) = (written.rig.contents, again.rig.contents)
    let (known, found) = (written.rig.instances, again.rig.instances)
    #expect(restored.changed + restored.clashes == 0)
    #expect(restored.series == before.count)
    #expect(restored.owners == known.count)
    #expect(restored.ownersRefused + restored.refusedByLimits == 0)
    for (series, text) in before { #expect(after[series] == text, "\(series)") }
    #expect(after.count == before.count)
    #expect(found == known)
    let (settings, foundSettings) = (written.rig.settings, again.rig.settings)
    #expect(foundSettings == settings)
    #expect(settings.count > 3)
    for _ in 0..<30 {
      let step = written.traffic.step()
      written.rig.take(step)
      again.rig.take(step)
    }
    // New series are shown as 0 at first in one of them.
    again.rig.server.pass(again.rig.second + 1...again.rig.second + 1)
    written.rig.server.pass(written.rig.second + 1...written.rig.second + 1)
    let (expected, now) = (written.rig.contents, again.rig.contents)
    #expect(expected.keys.sorted() == now.keys.sorted())
    for (series, text) in expected where before[series] != nil {
      #expect(now[series] == text, "\(series)")
    }
    let (last, lastFound) = (written.rig.instances, again.rig.instances)
    #expect(last == lastFound)
    let (lastSettings, lastFoundSettings) = (written.rig.settings, again.rig.settings)
    #expect(lastFoundSettings == lastSettings)
  }

  @Test func `a second file of a restored server says the same`() {
    let written = StateRoundTripTests.written(seed: 9, SeriesRules())
    let image = written.image
    let once = StateRoundTripTests.restored(image, SeriesRules())
    var writer = StateWriter(owners: once.rig.server.owners)
    var file = StateRoundTripTests.WrittenFile()
    file.append(&writer, second: once.rig.second)
    let second = StateImage(blocks: file.blocks, file.bytes)
    #expect(second.damage == nil)
    let twice = StateRoundTripTests.restored(second, SeriesRules(), shards: 1)
    let (contents, known) = (twice.rig.contents, written.rig.contents)
    #expect(contents == known)
    let (instances, knownInstances) = (twice.rig.instances, written.rig.instances)
    #expect(instances == knownInstances)
    let (settings, knownSettings) = (twice.rig.settings, written.rig.settings)
    #expect(settings == knownSettings)
  }

  @Test func `a base that is written in slices between increments is whole`() {
    var traffic = StateTraffic(seed: 5)
    let aggregator = Aggregator(countsGaugeSettings: true, unixSeconds: { 700 })
    var rig = StateRig(aggregator, Owners(aggregator: aggregator), second: 0)
    var writer = StateWriter(owners: rig.server.owners)
    var (old, new) = (StateRoundTripTests.WrittenFile(), StateRoundTripTests.WrittenFile())
    for _ in 0..<40 { rig.take(traffic.step()) }
    old.append(&writer, second: rig.second)
    writer.beginBase()
    var isLast = false
    while !isLast {
      var slice = StateBlocks()
      isLast = writer.writeSlice(into: &slice)
      new.append(slice)
      for _ in 0..<2 { rig.take(traffic.step()) }
      var change = StateBlocks()
      _ = writer.writeChanges(times: StateTimes(second: rig.second), into: &change)
      new.append(change)
      old.append(change)
    }
    for file in [old, new] {
      let image = StateImage(blocks: file.blocks, file.bytes)
      #expect(image.damage == nil)
      let again = StateRoundTripTests.restored(image, SeriesRules())
      let (contents, known) = (again.rig.contents, rig.contents)
      #expect(contents == known)
      let (instances, knownInstances) = (again.rig.instances, rig.instances)
      #expect(instances == knownInstances)
      let (settings, knownSettings) = (again.rig.settings, rig.settings)
      #expect(settings == knownSettings)
    }
  }

  @Test func `owners go on where their series begin anew`() {
    var written = StateRoundTripTests.written(seed: 4, SeriesRules())
    let image = written.image
    let rules = SeriesRules.all(observer: .summary(SummaryOptions()))
    var limits = SeriesLimits()
    limits.seriesPerNameMax = 2
    var again = StateRoundTripTests.restored(image, rules, series: limits)
    let restored = again.restored
    let known = written.rig.instances.count
    #expect(restored.changed > 0)
    #expect(restored.refused(by: .seriesPerName) > 0)
    #expect(restored.owners == known)
    for _ in 0..<100 { again.rig.take(written.traffic.step()) }
    // Silent for so long that all are retired, and forgotten.
    for second in [200, 1_200, 90_000, 90_010, 90_020] as [UInt32] {
      again.rig.server.pass(second...second + 4)
    }
    let left = again.rig.instances
    #expect(left.isEmpty)
  }

  @Test func `owners that exceed the limits are refused, the longest silent first`() {
    var fixture = StateFixture()
    for number in [6, 2, 5, 1, 3, 4] as [UInt64] {
      fixture.owner(OwnerFixture(number: number, lastAgo: number))
    }
    let owners = Owners.restoring(.restoring()) { $0.instancesMax = 4 }
    let restored = owners.restore(fixture.image)
    #expect(restored.owners == 4)
    #expect(restored.ownersRefused == 2)
    #expect(owners.instances(max: 9).map(\.id.number).sorted() == [1, 2, 3, 4])
    // A flood can't add the totals of the refused ones again.
    #expect(owners.memory.newcomer(ageMilliseconds: 1_000_000).memoryAge > 0)
  }

  @Test func `another key makes all owners unknown`() {
    var fixture = StateFixture(withKey: false)
    fixture.owner(OwnerFixture())
    let restored = Owners.restoring(.restoring()).restore(fixture.image)
    #expect(restored.owners == 0)
    #expect(restored.ownersRefused == 1)
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func `changed payloads never stop Weir`(_ seed: UInt64) {
    let rules = StateRoundTripTests.rules[Int(seed) % 4]
    var written = StateRoundTripTests.written(seed: seed, rules, steps: 25)
    var random = SeededGenerator(seed: seed)
    var damaged = 0
    for _ in 0..<80 {
      var (blocks, bytes) = (written.blocks, written.bytes)
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let index = Int.random(in: blocks.indices, using: &random)
        let payload = blocks[index].payload
        guard !payload.isEmpty else { continue }
        if random.oneIn(8) {
          let end = Int.random(in: payload, using: &random)
          blocks[index] = StateScan.Block(
            type: blocks[index].type, group: blocks[index].group,
            payload: payload.lowerBound..<end)
        } else if random.oneIn(8) {
          blocks.swapAt(index, Int.random(in: blocks.indices, using: &random))
        } else {
          let byte = Int.random(in: payload, using: &random)
          bytes[byte] =
            random.oneIn(2)
            ? bytes[byte] ^ 1 << UInt8.random(in: 0...7, using: &random)
            : UInt8.random(in: 0...255, using: &random)
        }
      }
      let image = StateImage(blocks: blocks, bytes)
      var text = 0
      var dump = StateDump<Never>(image) { text += $0.count }
      dump.write()
      #expect(text > 0)
      _ = StateSummary(image)
      if image.damage != nil { damaged += 1 }
      var again = StateRoundTripTests.restored(image, rules)
      for _ in 0..<3 { again.rig.take(written.traffic.step()) }
      _ = again.rig.contents
    }
    #expect((1..<80).contains(damaged))
  }
}
