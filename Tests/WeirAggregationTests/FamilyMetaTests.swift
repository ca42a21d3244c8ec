import Testing
import WeirBytes
import WeirMetrics

@testable import WeirAggregation

@Suite("Metadata of a metric")
struct FamilyMetaTests {
  private func told(_ help: String) -> FamilyMeta { FamilyMeta(unit: "seconds", help: help) }

  @Test("is kept if it arrives before the metric, and while the metric is gone")
  func before() {
    var lifetimes = SeriesLifetimes()
    lifetimes[.counter] = 2
    let aggregator = Aggregator(rules: .all(lifetimes: lifetimes))
    var ingest = Ingest(aggregator)
    aggregator.keep(told("first"), of: Array("a".utf8))
    aggregator.keep(told("second"), of: Array("a".utf8))
    aggregator.keep(told("reserved"), of: Array("weir_lines_total".utf8))
    #expect(aggregator.meta(of: Array("a".utf8)) == nil)
    ingest.apply("a:1|c", "b:1|c")
    #expect(aggregator.meta(of: Array("a".utf8)) == told("second"))
    #expect(aggregator.meta(of: Array("b".utf8)) == nil)
    #expect(aggregator.meta(of: Array("weir_lines_total".utf8)) == nil)
    for second in 1...20 as ClosedRange<UInt32> { aggregator.expire(atSecond: second) }
    #expect(aggregator.meta(of: Array("a".utf8)) == nil)
    ingest.apply("a:1|g")
    #expect(aggregator.meta(of: Array("a".utf8)) == told("second"))
    aggregator.keep(told("third"), of: Array("a".utf8))
    #expect(aggregator.meta(of: Array("a".utf8)) == told("third"))
  }

  @Test("waits in a bounded list, of which the oldest is dropped")
  func bound() {
    let hash = KeyedHash(firstKey: 1, secondKey: 2)
    func name(_ number: Int) -> HashedName { HashedName(Array("n\(number)".utf8), hash) }
    var waiting = WaitingMetas()
    let most = WaitingMetas.countMax
    for number in 0..<most { waiting.keep(told("\(number)"), of: name(number)) }
    // Sent again, so that it is no longer the oldest.
    waiting.keep(told("again"), of: name(0))
    for number in most..<3 * most - 1 { waiting.keep(told("\(number)"), of: name(number)) }
    #expect(waiting.take(name(1)) == nil && waiting.take(name(2 * most - 2)) == nil)
    #expect(waiting.take(name(3 * most - 2)) == told("\(3 * most - 2)"))
    #expect(waiting.take(name(2 * most)) == told("\(2 * most)"))
    #expect(waiting.take(name(2 * most)) == nil)
    // One name that is sent again and again does not replace others.
    waiting.keep(told("kept"), of: name(-1))
    for _ in 0..<most - 1 { waiting.keep(told("same"), of: name(-2)) }
    #expect(waiting.take(name(-1)) == told("kept"))
  }

  @Test("is the exemplar of a counter, or of each bucket, the newest that came")
  func exemplars() {
    func exemplar(_ value: Double, _ time: Double) -> Exemplar {
      Exemplar(labels: Array("{}".utf8), value: value, unixSeconds: time)
    }
    func lease(_ generation: UInt32, _ classID: Int = 2) -> SeriesLease {
      SeriesLease(
        handle: SeriesHandle(shard: 0, row: 3), generation: generation, classID: ClassID(classID))
    }
    var rows = ExemplarRows()
    rows.keep(exemplar(1, 20), of: lease(1), bucket: 0)
    rows.keep(exemplar(2, 10), of: lease(1), bucket: 0)
    rows.keep(exemplar(3, 10), of: lease(1), bucket: 2)
    #expect(rows.of(lease(1), buckets: 3) == [0: exemplar(1, 20), 2: exemplar(3, 10)])
    #expect(rows.of(lease(1, 0), buckets: 1) == [:])
    rows.keep(exemplar(4, 20), of: lease(1), bucket: 0)
    #expect(rows.of(lease(1), buckets: 1) == [0: exemplar(4, 20)])
    // Another series has got the row. It has no exemplar, and any exemplar is new to it.
    #expect(rows.of(lease(3), buckets: 3) == [:])
    rows.keep(exemplar(5, 1), of: lease(3), bucket: 0)
    #expect(rows.of(lease(3), buckets: 3) == [0: exemplar(5, 1)])
  }
}
