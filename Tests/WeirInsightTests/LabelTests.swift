import TestSupport
import Testing
import WeirBytes
import WeirInsight

@Suite("Labels that make series")
struct LabelTests {
  private static let hash: KeyedHash = {
    var random = SeededGenerator(seed: 4)
    return .random(using: &random)
  }()

  private func breakdown(_ series: [String], name: String = "a") -> LabelBreakdown {
    var breakdown = LabelBreakdown(hash: Self.hash, hasDetails: true)
    for one in series { breakdown.add(Array(one.utf8).span, nameLength: name.utf8.count) }
    return breakdown
  }

  private func spelling(_ labels: [String: String]) -> String {
    labels.isEmpty
      ? "a"
      : "a{" + labels.sorted { $0.key < $1.key }.map { "\($0)=\"\($1)\"" }.joined(separator: ",")
        + "}"
  }

  @Test(
    "values, most frequent values and series without each label are those of a plain count",
    arguments: 0..<30 as Range<UInt64>)
  func oracle(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var series = Set<[String: String]>()
    for _ in 0..<400 {
      var labels: [String: String] = [:]
      for (label, values) in ["model": 7, "user": 150, "z": 2] where !random.oneIn(5) {
        labels[label] = "\(Int.random(in: 0..<values, using: &random))"
      }
      series.insert(labels)
    }
    let counted = breakdown(series.map(spelling).sorted())
    #expect(counted.series == series.count)
    for label in counted.labels {
      let name = String(decoding: label.name, as: UTF8.self)
      var values: [String: Int] = [:]
      for one in series { if let value = one[name] { values[value, default: 0] += 1 } }
      #expect(label.values.isExact && label.values.count == values.count)
      let without = Set(series.map { one in one.filter { $0.key != name } })
      #expect(label.seriesWithout.count == without.count, "\(name)")
      let most = values.sorted { ($0.value, $1.key) > ($1.value, $0.key) }.prefix(3)
      let top = label.frequent.top(3).map { (String(decoding: $0.value, as: UTF8.self), $0.count) }
      #expect(top.map(\.1) == most.map(\.value))
    }
  }

  @Test("names and values are without quotes and escapes")
  func escapes() throws {
    let counted = breakdown([#"a{"odd name"="x",b="quote \" back \\ line \n"}"#])
    #expect(counted.labels.map { String(decoding: $0.name, as: UTF8.self) } == ["odd name", "b"])
    let value = try #require(counted.labels[1].frequent.top(1).first?.value)
    #expect(String(decoding: value, as: UTF8.self) == "quote \" back \\ line \n")
  }

  @Test("great numbers are estimated, and memory does not grow with them")
  func estimates() throws {
    let counted = breakdown((0..<20_000).map { #"a{x="\#($0 % 3)",user="u\#($0)"}"# })
    let user = try #require(counted.labels.first { $0.name == Array("user".utf8) })
    #expect(!user.values.isExact)
    #expect(abs(Double(user.values.count) / 20_000 - 1) < 0.08)
    #expect(user.seriesWithout.isExact && user.seriesWithout.count == 3)
  }

  @Test("a series with more labels than are counted is not lost")
  func manyLabels() {
    let labels = (0..<70).map { #"l\#($0)="v""# }.joined(separator: ",")
    let counted = breakdown(["a{\(labels)}"])
    #expect(
      counted.labels.count == LabelBreakdown.labelsMax && counted.isLabelMissing
        && counted.series == 1)
  }

  @Test(
    "advice names the label that saves most, if it saves half of at least a hundred",
    arguments: [
      (
        41_300, [("user_id", 14), ("action", 41_286)],
        "Without the label user_id, 14 series would be left of 41,300."
      ),
      (100, [("a", 50)], "Without the label a, 50 series would be left of 100."),
      (100, [("a", 51)], nil),
      (99, [("a", 1)], nil), (500, [], nil),
    ] as [(Int, [(String, Int)], String?)])
  func advice(series: Int, labels: [(String, Int)], sentence: String?) {
    let choices = labels.map { LabelAdvice.Choice(label: $0.0, seriesWithout: $0.1, isExact: true) }
    let best = LabelAdvice.best(series: series, choices)
    #expect(best.map { LabelAdvice.sentence(series: series, $0) } == sentence)
  }

  @Test("advice says that a number is an estimate")
  func estimatedAdvice() {
    let choice = LabelAdvice.Choice(label: "a", seriesWithout: 2_000, isExact: false)
    #expect(LabelAdvice.best(series: 9_000, [choice])?.label == "a")
    #expect(LabelAdvice.sentence(series: 9_000, choice).contains("about 2,000"))
  }

  @Test(
    "quantiles are on a line within their bucket, as in Prometheus",
    arguments: [
      (0.5, [1.0, 2, 4], [0.0, 10, 0, 0], 1.5), (1, [1.0, 2, 4], [0.0, 10, 0, 0], 2),
      (0.5, [1.0, 2], [4.0, 0, 0], 0.5), (0.9, [1.0, 2], [0.0, 1, 9], 2),
      (0.5, [-1.0, 2], [4.0, 0, 0], -1),
    ])
  func quantiles(fraction: Double, upper: [Double], counts: [Double], value: Double) {
    #expect(BucketQuantile.value(fraction, upper: upper, counts: counts) == value)
  }

  @Test("without observations there is no quantile")
  func noQuantile() {
    #expect(BucketQuantile.value(0.5, upper: [1], counts: [0, 0]).isNaN)
    #expect(BucketQuantile.value(0.5, upper: [], counts: [3]).isNaN)
  }

  @Test("frequent values are found among many, with an error that is known")
  func frequent() {
    var values = FrequentValues()
    func add(_ number: Int) {
      let hash = UInt64(bitPattern: Int64(number)) &* 0x9E37_79B9_7F4A_7C15
      if !values.count(hash) { values.insert(hash, Array("v\(number)".utf8)) }
    }
    for number in 0..<50_000 {
      add(number)
      if number.isMultiple(of: 2) { add(-1) }
    }
    let top = values.top(1)
    #expect(top.first.map { String(decoding: $0.value, as: UTF8.self) } == "v-1")
    #expect((top.first?.count ?? 0) + values.error >= 25_000)
    #expect((top.first?.count ?? 0) <= 25_000)
  }

  @Test("a value that becomes frequent late is found")
  func lateFrequent() {
    var values = FrequentValues()
    for number in 0..<FrequentValues.candidatesMax as Range<Int> {
      values.insert(UInt64(number), Array("v\(number)".utf8))
    }
    for _ in 0..<100 where !values.count(1 << 40) { values.insert(1 << 40, Array("late".utf8)) }
    let top = values.top(2).map { String(decoding: $0.value, as: UTF8.self) }
    #expect(top == ["late"] && values.error == 1)
  }
}
