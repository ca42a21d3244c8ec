import TestSupport
import Testing
import WeirMetrics

@testable import WeirCloudWatch

@Suite struct CloudWatchRoundTests {
  private func counter(_ spelling: String, _ value: Double, start: UInt32 = 1) -> ReadSeries {
    ReadSeries(Array(spelling.utf8), startUnixSeconds: start, .counter(value))
  }

  private func round(
    _ series: [ReadSeries], labels: [String] = [], metricsMax: Int = 100,
    known: Set<CloudWatchMetric> = [], ledger: CloudWatchLedger? = nil
  ) -> CloudWatchRound {
    var reader = CloudWatchReader(
      labels: DimensionLabels(labels), metricsMax: metricsMax, known: known,
      ledger: ledger?.contents ?? LedgerContents())
    for one in series { reader.add(one) }
    return reader.finish()
  }

  @Test func `labels that are no dimensions are summed away`() {
    let round = round(
      [
        counter("a_total{host=\"x\",model=\"m\"}", 2),
        counter("a_total{host=\"y\",model=\"m\"}", 3),
        counter("a_total{model=\"n\"}", 4), counter("b_total", 5),
        ReadSeries(Array("g{host=\"x\"}".utf8), .gauge(1)),
        ReadSeries(Array("g{host=\"y\"}".utf8), .gauge(-3)),
      ], labels: ["model", "zone"])
    #expect(
      round.data.map(\.metric.description) == [
        "a_total{model=\"m\"}", "a_total{model=\"n\"}", "b_total", "g",
      ])
    #expect(round.data.map(\.value) == [.single(5), .single(4), .single(5), .single(-2)])
    #expect(round.data.map(\.unit) == [.count, .count, .count, .none])
  }

  @Test func `escapes, other alphabets and control characters become printable ASCII`() {
    let labels = DimensionLabels(["a b", "k"])
    let metric = labels.metric(
      of: Array("\"r\u{E9}q\"{\"a b\"=\"1 \\\"2\\\"\",k=\"z\\n\u{E9}\"}".utf8))
    #expect(metric?.name == "r%C3%A9q")
    #expect(metric?.dimensions == [.init("a b", "1 \"2\""), .init("k", "z%0A%C3%A9")])
    #expect(labels.metric(of: Array("x{k=\"   \"}".utf8)) == CloudWatchMetric("x"))
    let long = String(repeating: "n", count: 256)
    #expect(labels.metric(of: Array(long.utf8)) == nil)
  }

  @Test func `units are those of the name`() {
    #expect(CloudWatchUnit(name: "x_seconds", counts: false) == .seconds)
    #expect(CloudWatchUnit(name: "cpu_seconds_total", counts: true) == .seconds)
    #expect(CloudWatchUnit(name: "read_bytes_total", counts: true) == .bytes)
    #expect(CloudWatchUnit(name: "requests_total", counts: true) == .count)
    #expect(CloudWatchUnit(name: "temperature", counts: false) == .none)
  }

  @Test func `what was answered is not pushed again, and nothing is pushed of what stands still`() {
    let ledger = CloudWatchLedger(included: ["*"])
    let first = round([counter("a_total", 5)], ledger: ledger)
    // Not answered: the next round has it all.
    #expect(round([counter("a_total", 7)], ledger: ledger).data.map(\.value) == [.single(7)])
    ledger.note(first.data[0].series)
    #expect(round([counter("a_total", 7)], ledger: ledger).data.map(\.value) == [.single(2)])
    #expect(round([counter("a_total", 5)], ledger: ledger).data.isEmpty)
  }

  @Test func `a series that began again counts whole`() {
    let ledger = CloudWatchLedger(included: ["*"])
    ledger.note([counter("a_total", 5, start: 1)])
    #expect(
      round([counter("a_total", 9, start: 2)], ledger: ledger).data.map(\.value) == [.single(9)])
    // Of pushed groups nobody knows the start.
    #expect(
      round([counter("a_total", 3, start: 1)], ledger: ledger).data.map(\.value) == [.single(3)])
  }

  @Test func `histograms of other bounds are one metric`() {
    let one = ReadSeries(
      Array("h{k=\"1\"}".utf8),
      .histogram(HistogramBounds(upper: [1]), buckets: [2, 0], sum: 1))
    let other = ReadSeries(
      Array("h{k=\"2\"}".utf8),
      .histogram(HistogramBounds(upper: [2]), buckets: [0, 1], sum: 5))
    #expect(round([one, other]).data.map(\.value) == [.spread([.init(0.5, 2), .init(5, 1)])])
  }

  @Test func `more metrics than allowed are not pushed, and not all at once when there is room`() {
    let ledger = CloudWatchLedger(included: ["*"])
    let first = round(
      [counter("a_total", 1), counter("b_total", 2), counter("c_total", 3)], metricsMax: 2,
      ledger: ledger)
    #expect(first.data.map(\.metric.name) == ["a_total", "b_total"])
    #expect(first.metricsOverLimit == 1)
    ledger.note(first.passed)
    // A new name that sorts first takes no place from a known one.
    let second = round(
      [counter("A_total", 9), counter("a_total", 1), counter("b_total", 2)], metricsMax: 2,
      known: first.metrics, ledger: ledger)
    #expect(second.data.map(\.metric.name) == ["a_total", "b_total"])
    let third = round([counter("c_total", 4)], metricsMax: 2, ledger: ledger)
    #expect(third.data.map(\.value) == [.single(1)])
  }

  @Test func `values that CloudWatch can't take are left out, and the smallest are 0`() {
    let round = round([
      ReadSeries(Array("huge".utf8), .gauge(0x1p361)),
      ReadSeries(Array("tiny".utf8), .gauge(1e-200)),
      ReadSeries(Array("fine".utf8), .gauge(-0x1p360)),
    ])
    #expect(round.data.map(\.value) == [.single(0), .single(-0x1p360)])
    #expect(round.unusable == 1)
  }

  @Test func `the ledger comes back from its blocks, whole and in changes`() {
    var random = SeededGenerator(seed: 6)
    let ledger = CloudWatchLedger(included: ["a*", "b"])
    var payloads: [[UInt8]] = []
    for step in 0..<40 {
      if step % 15 == 14 {
        payloads += ledger.all()
      } else {
        for _ in 0..<20 {
          let number = Int.random(in: 0..<60, using: &random)
          ledger.note([counter("a\(number)", Double(step), start: UInt32(number))])
        }
        if step % 7 == 6 {
          ledger.keep(Set((0..<30).map { Array("a\($0)".utf8) }))
        }
        payloads += ledger.takeChanged()
      }
      let read = CloudWatchLedger(included: ["c"], payloads: payloads).contents
      #expect(read.count == ledger.contents.count)
      for number in 0..<60 {
        let spelling = Array("a\(number)".utf8)
        #expect(read.total(of: spelling) == ledger.contents.total(of: spelling))
      }
    }
    #expect(ledger.takeChanged().isEmpty)
    ledger.markAll()
    #expect(ledger.takeChanged().count == 1)
    // Any damage drops all of it.
    for index in payloads[0].indices {
      #expect(
        CloudWatchLedger(included: [], payloads: [Array(payloads[0][..<index])]).contents.count == 0
      )
    }
  }

  @Test func `after a restart what was never looked at is a baseline, and the rest goes on`() {
    let before = CloudWatchLedger(included: ["a*"])
    before.note([counter("a1_total", 5)])
    let ledger = CloudWatchLedger(included: ["a*", "b*"], payloads: before.all())
    let found = [counter("a1_total", 8), counter("a2_total", 3), counter("b_total", 1_000)]
    // b* was not pushed; a2 began after the last push.
    #expect(ledger.begin(found) == 1)
    let round = round(found, ledger: ledger)
    #expect(round.data.map(\.metric.name) == ["a1_total", "a2_total"])
    #expect(round.data.map(\.value) == [.single(3), .single(3)])
    // Without a state all of it is the baseline.
    #expect(CloudWatchLedger(included: ["*"]).begin(found) == 3)
  }
}
