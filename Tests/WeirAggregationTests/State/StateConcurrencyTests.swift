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
    let failures = Atomic<Int>(0)
    let isTicking = Atomic<Bool>(true)

    init(_ workers: Int) { working = Atomic(workers) }
  }

  @Test(
    "has owners and rows of one moment, and misses no update",
    .disabled("It fails, and it is not known yet whether the cut or the test is wrong."),
    arguments: 1...4)
  func together(seed: UInt64) {
    let aggregator = Aggregator()
    let owners = Owners(aggregator: aggregator, shards: 4)
    let (pushers, texts, rounds) = (2, 1, 400)
    let progress = Progress(pushers + texts)
    DispatchQueue.concurrentPerform(iterations: pushers + texts + 2) { thread in
      if thread < pushers {
        push(rounds, UInt64(thread), to: owners, seed, progress)
      } else if thread < pushers + texts {
        text(rounds * 10, to: aggregator, progress)
      } else if thread == pushers + texts {
        var second: UInt32 = 0
        while progress.working.load(ordering: .relaxed) > 0 {
          second += 1
          aggregator.expire(atSecond: second)
          owners.expire(atSecond: second)
          for _ in 0..<200 { owners.mergeGauges() }
        }
        progress.isTicking.store(false, ordering: .releasing)
      } else {
        cut(owners, texts: texts, pushers: pushers, rounds, progress)
      }
    }
    #expect(progress.failures.load(ordering: .relaxed) == 0)
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
        progress.failures.add(1, ordering: .relaxed)
      }
      // So that cuts meet owners that are quiet, and that begin again.
      if random.oneIn(8) {
        for _ in 0..<Int.random(in: 0...400, using: &random) { _ = owners.totals() }
      }
    }
    progress.working.subtract(1, ordering: .relaxed)
  }

  private func text(_ rounds: Int, to aggregator: Aggregator, _ progress: Progress) {
    var ingest = Ingest(aggregator)
    for number in 0..<rounds { ingest.apply("text:1|c", "many,n=\(number % 100):1|c") }
    progress.working.subtract(1, ordering: .relaxed)
  }

  private func cut(
    _ owners: Owners, texts: Int, pushers: Int, _ rounds: Int, _ progress: Progress
  ) {
    var writer = StateWriter(owners: owners)
    var file = StateReplay()
    var isLast = false
    while !isLast {
      isLast = !progress.isTicking.load(ordering: .acquiring)
      var blocks = StateBlocks()
      // Its age matters to nothing here, but no tick may be after it.
      _ = writer.writeChanges(times: StateTimes(second: .max), into: &blocks)
      file.read(blocks)
      if !isConsistent(file) { progress.failures.add(1, ordering: .relaxed) }
    }
    let sum = Double(pushers * rounds)
    for (name, value) in ["shared": sum, "shared_h": sum, "text": Double(texts * rounds * 10)]
    where file.value(name) != value {
      progress.failures.add(1, ordering: .relaxed)
    }
    var fresh = StateReplay()
    var blocks = StateBlocks()
    var other = StateWriter(owners: owners)
    _ = other.writeChanges(times: StateTimes(second: .max), into: &blocks)
    fresh.read(blocks)
    if fresh != file { progress.failures.add(1, ordering: .relaxed) }
  }

  /// Whether the shared counter is the sum of its owners' totals, and the gauges are where their
  /// owners say.
  private func isConsistent(_ file: StateReplay) -> Bool {
    var told = 0.0
    for (id, owner) in file.owners {
      guard let entry = owner.entries.first, entry[4] >> 61 == 0 else { return false }
      told += Double(bitPattern: entry[3])
      guard let own = file.value("own{thread=\"\(id[0])\"}"), Double(bitPattern: entry[3]) == own
      else { return false }
      let gauge = owner.entries[3]
      let detail = gauge[4] & (1 << 48 - 1)
      guard detail > 1, let group = file.rows["shared_g"]?.gauges else {
        if detail > 1 { return false }
        continue
      }
      let (number, member) = (detail >> 24 - 1, Int(detail & (1 << 24 - 1)))
      guard group.group == number, group.members[member][0] == id[0],
        Double(bitPattern: group.members[member][2]) == own
      else { return false }
    }
    return file.value("shared") ?? 0 == told && file.value("shared_h") ?? 0 == told
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
