import TestSupport
import Testing
import WeirBytes
import WeirMetrics

@testable import WeirAggregation

@Suite("A router and its aggregator")
struct SampleRouterTests {
  struct Setting: CustomTestStringConvertible {
    var shards: Int
    var memoEntries: Int
    var testDescription: String { "\(shards) shards, memo of \(memoEntries)" }
  }

  @Test(
    "give the same values as a dictionary",
    arguments: [
      Setting(shards: 1, memoEntries: 1 << 20),
      Setting(shards: 8, memoEntries: 1 << 20),
      Setting(shards: 1, memoEntries: 1),
      Setting(shards: 8, memoEntries: 7),
      Setting(shards: 8, memoEntries: 50),
      Setting(shards: 64, memoEntries: 5),
    ], [1, 2] as [UInt64])
  func model(setting: Setting, seed: UInt64) {
    let aggregator = Aggregator(shards: setting.shards)
    var model = NaiveModel(seed: seed)
    var generator = SeededGenerator(seed: ~seed)
    var first = Ingest(aggregator, memoEntries: setting.memoEntries)
    var second = Ingest(aggregator, memoEntries: setting.memoEntries)
    for _ in 0..<60 {
      let lines = (0..<Int.random(in: 1...50, using: &generator)).map { _ in model.line() }
      if generator.oneIn(2) { first.apply(lines) } else { second.apply(lines) }
      if generator.oneIn(10) { #expect(Contents(aggregator) == model.contents) }
    }
    #expect(Contents(aggregator) == model.contents)
    #expect(first.totals.refused.isEmpty && second.totals.refused.isEmpty)
    #expect(first.totals.tagsDropped + second.totals.tagsDropped == model.tagsDropped)
  }

  @Test(
    "count an identity that is too long for a fingerprint, each time it comes", arguments: [0, 1])
  func longIdentity(beyond: Int) {
    let aggregator = Aggregator()
    var ingest = Ingest(aggregator)
    let value = String(repeating: "v", count: 400)
    let tags = "a:\(value),b:\(value),c:"
    let rest = FingerprintKey.bytesMax + beyond - tags.utf8.count - "name".utf8.count
    let last = String(repeating: "w", count: rest)
    for _ in 0..<3 {
      ingest.apply("name:2|c|#\(tags)\(last)", "name:1|c|#\(tags)\(last.dropLast())x")
    }
    let labels = #"a="\#(value)",b="\#(value)","#
    #expect(
      Contents(aggregator).values[.counter] == [
        "name{\(labels)c=\"\(last)\"}": 6, "name{\(labels)c=\"\(last.dropLast())x\"}": 3,
      ])
    #expect(ingest.totals.refused.isEmpty && ingest.totals.applied[0] == 6)
  }

