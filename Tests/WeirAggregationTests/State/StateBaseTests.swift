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
      Aggregator(rules: .all(lifetimes: lifetimes), sets: SetOptions(windowSeconds: 50), shards: 2)
    ) { limits in
      limits.gaugeSeconds = 4
      limits.retireSeconds = 8
      limits.forgetSeconds = 12
    }
    var sequences: [UInt64: UInt64] = [:]
    written.commit()
    for _ in 0..<6 {
      for _ in 0..<4 { try load(&written, &sequences, &random) }
      written.writer.beginBase()
      var next = StateReplay()
      var isLast = false
      while !isLast {
        var slice = StateBlocks()
        isLast = written.writer.writeSlice(into: &slice)
        next.read(slice)
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
