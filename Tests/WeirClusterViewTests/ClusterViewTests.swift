import TestSupport
import Testing
import WeirAggregation
import WeirBytes
import WeirCluster
import WeirMetrics
import WeirPush

@testable import WeirClusterView

struct ClusterViewTests {
  /// What a view is made with.
  static func settings(
    _ number: Int, instancesMax: Int = 100, totalsMax: Int? = nil, seriesMax: Int? = nil,
    shards: Int = 4
  ) -> ClusterView.Settings {
    var rules =
      number == 0
      ? SeriesRules()
      : SeriesRules.all(
        observer: number == 1
          ? .native(NativeOptions(), keepsBuckets: true)
          : .summary(SummaryOptions(maxAgeSeconds: 30)))
    if number != 2 { for kind in MetricKind.allCases { rules.lifetimes[kind] = 90 } }
    var owners = OwnerLimits()
    owners.gaugeSeconds = 20
    owners.retireSeconds = 60
    owners.forgetSeconds = 600
    owners.instancesMax = instancesMax
    if let totalsMax { owners.totalsMax = totalsMax }
    return ClusterView.Settings(
      stream: "test", key: KeyStream(state: 7, salt: 9), owners: owners
    ) { [rules] second, unixSeconds in
      var limits = SeriesLimits()
      if let seriesMax { limits.seriesMax = seriesMax }
      return Aggregator(
        rules: rules, limits: limits, zeroFirstSeconds: number == 1 ? 12 : 0, shards: shards,
        startSecond: second,
        unixSeconds: unixSeconds)
    }
  }

  @Test(arguments: 0..<3, 1...4 as ClosedRange<UInt64>)
  func `nodes that read the same messages show the same, also one that began with a state`(
    _ number: Int, _ seed: UInt64
  ) throws {
    var traffic = ClusterTraffic(seed: seed)
    var random = SeededGenerator(seed: seed + 100)
    var first = ClusterView(ClusterViewTests.settings(number))
    var joined: ClusterView?
    var joins = 0
    for step in 1...600 {
      let message = traffic.message()
      try first.take(message)
      if joined == nil {
        if step > 40 {
          joined = try ClusterView.restored(
            ClusterViewTests.settings(number, shards: 8), from: .init(first.state()))
        }
        continue
      }
      var other = joined.take()!
      try other.take(message)
      // Scrapes at any time must change nothing.
      if random.oneIn(7) { other.owners.mergeGauges() }
      if random.oneIn(11) { _ = other.state() }
      if step % 6 == 0 {
        let (expected, found) = (first.contents, other.contents)
        let differences = ClusterViewTests.differences(expected, found)
        #expect(differences.isEmpty, "step \(step) \(first.clock.second) \(other.clock.second)")
        guard differences.isEmpty else { return }
        #expect(other.clock == first.clock)
      }
      joined = consume other
      if random.oneIn(60) {
        joins += 1
        joined = nil
      }
    }
    #expect(joins > 2)
    #expect(first.totals.frames > 300)
    #expect(first.totals.messagesRefused > 0)
    #expect(first.totals.framesRefused > 0)
    #expect(first.contents.count > 30)
  }

  /// What one view has and the other has not.
  static func differences(_ expected: [String: String], _ found: [String: String]) -> [String] {
    Set(expected.keys).union(found.keys).sorted().compactMap { key in
      expected[key] == found[key]
        ? nil : "\(key): \(expected[key] ?? "nothing"), and not \(found[key] ?? "nothing")"
    }
  }

