import Testing
import WeirMetrics

@testable import WeirCloudWatch

@Suite struct CloudWatchLedgerTests {
  private func counter(_ spelling: String, _ value: Double, start: UInt32 = 1) -> ReadSeries {
    ReadSeries(Array(spelling.utf8), startUnixSeconds: start, .counter(value))
  }

  private func histogram(_ upper: [Double], _ buckets: [Double], sum: Double) -> ReadSeries {
    ReadSeries(
      Array("h".utf8), startUnixSeconds: 1,
      .histogram(HistogramBounds(upper: upper), buckets: buckets, sum: sum))
  }

  /// What a round pushes. CloudWatch takes all of it.
  @discardableResult
  private func read(
    _ series: [ReadSeries], _ ledger: CloudWatchLedger
  ) -> [CloudWatchDatum.Value] {
    var reader = CloudWatchReader(
      labels: DimensionLabels([]), metricsMax: 10_000, ledger: ledger.contents)
    for one in series { reader.add(one) }
    let round = reader.finish()
    ledger.take(round)
    ledger.settle(round.data.map(\.metric))
    return round.data.map(\.value)
  }

  private func total(_ name: String, _ ledger: CloudWatchLedger) -> [Double]? {
    ledger.contents.total(of: Array(name.utf8))?.cells
  }

  @Test func `a ledger of several blocks comes back whole`() {
    let ledger = CloudWatchLedger()
    let long = String(repeating: "n", count: 100)
    let series = (0..<6_000).map { counter("\(long)\($0)", Double($0)) }
    read(series, ledger)
    let payloads = ledger.all()
    #expect(payloads.count > 1)
    let contents = CloudWatchLedger(payloads: payloads).contents
    #expect(contents.counts == (6_000, 0))
    #expect(series.allSatisfy { contents.total(of: $0.spelling) == $0.total })
  }

  @Test func `what went before a whole block does not come back`() {
    let ledger = CloudWatchLedger()
    read([counter("a", 1), counter("b", 2)], ledger)
    var payloads = ledger.takeChanged()
    // After a failure of the disk, say.
    ledger.markAll()
    read([counter("a", 1)], ledger)
    payloads += ledger.takeChanged()
    #expect(CloudWatchLedger(payloads: payloads).contents.counts == (1, 0))
  }

  @Test func `the patterns that hold are those of the last run`() {
    let first = CloudWatchLedger()
    _ = first.begin([], included: ["a*"])
    read([counter("a1", 5)], first)
    let second = CloudWatchLedger(payloads: first.all())
    _ = second.begin([], included: ["b*"])
    read([counter("b1", 5)], second)
    // What is named a* may have gained something while it was not looked at.
    let third = CloudWatchLedger(payloads: first.all() + second.all())
    let found = [counter("a1", 7), counter("b1", 6), counter("b2", 1)]
    #expect(third.begin(found, included: ["a*", "b*"]) == 1)
    #expect(total("a1", third) == [7])
    #expect(total("b1", third) == [5])
    #expect(read(found, third) == [.single(1), .single(1)])
  }

  @Test func `a baseline of 0 is not worth a line in the log`() {
    let ledger = CloudWatchLedger()
    let gauge = ReadSeries(Array("g".utf8), .gauge(1))
    #expect(ledger.begin([counter("a", 0), counter("b", 1), gauge], included: ["*"]) == 1)
    #expect(ledger.contents.counts == (2, 0))
  }

  @Test func `the sum of a histogram may fall, its counts can't`() {
    let ledger = CloudWatchLedger()
    read([histogram([1], [2, 0], sum: 5)], ledger)
    #expect(read([histogram([1], [3, 0], sum: 3)], ledger) == [.spread([.init(-2, 1)])])
    // Other bounds make another histogram. One that has less has lost something.
    #expect(
      read([histogram([1, 2], [3, 1, 0], sum: 2)], ledger)
        == [.spread([.init(0.25, 3), .init(1.25, 1)])])
    #expect(read([histogram([1, 2], [1, 0, 0], sum: 1)], ledger) == [])
    #expect(read([histogram([1, 2], [2, 0, 0], sum: 2)], ledger) == [.spread([.init(1, 1)])])
  }

  @Test func `a series of unknown start that falls to 0 counts from there`() {
    let ledger = CloudWatchLedger()
    read([counter("a", 100, start: 0)], ledger)
    #expect(read([counter("a", 0, start: 0)], ledger) == [])
    #expect(read([counter("a", 150, start: 0)], ledger) == [.single(150)])
  }

  @Test func `what CloudWatch can't take is not in what is pushed later`() {
    let ledger = CloudWatchLedger()
    #expect(read([counter("a", 0x1p361)], ledger) == [])
    #expect(read([counter("a", 0x1p361 + 0x1p310)], ledger) == [.single(0x1p310)])
  }
}
