import TestSupport
import Testing
import WeirMetrics
import WeirState

@testable import WeirAggregation

@Suite("A new base of the state file, in slices")
struct StateBaseTests {
  @Test("says the same as the current file and as a writer that begins now", arguments: 1...12)
  func slices(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var lifetimes = SeriesLifetimes()
    for kind in [MetricKind.counter, .gauge, .histogram] { lifetimes[kind] = 6 }
    var written = WrittenServer(
      Aggregator(
        rules: .all(sets: SetOptions(windowSeconds: 50), lifetimes: lifetimes), shards: 2)
    ) { limits in
      limits.gaugeSeconds = 4
      limits.retireSeconds = 8
      limits.forgetSeconds = 12
    }
    var sequences: [UInt64: UInt64] = [:]
    written.commit()
    for _ in 0..<6 {
      for _ in 0..<4 { try load(&written, &sequences, &random) }
      if random.oneIn(2) { written.commit() }
      var next = try slices(&written) { written, next in
        if random.oneIn(3) { try load(&written, &sequences, &random) }
        if random.oneIn(4) { commit(&written, &next) }
      }
      if random.oneIn(2) { try load(&written, &sequences, &random) }
      commit(&written, &next)
      var fresh = written.fresh()
      // That writer has taken what has changed from the first one.
      let first = UInt64(max(0, Int(written.second) / 10 - 4))
      fresh.dropSteps(before: first)
      next.dropSteps(before: first)
      #expect(next.rows.count == fresh.rows.count)
      #expect(next == fresh)
      written.file.dropSteps(before: first)
      #expect(written.file == fresh)
      written.writer.reset()
      written.file = StateReplay()
      written.commit()
    }
  }

  /// All slices of a new base.
  ///
  /// - Parameter between: Called after each slice.
  private func slices(
    _ written: inout WrittenServer,
    between: (inout WrittenServer, inout StateReplay) throws -> Void = { _, _ in }
  ) rethrows -> StateReplay {
    written.writer.beginBase()
    var next = StateReplay()
    var isLast = false
    while !isLast {
      var slice = StateBlocks()
      isLast = written.writer.writeSlice(into: &slice)
      next.read(slice)
      try between(&written, &next)
    }
    return next
  }

  @Test("have everything that the file knows, also what has not changed for long")
  func quiet() throws {
    var written = WrittenServer(Aggregator(shards: 2))
    written.lines.apply("a:1|c", "g:2|g", "h:3|h", "s:x|s")
    try written.frames.apply(
      Pushed(
        sequence: 1,
        records: [PushedRecord("c", .counter(5)), PushedRecord("pg", .gauge(1, .sum))]))
    written.server.aggregator.keep(FamilyMeta(help: "A."), of: Array("a".utf8))
    written.commit()
    written.pass(10)
    written.commit()
    var next = try slices(&written)
    #expect(next == written.fresh())
    #expect(next.owners.count == 1 && next.rows.count == 6)
    #expect(next.blocks[.times] ?? 0 > 2 && next.blocks[.key] == 1)
    commit(&written, &next)
    #expect(next == written.fresh())
  }

  @Test("leave a class to the next increment that only the file before knows")
  func lateClass() throws {
    var written = WrittenServer(Aggregator(shards: 1))
    written.lines.apply("a:1|c", "g:2|g")
    written.commit()
    #expect(written.server.owners.forget([try SeriesSelector("a")]).count == 1)
    written.commit()
    var next = try slices(&written)
    commit(&written, &next)
    // The file before knows counters, and nobody asks it any more.
    written.lines.apply("b:7|c")
    commit(&written, &next)
    #expect(next.value("b") == 7)
    #expect(next == written.fresh())
  }

  @Test("and an increment between them tell of a class once more")
  func classOfBoth() {
    var written = WrittenServer(Aggregator(shards: 1))
    written.lines.apply("a:1|c")
    written.commit()
    written.writer.beginBase()
    written.lines.apply("a:1|c")
    var next = StateReplay()
    commit(&written, &next)
    // Values of a row that only a later slice brings, of a class that this file knows by now.
    var isLast = false
    while !isLast {
      var slice = StateBlocks()
      isLast = written.writer.writeSlice(into: &slice)
      next.read(slice)
    }
    commit(&written, &next)
    #expect(next == written.fresh())
    #expect(next.value("a") == 2)
  }

