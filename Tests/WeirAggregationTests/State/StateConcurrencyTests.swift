import Dispatch
import Synchronization
import TestSupport
import Testing
import WeirBytes
import WeirMetrics
import WeirPush
import WeirState

@testable import WeirAggregation

@Suite("The state file's cut, with writers beside it")
struct StateConcurrencyTests {
  /// What threads have done.
  private final class Progress: Sendable {
    let working: Atomic<Int>
    let failures = Locked<[String]>([])
    let isTicking = Atomic<Bool>(true)
    /// Lines that were passed to the aggregator, and those that it has applied.
    let linesBegun = Atomic<Int>(0)
    let linesDone = Atomic<Int>(0)
    private let cuts = Atomic<Int>(0)

    init(_ workers: Int) { working = Atomic(workers) }

    func fail(_ sentence: String) { failures.withLock { $0.append(sentence) } }

    func countCut() { cuts.add(1, ordering: .releasing) }

    /// Waits until another cut has ended, so that there are many while others write.
    func waitForCut(_ body: () -> Void) {
      let before = cuts.load(ordering: .acquiring)
      while cuts.load(ordering: .acquiring) == before { body() }
    }
  }

  @Test("has owners and rows of one moment, and misses no update", arguments: 1...4)
  func together(seed: UInt64) {
    let aggregator = Aggregator()
    let owners = Owners(aggregator: aggregator, shards: 4)
    let (pushers, rounds) = (2, 400)
    let progress = Progress(pushers + 1)
    // Threads, because dispatched work would run one after another where there are few cores.
    let running = Running()
    for instance in 0..<pushers {
      running.start {
        push(rounds, UInt64(instance), to: owners, seed, progress)
        return []
      }
    }
    running.start {
      text(rounds * 10, to: aggregator, progress)
      return []
    }
    running.start {
      var second: UInt32 = 0
      while progress.working.load(ordering: .acquiring) > 0 {
        second += 1
        aggregator.expire(atSecond: second)
        owners.expire(atSecond: second)
        for _ in 0..<200 { owners.mergeGauges() }
      }
      progress.isTicking.store(false, ordering: .releasing)
      return []
    }
    running.start {
      cut(owners, pushers: pushers, rounds, progress)
      return []
    }
    _ = running.wait()
    #expect(progress.failures.withLock { $0 } == [])
  }

  private func push(
    _ rounds: Int, _ instance: UInt64, to owners: Owners, _ seed: UInt64, _ progress: Progress
  ) {
    var random = SeededGenerator(seed: seed &* 31 &+ instance)
    var ingest = PushIngest(owners)
    for number in 1...rounds {
      let total = Double(number)
      let frame = Pushed(
        instance: instance, sequence: UInt64(number),
        records: [
          PushedRecord("shared", .counter(total)),
          PushedRecord("own", [("thread", "\(instance)")], .counter(total)),
          PushedRecord("shared_h", .histogram(bounds: [1, 2], sum: total, buckets: [0: total])),
          PushedRecord("shared_g", .gauge(total, .sum)),
        ])
      do throws(PushRefusal) {
        try ingest.apply(frame)
      } catch {
        progress.fail("a frame was refused")
      }
      // So that cuts meet owners that are quiet, and that begin again.
      if random.oneIn(8) {
        for _ in 0..<Int.random(in: 0...400, using: &random) { _ = owners.totals() }
      }
      if number % 10 == 0 { progress.waitForCut { _ = owners.totals() } }
    }
    progress.working.subtract(1, ordering: .releasing)
  }

  private func text(_ rounds: Int, to aggregator: Aggregator, _ progress: Progress) {
    var ingest = Ingest(aggregator)
    for number in 0..<rounds {
      progress.linesBegun.add(1, ordering: .releasing)
      ingest.apply("text:1|c", "many,n=\(number % 100):1|c")
      progress.linesDone.add(1, ordering: .releasing)
      if number % 100 == 0 { progress.waitForCut { _ = aggregator.counts() } }
    }
    progress.working.subtract(1, ordering: .releasing)
  }

