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
    let long = String(repeating: "n", count: 255)
    #expect(labels.metric(of: Array(long.utf8))?.name == long)
    #expect(labels.metric(of: Array("\(long)n".utf8)) == nil)
    #expect(round([counter("\(long)n", 1), counter("a", 1)]).unusable.count == 1)
    let value = String(repeating: "v", count: 1_025)
    #expect(
      labels.metric(of: Array("x{k=\"\(value)\"}".utf8))?.dimensions
        == [.init("k", String(value.dropLast()))])
  }

  @Test func `units are those of the name`() {
    #expect(CloudWatchUnit(name: "x_seconds", counts: false) == .seconds)
    #expect(CloudWatchUnit(name: "cpu_seconds_total", counts: true) == .seconds)
    #expect(CloudWatchUnit(name: "read_bytes_total", counts: true) == .bytes)
    #expect(CloudWatchUnit(name: "requests_total", counts: true) == .count)
    #expect(CloudWatchUnit(name: "temperature", counts: false) == .none)
  }

  @Test func `what was answered is not pushed again, and nothing is pushed of what stands still`() {
    let ledger = CloudWatchLedger()
    func read(_ value: Double) -> CloudWatchRound {
      let round = round([counter("a_total", value)], ledger: ledger)
      ledger.take(round)
      return round
    }
    #expect(read(5).data.map(\.value) == [.single(5)])
    // Not answered: the next round has it all.
    #expect(read(7).data.map(\.value) == [.single(7)])
    ledger.settle([CloudWatchMetric("a_total")])
    #expect(read(7).data.isEmpty)
    #expect(read(9).data.map(\.value) == [.single(2)])
    ledger.settle([CloudWatchMetric("b_total")])
    #expect(read(9).data.map(\.value) == [.single(2)])
  }

  @Test func `a series that began again counts whole, and one that lost something not at all`() {
    let ledger = CloudWatchLedger()
    ledger.take(round([counter("a_total", 5), counter("g_total", 5, start: 0)], ledger: ledger))
    ledger.settle([CloudWatchMetric("a_total"), CloudWatchMetric("g_total")])
    func values(_ series: ReadSeries) -> [CloudWatchDatum.Value] {
      round([series], ledger: ledger).data.map(\.value)
    }
    #expect(values(counter("a_total", 9, start: 2)) == [.single(9)])
    #expect(values(counter("a_total", 3)).isEmpty)
    #expect(values(counter("a_total", 7)) == [.single(2)])
    // Of pushed groups nobody knows the start.
    #expect(values(counter("g_total", 3, start: 0)) == [.single(3)])
  }

  @Test func `a metric with two types is pushed with the first, and the other is named`() {
    let ledger = CloudWatchLedger()
    let both = [
      counter("a_total", 5), ReadSeries(Array("a_total{k=\"1\"}".utf8), .gauge(3)),
      counter("a_total{k=\"2\"}", 6),
    ]
    let round = round(both, ledger: ledger)
    #expect(round.data.map(\.value) == [.single(11)])
    #expect(round.unusable == ["a_total"])
  }

  /// Series that come, go and begin again, rounds that are answered or not, restarts from the state.
  @Test(arguments: 0..<12 as Range<UInt64>)
  func `what is pushed is what was gained, whatever fails in between`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var ledger = CloudWatchLedger()
    _ = ledger.begin([], included: ["*"], dimensions: ["m"])
    var live: [String: (value: Double, start: UInt32)] = [:]
    var gained: [String: Double] = [:]
    var pushed: [String: Double] = [:]
    var payloads = ledger.takeChanged()
    for step in 1...200 as ClosedRange<UInt32> {
      for _ in 0..<6 {
        let (user, model) = (Int.random(in: 0..<8, using: &random), random.oneIn(2) ? "x" : "y")
        let series = "a_total{m=\"\(model)\",user=\"\(user)\"}"
        if random.oneIn(4) {
          live[series] = nil
        } else {
          let amount = Double(Int.random(in: 0...9, using: &random))
          live[series, default: (0, step)].value += amount
          // It has to be there when it is read.
          gained[model, default: 0] += amount
        }
        let round = round(
          live.map { counter($0.key, $0.value.value, start: $0.value.start) }, labels: ["m"],
          ledger: ledger)
        ledger.take(round)
        #expect(ledger.contents.counts.series == live.count)
        #expect(ledger.contents.counts.pending <= 2)
        guard random.oneIn(3) else { continue }
        for datum in round.data where random.oneIn(2) {
          guard case .single(let value) = datum.value else { continue }
          pushed[datum.metric.dimensions[0].value, default: 0] += value
          ledger.settle([datum.metric])
        }
      }
      payloads += step % 50 == 0 ? ledger.all() : ledger.takeChanged()
      if random.oneIn(10) {
        ledger = CloudWatchLedger(payloads: payloads)
        let series = live.map { counter($0.key, $0.value.value, start: $0.value.start) }
        #expect(ledger.begin(series, included: ["*"], dimensions: ["m"]) == 0)
        payloads += ledger.takeChanged()
      }
    }
    for model in ["x", "y"] {
      let metric = CloudWatchMetric("a_total", [.init("m", model)])
      var left = 0.0
      if case .counter(let sum) = ledger.contents.pending(of: metric) { left = sum }
      #expect(pushed[model, default: 0] + left == gained[model])
    }
  }

  @Test func `histograms of other bounds are one metric`() {
    let one = ReadSeries(
      Array("h{k=\"1\"}".utf8),
      .histogram(HistogramBounds(upper: [1]), buckets: [2, 0], sum: 1))
    let other = ReadSeries(
      Array("h{k=\"2\"}".utf8),
      .histogram(HistogramBounds(upper: [2]), buckets: [0, 1], sum: 5))
    #expect(round([one, other]).data.map(\.value) == [.spread([.init(0.5, 2), .init(5, 1)])])
    // Those of the same bounds are added up.
    #expect(
      round([one, other, one]).data.map(\.value) == [.spread([.init(0.5, 4), .init(5, 1)])])
  }

  @Test func `more metrics than allowed are not pushed, and not all at once when there is room`() {
    let ledger = CloudWatchLedger()
    let first = round(
      [counter("a_total", 1), counter("b_total", 2), counter("c_total", 3)], metricsMax: 2,
      ledger: ledger)
    #expect(first.data.map(\.metric.name) == ["a_total", "b_total"])
    #expect(first.metricsOverLimit == 1)
    ledger.take(first)
    ledger.settle(first.data.map(\.metric))
    // A new name that sorts first takes no place from a known one.
    let second = round(
      [counter("A_total", 9), counter("a_total", 2), counter("b_total", 3)], metricsMax: 2,
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
      ReadSeries(
        Array("short".utf8),
        .histogram(HistogramBounds(upper: [1]), buckets: [1, 0], sum: 1e-200)),
    ])
    #expect(
      round.data.map(\.value) == [.single(0), .single(-0x1p360), .spread([.init(0, 1)])])
    #expect(round.unusable == ["huge"])
  }

  @Test func `the ledger comes back from its blocks, whole and in changes`() {
    var random = SeededGenerator(seed: 6)
    let ledger = CloudWatchLedger()
    _ = ledger.begin([], included: ["a*", "b"])
    var payloads: [[UInt8]] = []
    var live: [Int: ReadSeries] = [:]
    for step in 0..<40 {
      if step % 15 == 14 {
        payloads += ledger.all()
      } else {
        for _ in 0..<20 {
          let number = Int.random(in: 0..<60, using: &random)
          live[number] = random.oneIn(5) ? nil : series(number, Double(step))
        }
        let round = round(Array(live.values), ledger: ledger)
        ledger.take(round)
        ledger.settle(round.data.map(\.metric).filter { _ in random.oneIn(2) })
        payloads += ledger.takeChanged()
      }
      let (read, now) = (CloudWatchLedger(payloads: payloads).contents, ledger.contents)
      #expect(read.counts == now.counts && read.included == now.included)
      for number in 0..<60 {
        let name = "a\(number)"
        #expect(read.total(of: Array(name.utf8)) == now.total(of: Array(name.utf8)))
        let metric = CloudWatchMetric(name)
        #expect(read.pending(of: metric) == now.pending(of: metric))
      }
    }
    #expect(ledger.takeChanged().isEmpty)
    ledger.markAll()
    #expect(ledger.takeChanged().count == 1)
    // Any damage drops all of it.
    for index in payloads[0].indices.dropFirst() {
      let part = CloudWatchLedger(payloads: [Array(payloads[0][..<index])])
      #expect(part.contents.counts == (0, 0))
    }
  }

  /// A counter, or a histogram.
  private func series(_ number: Int, _ value: Double) -> ReadSeries {
    if number % 3 > 0 { return counter("a\(number)", value, start: UInt32(number)) }
    let bounds = HistogramBounds(upper: number % 2 == 0 ? [1, 2] : [])
    return ReadSeries(
      Array("a\(number)".utf8), startUnixSeconds: UInt32(number + 1),
      .histogram(
        bounds, buckets: [Double](repeating: value, count: bounds.bucketCount), sum: -value))
  }

  @Test func `after a restart, names that were never read are a baseline, and others continue`() {
    let before = CloudWatchLedger()
    _ = before.begin([], included: ["a*"])
    let first = round([counter("a1_total", 5)], ledger: before)
    before.take(first)
    let found = [counter("a1_total", 8), counter("a2_total", 3), counter("b_total", 1_000)]
    // It ends before it has begun, and what it writes on the way has the patterns of before.
    let stopped = CloudWatchLedger(payloads: before.all())
    let ledger = CloudWatchLedger(payloads: stopped.takeChanged())
    // b* was not read; a2 began after the last reading.
    #expect(ledger.begin(found, included: ["a*", "b*"]) == 1)
    let next = round(found, ledger: ledger)
    #expect(next.data.map(\.metric.name) == ["a1_total", "a2_total"])
    #expect(next.data.map(\.value) == [.single(8), .single(3)])
    // Without a state all of it is the baseline.
    #expect(CloudWatchLedger().begin(found, included: ["*"]) == 3)
    // What is pending of other names and dimensions is given up.
    ledger.take(next)
    #expect(ledger.contents.counts == (3, 2))
    _ = ledger.begin(found, included: ["a2*"])
    #expect(ledger.contents.counts == (3, 1))
  }
}