  @Test("make one series from every order and style of the tags")
  func oneSeries() {
    let aggregator = Aggregator()
    var ingest = Ingest(aggregator)
    let lines = [
      "http.requests:1|c|#code:200,verb:get", "http.requests:1|c|#verb:get,code:200",
      "http.requests:1|c|#code:500,verb:get,code:200", "http.requests:1|c|#code:200,#verb:get",
      "http.requests,code=200,verb=get:1|c", "http.requests,verb=get,code=200:1|c",
      "http.requests#verb=get,code=200:1|c", "http.requests;verb=get;code=200:1|c",
      "http.requests[verb=get,code=200]:1|c",
      "http[code=200,verb=get].requests:1|c", "http-requests:1|c|#code:200,verb:get",
      "http_requests:1|c|@1|#verb:get,,code:200|c:container",
    ]
    for _ in 0..<3 { ingest.apply(lines) }
    #expect(
      Contents(aggregator).values
        == [.counter: [#"http_requests{code="200",verb="get"}"#: Double(3 * lines.count)]])
    #expect(ingest.totals.refused.isEmpty)
    #expect(ingest.totals.tagsDropped == 6)
  }

  @Test("distinguish identities whose concatenated bytes are the same")
  func boundaries() {
    let aggregator = Aggregator(shards: 1)
    var ingest = Ingest(aggregator)
    for _ in 0..<2 {
      ingest.apply("ab:1|c|#c:v", "a:2|c|#bc:v", "abc:4|c", "a:8|c|#b:cc:v", "abc:16|c|#none")
    }
    #expect(
      Contents(aggregator).values[.counter]
        == [
          #"ab{c="v"}"#: 2, #"a{bc="v"}"#: 4, "abc": 40, #"a{b="cc:v"}"#: 16,
        ])
  }

  @Test("count dropped tags and refusals each time, remembered or not")
  func counts() {
    var ingest = Ingest(Aggregator())
    for _ in 0..<5 {
      ingest.apply(
        "a:1:2:3|c|#k,l", "b:1|ms", "c:1:+2:3|g|#k", "d:m|s", "weir_x:1|c", "a:1:2|g",
        "e[k=v:1:+2|g")
    }
    #expect(ingest.totals.tagsDropped == 15)
    #expect(ingest.totals.refused == [.reservedName: 5, .typeClash: 5, .unclosedTags: 5])
    #expect(ingest.totals.applied == [15, 15, 5, 5])
  }

  @Test("do not lose small counts to a big one")
  func compensated() {
    let aggregator = Aggregator()
    var ingest = Ingest(aggregator)
    ingest.apply("c:1e16|c", "h:1e16|h")
    for _ in 0..<100 { ingest.apply((0..<10).flatMap { _ in ["c:1|c", "h:1|h"] }) }
    #expect(Contents(aggregator).values[.counter]?["c"] == 1e16 + 1_000)
    #expect(Contents(aggregator).histograms["h"]?.sum == 1e16 + 1_000)
  }

  @Test("saturate at the greatest double, and never show an infinity")
  func saturation() {
    let aggregator = Aggregator()
    var ingest = Ingest(aggregator)
    for _ in 0..<3 {
      ingest.apply(
        "c:1e308|c", "g:+1e308|g", "h:1e308|h|@1e-300", "h:-1e308|h", "h:1|h|@1e-308",
        "n:-1e308|g", "n:-1e308|g")
    }
    let contents = Contents(aggregator)
    let most = Double.greatestFiniteMagnitude
    #expect(contents.values[.counter]?["c"] == most)
    #expect(contents.values[.gauge] == ["g": most, "n": -most])
    #expect(contents.histograms["h"]?.sum.isFinite == true)
    #expect(contents.histograms["h"]?.buckets.allSatisfy(\.isFinite) == true)
  }

  @Test("estimate a big set within 5 %")
  func bigSet() {
    let aggregator = Aggregator()
    var ingest = Ingest(aggregator)
    for start in stride(from: 0, to: 20_000, by: 500) {
      ingest.apply((start..<start + 500).flatMap { ["s:user\($0)|s", "t:\($0)|s|#k:v"] })
    }
    for (series, count) in Contents(aggregator).values[.set]! {
      #expect((count - 20_000).magnitude < 1_000, "\(series): \(count)")
    }
  }

  @Test(
    "find each of many series again, and an old catalog shows the current values of its series")
  func many() {
    let aggregator = Aggregator(shards: 1)
    let lines = (0..<12_000).map {
      "c:\($0)|c|#route:r\($0),padding:\(String(repeating: "p", count: 30))"
    }
    var earlyCatalog = Catalog()
    for receiver in 0..<2 {
      var ingest = Ingest(aggregator)
      for start in stride(from: 0, to: lines.count, by: 1_000) {
        ingest.apply(Array(lines[start..<start + 1_000]))
        if receiver == 0 && start == 5_000 {
          earlyCatalog.update(from: aggregator)
        }
      }
    }
    let contents = Contents(aggregator).values[.counter]!
    #expect(contents.count == 12_000)
    #expect(contents.values.reduce(0, +) == Double(12_000 * 11_999))
    let before = Contents(aggregator, earlyCatalog).values[.counter]!
    #expect(before.count == 6_000)
    for (series, value) in before where contents[series] != value {
      Issue.record("\(series): \(value)")
    }
  }
}