  private func cut(
    _ owners: Owners, pushers: Int, _ rounds: Int, _ progress: Progress
  ) {
    var writer = StateWriter(owners: owners)
    var file = StateReplay()
    var isLast = false
    while !isLast {
      isLast = !progress.isTicking.load(ordering: .acquiring)
      var blocks = StateBlocks()
      let done = progress.linesDone.load(ordering: .acquiring)
      // Its age matters to nothing here, but no tick may be after it.
      _ = writer.writeChanges(times: StateTimes(second: 1 << 31 - 1), into: &blocks)
      let begun = progress.linesBegun.load(ordering: .acquiring)
      file.read(blocks)
      if let fault = fault(of: file) { progress.fail(fault) }
      let told = Int(file.value("text") ?? 0)
      if told < done || told > begun { progress.fail("\(told) is not in \(done)...\(begun)") }
      progress.countCut()
    }
    let sum = Double(pushers * rounds)
    for (name, value) in ["shared": sum, "shared_h": sum, "text": Double(rounds * 10)]
    where file.value(name) != value {
      progress.fail("\(name) is \(file.value(name) ?? .nan) at the end, not \(value)")
    }
    var fresh = StateReplay()
    var blocks = StateBlocks()
    var other = StateWriter(owners: owners)
    _ = other.writeChanges(times: StateTimes(second: 1 << 31 - 1), into: &blocks)
    fresh.read(blocks)
    for (name, row) in fresh.rows where file.rows[name] != row {
      progress.fail("\(name) is \(file.rows[name].debugDescription), not \(row)")
    }
    for (id, owner) in fresh.owners where file.owners[id] != owner {
      progress.fail("\(id) is \(file.owners[id].debugDescription), not \(owner)")
    }
    if fresh != file { progress.fail("the file is not what a new one would be") }
  }

  /// Nil if the shared counter is the sum of its owners' totals, and the gauges are where their owners
  /// say.
  private func fault(of file: StateReplay) -> String? {
    var told = 0.0
    for (id, owner) in file.owners {
      let total = Double(bitPattern: owner.entries[0][3])
      told += total
      let own = file.value("own{thread=\"\(id[0])\"}")
      if own != total { return "an owner's total is \(total), its series \(own ?? .nan)" }
      let detail = owner.entries[3][4] & (1 << 48 - 1)
      guard detail > 1 else { continue }
      guard let group = file.rows["shared_g"]?.gauges else { return "a gauge has no group" }
      let (number, member) = (detail >> 24 - 1, Int(detail & (1 << 24 - 1)))
      guard group.group == number, group.members[member][0] == id[0],
        Double(bitPattern: group.members[member][2]) == total
      else { return "\(group) is not that of \(id), \(number), \(member), \(total)" }
    }
    for name in ["shared", "shared_h"] where file.value(name) ?? 0 != told {
      return "\(name) is \(file.value(name) ?? .nan), its owners' totals \(told)"
    }
    return nil
  }

  @Test("comes before or after a frame: one that waited for it reads the clock after it")
  func staleClock() {
    let aggregator = Aggregator()
    let owners = Owners(aggregator: aggregator, shards: 1)
    let progress = Progress(0)
    let done = DispatchSemaphore(value: 0)
    owners.withAllLocked { _ in
    } then: {
      DispatchQueue.global().async {
        var ingest = PushIngest(owners)
        progress.working.store(1, ordering: .releasing)
        _ = try? ingest.apply(Pushed(sequence: 1, records: [PushedRecord("c", .counter(1))]))
        done.signal()
      }
      while progress.working.load(ordering: .acquiring) == 0 {}
      // Long enough that the frame waits for the lock, usually.
      for _ in 0..<20_000 { _ = aggregator.counts() }
      aggregator.expire(atSecond: 10)
    }
    done.wait()
    var writer = StateWriter(owners: owners)
    var file = StateReplay()
    var blocks = StateBlocks()
    _ = writer.writeChanges(times: StateTimes(second: 10), into: &blocks)
    file.read(blocks)
    #expect(file.rows["c"]?.tick == 10)
    #expect(file.owners[[1, 1_000]]?.last == 10)
  }
}
