import Dispatch
import Testing
import WeirBytes
import WeirMetrics
import WeirPush

@testable import WeirAggregation

@Suite("Pushing from several threads")
struct PushConcurrencyTests {
  @Test("counts everything, while scrapes read and gauges are added and removed")
  func together() {
    let aggregator = Aggregator()
    let owners = Owners(aggregator: aggregator)
    let (pushers, frames) = (3, 300)
    let failures = Locked(0)
    DispatchQueue.concurrentPerform(iterations: pushers + 2) { thread in
      if thread < pushers {
        push(frames, from: UInt64(thread), to: owners, failures)
      } else if thread == pushers {
        var catalog = Catalog()
        for _ in 0..<60 {
          owners.mergeGauges()
          catalog.update(from: aggregator)
          _ = Contents(aggregator, catalog)
          _ = owners.instances(max: 10)
        }
      } else {
        for second in 1...200 as ClosedRange<UInt32> {
          aggregator.expire(atSecond: second)
          owners.expire(atSecond: second)
        }
      }
    }
    owners.mergeGauges()
    let contents = Contents(aggregator)
    #expect(failures.withLock { $0 } == 0)
    // Owners that are silent by this clock have lost their gauges but no counts.
    let total = Double(pushers * frames)
    #expect(contents.values[.counter]?["shared_total"] == total)
    for thread in 0..<pushers {
      #expect(contents.values[.counter]?["own_total{thread=\"\(thread)\"}"] == Double(frames))
    }
    #expect(contents.histograms["shared_seconds"]?.sum == total / 4)
    #expect(owners.totals().frames == UInt64(pushers * frames))
  }

  /// Frames of one instance; each comes twice, and its gauge is set in one and gone in the next.
  private func push(
    _ frames: Int, from instance: UInt64, to owners: Owners, _ failures: borrowing Locked<Int>
  ) {
    var ingest = PushIngest(owners)
    for number in 1...frames {
      let total = Double(number)
      let frame = Pushed(
        instance: instance, sequence: UInt64(number),
        records: [
          PushedRecord("shared_total", .counter(total)),
          PushedRecord("own_total", [("thread", "\(instance)")], .counter(total)),
          PushedRecord("shared_gauge", .gauge(number % 2 == 0 ? .nan : total, .sum)),
          PushedRecord("own_gauge", [("n", "\(number % 7)")], .gauge(total, .last)),
          PushedRecord(
            "shared_seconds", .histogram(bounds: nil, sum: total / 4, buckets: [3: total])),
        ])
      for _ in 0..<2 {
        do throws(PushRefusal) {
          try ingest.apply(frame)
        } catch {
          failures.withLock { $0 += 1 }
        }
      }
    }
    if !ingest.refused.isEmpty || !ingest.refusedSeries.isEmpty { failures.withLock { $0 += 1 } }
  }
}