  @Test func `messages that are applied twice change nothing`() throws {
    var traffic = ClusterTraffic(seed: 3)
    var once = ClusterView(ClusterViewTests.settings(2))
    var messages: [ClusterTraffic.Message] = []
    for _ in 0..<120 { messages.append(traffic.message()) }
    for message in messages { try once.take(message) }
    var twice = ClusterView(ClusterViewTests.settings(2))
    var sequence: UInt64 = 0
    for message in messages {
      for _ in 0..<2 {
        sequence += 1
        var copy = message
        copy.sequence = sequence
        try twice.take(copy)
      }
    }
    // How many frames came twice is known of each instance.
    let isSeries = { (key: String) in !key.hasPrefix("instance ") }
    let (expected, found) = (once.contents, twice.contents)
    #expect(
      ClusterViewTests.differences(
        expected.filter { isSeries($0.key) }, found.filter { isSeries($0.key) }) == [])
  }

  @Test func `views that show the same have the same digest, and a value that changes changes it`()
    throws
  {
    var traffic = ClusterTraffic(seed: 5)
    var first = ClusterView(ClusterViewTests.settings(2))
    var second = ClusterView(ClusterViewTests.settings(2, shards: 8))
    var changes = 0
    var (values, digest) = (first.values, first.digest())
    for step in 1...200 {
      let message = traffic.message()
      try first.take(message)
      try second.take(message)
      let (found, made) = (first.values, first.digest())
      if found.keys == values.keys, found != values {
        changes += 1
        #expect(made != digest, "step \(step)")
      }
      if step % 10 == 0 { #expect(second.digest() == made, "step \(step)") }
      (values, digest) = (found, made)
    }
    #expect(changes > 5)
  }

  @Test(arguments: 1...3 as ClosedRange<UInt64>)
  func `all series go when nobody sends any more`(_ seed: UInt64) throws {
    var traffic = ClusterTraffic(seed: seed)
    var view = ClusterView(ClusterViewTests.settings(0))
    for _ in 0..<300 { try view.take(traffic.message()) }
    var last = traffic.message()
    for _ in 0..<200 {
      last.sequence += 1
      last.milliseconds += 5_000
      last.payload = [1, 0, 0, 0, 0, 0, 0, 0, 0]
      try view.take(last)
    }
    #expect(view.contents == [:])
  }

  @Test func `a message of a newer Weir stops a node before it changes anything`() throws {
    var view = ClusterView(ClusterViewTests.settings(0))
    #expect(throws: ClusterMessageReader.Refusal.newer(version: 2)) {
      try view.take(.init(sequence: 1, milliseconds: 5_000, payload: [2, 0, 0, 0, 0, 0, 0, 0, 0]))
    }
    #expect(view.sequence == 0)
    #expect(view.clock == ClusterClock())
    try view.take(
      .init(sequence: 1, milliseconds: 5_000, payload: [1, 0, 0, 0, 0, 0, 0, 0, 0, 200, 1, 1]))
    #expect(view.totals.messages == 1 && view.totals.messagesRefused == 0)
    // No newer Weir writes this, because it would write another version; and somebody has to say that one does.
    try view.take(
      .init(sequence: 2, milliseconds: 5_000, payload: [1, 0, 0, 0, 0, 0, 0, 0, 0, 77, 0]))
    view.refuse(sequence: 3, milliseconds: 5_000)
    #expect(view.sequence == 3 && view.totals.messagesRefused == 2)
  }

  @Test func `a state of another stream or key, or of a single Weir, is refused`() throws {
    var view = ClusterView(ClusterViewTests.settings(0))
    var traffic = ClusterTraffic(seed: 1)
    for _ in 0..<30 { try view.take(traffic.message()) }
    let bytes = view.state()
    var others = ClusterViewTests.settings(0)
    others.stream = "another"
    #expect(throws: ClusterView.StateRefusal.foreign) {
      _ = try ClusterView.restored(
        others, from: .init(bytes))
    }
    others = ClusterViewTests.settings(0)
    others.key = KeyStream(state: 7, salt: 10)
    #expect(throws: ClusterView.StateRefusal.foreign) {
      _ = try ClusterView.restored(
        others, from: .init(bytes))
    }
    var damaged = bytes
    damaged[damaged.count / 2] ^= 1
    do {
      _ = try ClusterView.restored(
        ClusterViewTests.settings(0), from: .init(damaged))
      Issue.record("a damaged state was taken")
    } catch {
      guard case .damaged = error else {
        Issue.record("\(error)")
        return
      }
    }
  }

  @Test func `limits that refuse a part of a state are noticed`() throws {
    var view = ClusterView(ClusterViewTests.settings(0))
    var traffic = ClusterTraffic(seed: 1)
    for _ in 0..<80 { try view.take(traffic.message()) }
    do {
      _ = try ClusterView.restored(
        ClusterViewTests.settings(0, instancesMax: 2), from: .init(view.state()))
      Issue.record("an incomplete state was taken")
    } catch {
      guard case .incomplete(let loss) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(loss.instances > 0)
    }
  }
}

extension ClusterView {
  mutating func take(_ message: ClusterTraffic.Message) throws {
    try apply(
      message.payload, sequence: message.sequence, milliseconds: message.milliseconds
    ) { _, _, _ in }
  }

  /// The bits of the values of all series that are no histograms.
  fileprivate var values: [String: Substring?] {
    contents.filter { !$0.key.hasPrefix("instance ") && !$0.value.hasPrefix("histogram") }
      .mapValues { $0.split(separator: " ").last }
  }

  /// Every series with all that a scrape may show of it, as bits; and what is known of each instance.
  var contents: [String: String] {
    owners.mergeGauges()
    var catalog = Catalog()
    catalog.update(from: aggregator)
    var contents: [String: String] = [:]
    for family in catalog.families {
      let holders = owners.holders(of: Array(family.series), someMax: 0, isLate: { false }) ?? []
      var place = 0
      aggregator.forEachSeries(of: family) { piece, index in
        defer { place += 1 }
        let spelling = piece.spelling(index)
        let series = String(decoding: spelling.indices.map { spelling[$0] }, as: UTF8.self)
        var text = "\(family.kind) born \(piece.startUnixSeconds(index))"
        text += " updated \(piece.updateSecond(index)) held \(holders[place].count)"
        text += piece.tookNegative(index) ? " negative" : ""
        if family.kind == .histogram {
          text += " \(piece.sum(index).bitPattern)"
          text += " \(piece.buckets(index).map(\.bitPattern))"
          text += " \(piece.native(index).map { "\($0)" } ?? "")"
          text += " \(piece.window(index).map { "\($0.observations)" } ?? "")"
        } else {
          text += " \(piece.value(index, kind: family.kind).bitPattern)"
        }
        contents[series] = text
      }
    }
    for reading in owners.instances(max: .max) {
      contents["instance \(reading.id.number) \(reading.id.startMilliseconds)"] = "\(reading)"
    }
    return contents
  }
}