  @Test("have no series that has got a row since the last increment")
  func reusedRow() throws {
    var written = WrittenServer(Aggregator(shards: 1))
    written.lines.apply("a:1|c", "kept:1|c")
    written.commit()
    for isKnownFree in [false, true] {
      #expect(written.server.owners.forget([try SeriesSelector("a")]).count == 1)
      if isKnownFree { written.commit() }
      written.lines.apply("b:1|c")
      var next = try slices(&written)
      #expect(Set(next.rows.keys) == ["kept"])
      // No increment has known it, so that none says that it is gone.
      #expect(written.server.owners.forget([try SeriesSelector("b")]).count == 1)
      commit(&written, &next)
      #expect(next == written.fresh())
      #expect(written.file == written.fresh())
      written.lines.apply("a:1|c")
      written.commit()
    }
  }

  @Test("have no instance that is newer than the last increment")
  func newOwner() throws {
    var written = WrittenServer(ownerShards: 1) { limits in
      limits.retireSeconds = 5
      limits.forgetSeconds = 10
    }
    func frame(_ instance: UInt64) -> Pushed {
      Pushed(instance: instance, sequence: 1, records: [PushedRecord("c", .counter(5))])
    }
    try written.frames.apply(frame(1))
    written.commit()
    try written.frames.apply(frame(2))
    var next = try slices(&written)
    #expect(next.owners.keys.map { $0[0] } == [1])
    // It is forgotten before the next increment, which does not say so.
    written.pass(40)
    commit(&written, &next)
    #expect(next == written.fresh())
  }

  @Test("end when everything is written anew")
  func reset() {
    var written = WrittenServer()
    written.lines.apply("a:1|c")
    written.commit()
    written.writer.beginBase()
    written.writer.reset()
    written.commit()
    var slice = StateBlocks()
    let isLast = written.writer.writeSlice(into: &slice)
    #expect(isLast && slice.byteCount == 0)
  }

  /// An increment that goes into both files.
  private func commit(_ written: inout WrittenServer, _ next: inout StateReplay) {
    var blocks = StateBlocks()
    _ = written.writer.writeChanges(times: StateTimes(second: written.second), into: &blocks)
    written.file.read(blocks)
    next.read(blocks)
  }

  /// Some lines, some frames, and some time.
  private func load(
    _ written: inout WrittenServer, _ sequences: inout [UInt64: UInt64],
    _ random: inout SeededGenerator
  ) throws {
    for _ in 0..<Int.random(in: 0...12, using: &random) {
      let name = "\(random.pick(["a", "b", "d", "e"])),n=\(Int.random(in: 0...20, using: &random))"
      switch Int.random(in: 0...3, using: &random) {
      case 0: written.lines.apply("c_\(name):0.1|c")
      case 1: written.lines.apply("g_\(name):\(Int.random(in: -5...5, using: &random))|g")
      case 2: written.lines.apply("h_\(name):\(Int.random(in: -1...30, using: &random))|h")
      default: written.lines.apply("s_\(name):\(Int.random(in: 0...300, using: &random))|s")
      }
    }
    for _ in 0..<Int.random(in: 0...4, using: &random) {
      let instance = UInt64.random(in: 1...6, using: &random)
      let sequence = sequences[instance, default: 0] + 1
      sequences[instance] = sequence
      let total = Double(sequence)
      let bounds = random.pick([[1.0, 2.0], [3.0], [4.0, 5.0, 6.0]])
      try written.frames.apply(
        Pushed(
          instance: instance, sequence: sequence, isFinal: random.oneIn(12),
          records: [
            PushedRecord("p", .counter(total)),
            PushedRecord("pg", [("n", "\(sequence % 3)")], .gauge(total, .sum)),
            PushedRecord("shared_g", .gauge(total, .max)),
            PushedRecord("pa", .gaugeAdd(1, .sum)),
            PushedRecord(
              "ph_\(bounds.count)", .histogram(bounds: bounds, sum: total, buckets: [0: total])),
            PushedRecord(
              "pe", .exponential(schema: 2, sum: total, zero: total, positive: [3: total])),
            PushedRecord("ps", .members([sequence])),
          ]))
      if random.oneIn(5) {
        written.server.aggregator.keep(
          FamilyMeta(help: "Help \(sequence)."), of: Array("p\(sequence % 4)".utf8))
      }
    }
    if random.oneIn(2) { written.lines.apply("shared_g:77|g") }
    written.pass(UInt32.random(in: 1...4, using: &random))
    if random.oneIn(10) { written.pass(20) }
  }
}
