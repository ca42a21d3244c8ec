import Testing
import WeirMetrics

@testable import WeirAggregation

@Suite("A name")
struct AdmissionTests {
  @Test(
    "has the type that came first",
    arguments: [
      (["a:1|c"], "a:1|g", .typeClash), (["a:1|c"], "a:1|h", .typeClash),
      (["a:1|c"], "a:1|s", .typeClash), (["a:1|g"], "a:1|c", .typeClash),
      (["a:1|g"], "a:1|s", .typeClash), (["a:1|s"], "a:1|g", .typeClash),
      (["a:1|ms"], "a:1|c", .typeClash), (["a:1|c|#k:v"], "a:1|g|#l:w", .typeClash),
      (["a:1|c"], "a,k=v:1|g", .typeClash), (["a.b:1|c"], "a-b:1|g", .typeClash),
      (["a:1|ms"], "a:1|h", nil), (["a:1|h"], "a:1|d|#k:v", nil), (["a:1|c"], "a:1|c|#k:v", nil),
      (["a:1|c"], "A:1|g", nil), (["a:1|c"], "b:1|g", nil),
      // A histogram uses four more names.
      (["a:1|h"], "a_created:5|g", .typeClash), (["a_created:5|g"], "a:1|h", .typeClash),
      (["a:1|h"], "a_created:1|h", .typeClash), (["a:1|c"], "a_created:1|g", nil),
      // For counters: the names that OpenMetrics can show.
      (["a:1|h"], "a_total:1|c", nil), (["a:1|h"], "a_count_total:1|c", nil),
      (["a:1|h"], "a_info:1|g", nil), (["a:1|h"], "a_gsum:1|g", nil),
      (["a:1|h"], "a_bucket:1|c", .typeClash), (["a:1|h"], "a_sum:1|g", .typeClash),
      (["a:1|h"], "a.count:1|c|#k:v", .typeClash), (["a:1|h"], "a_sum:1|h", .typeClash),
      (["a:1|h|#k:v"], "a_count:1|s", .typeClash), (["a_bucket:1|c"], "a:1|h", .typeClash),
      (["a_sum:1|g"], "a:1|ms", .typeClash), (["a_count:1|s"], "a:1|d", .typeClash),
      (["a_sum:1|h"], "a:1|h", .typeClash), (["a:1|h"], "a_max:1|g", nil),
      (["a_sum:1|c"], "a:1|c", nil), (["a:1|c"], "a_count:1|c", nil),
      (["a:1|g", "a_sum:1|g"], "a_sum_count:1|c", nil), (["a:1|h"], "a_bucket_bucket:1|c", nil),
      // A refused sample takes no name.
      (["a:x|c"], "a:1|g", nil), (["a[:1|c"], "a:1|g", nil), (["weir_a:1|c"], "a:1|g", nil),
      (["a_sum:1|c", "a:1|h"], "a:1|g", nil), (["a_sum:1|c", "a:1|h"], "a_bucket:1|g", nil),
      (["a:1|c", "a:1|h"], "a_sum:1|g", nil),
    ] as [([String], String, Refusal?)])
  func clash(before: [String], line: String, refusal: Refusal?) {
    for together in [true, false] {
      let aggregator = Aggregator()
      var ingest = Ingest(aggregator)
      if together {
        ingest.apply(before + [line])
      } else {
        for one in before { ingest.apply(one) }
      }
      if !together {
        let seen = Contents(aggregator)
        let refusedBefore = ingest.totals.refused.values.reduce(0, +)
        var other = Ingest(aggregator)
        other.apply(line, line)
        #expect(other.totals.refused == (refusal.map { [$0: 2] } ?? [:]))
        // A clash changes nothing, and samples of the first type are still accepted.
        if refusal != nil { #expect(Contents(aggregator) == seen) }
        ingest.apply(before)
        #expect(ingest.totals.refused.values.reduce(0, +) >= refusedBefore)
      } else if let refusal {
        #expect(ingest.totals.refused[refusal] == 1)
      }
    }
  }

  @Test(
    "of Weir's own, or of Prometheus', is refused",
    arguments: [
      ("weir_lines_total:1|c", .reservedName), ("weir.lines:1|g", .reservedName),
      ("weir-x:1|ms|#k:v", .reservedName), ("weir_:1|c", .reservedName),
      ("weir,k=v:1|c", nil), ("we[k=v]ir_x:1|c", .reservedName), ("weird_x:1|c", nil),
      ("weir:1|c", nil), ("Weir_x:1|c", nil), ("_weir_x:1|c", nil),
      ("process_cpu_seconds_total:1|c", .reservedName),
      ("process.cpu.seconds.total:1|c", .reservedName),
      ("process_cpu_seconds_total:1|c|#none", .reservedName),
      ("process_cpu_seconds_total:1|c|#instance:a", nil),
      ("process_cpu_seconds_total:1|g", .typeClash),
      ("process_cpu_seconds_total:1|g|#instance:a", .typeClash),
      ("process_open_fds:1|g", .reservedName), ("process_open_fds:1|g|#instance:a", nil),
      ("up:1|g", .reservedName), ("up:1|g|#instance:a", .reservedName), ("up:1|h", .reservedName),
      ("scrape.duration-seconds:1|ms", .reservedName), ("ALERTS:1|c", .reservedName),
      ("upper:1|g", nil), ("UP:1|g", nil), ("alerts:1|c", nil),
      ("process_open_fds_more:1|c", nil), ("own:1|h", .typeClash), ("own_count:1|c", nil),
    ] as [(String, Refusal?)])
  func reserved(line: String, refusal: Refusal?) {
    let aggregator = Aggregator()
    aggregator.reserve("process_cpu_seconds_total", kind: .counter)
    aggregator.reserve("process_open_fds", kind: .gauge)
    aggregator.reserve("own_sum", kind: .counter)
    var ingest = Ingest(aggregator)
    for _ in 0..<2 { ingest.apply(line) }
    #expect(ingest.totals.refused == (refusal.map { [$0: 2] } ?? [:]))
    let contents = Contents(aggregator)
    #expect(
      contents.values.values.reduce(contents.histograms.count) { $0 + $1.count }
        == (refusal == nil ? 1 : 0))
  }

  @Test("above the limit on series is refused, and existing ones are updated")
  func seriesLimit() {
    var limits = SeriesLimits()
    limits.seriesMax = 4
    let aggregator = Aggregator(limits: limits)
    var ingest = Ingest(aggregator)
    ingest.apply("a:1|c", "b:1|g", "c:1|h", "d:m|s", "e:1|c", "a:1|c|#k:v", "f:1|h")
    #expect(ingest.totals.refused == [.tooManySeries: 3])
    ingest.apply("a:1|c", "b:2|g", "c:3|h", "d:n|s", "a:1|g", "e:1|c")
    #expect(ingest.totals.refused == [.tooManySeries: 4, .typeClash: 1])
    let contents = Contents(aggregator)
    #expect(contents.values == [.counter: ["a": 2], .gauge: ["b": 2], .set: ["d": 2]])
    #expect(contents.histograms.keys.sorted() == ["c"])
    #expect(MetricKind.allCases.map(aggregator.counts().series) == [1, 1, 1, 1])
  }

  @Test("above the limit on a scrape's bytes is refused, and a histogram counts once per line")
  func byteLimit() {
    var limits = SeriesLimits()
    limits.exposedBytesMax = 100
    let aggregator = Aggregator(
      rules: .all(bounds: HistogramBounds(upper: [1, 2])), limits: limits)
    var ingest = Ingest(aggregator)
    // 5 lines of 9 bytes, and 2 of 27 and 28.
    ingest.apply("histogram:1|h", "counter:1|c|#k:0123456789abcd", "counter:1|c|#k:0123456789abcde")
    #expect(ingest.totals.refused == [:])
    ingest.apply("c:1|c", "histogram:1|h", "c:1|c")
    #expect(ingest.totals.refused == [.tooManySeries: 2])
    #expect(Contents(aggregator).histograms["histogram"]?.buckets == [2, 0, 0])
  }

  @Test("with tags is not read if it exceeds the limit on an identity's bytes")
  func identityLimit() {
    let aggregator = Aggregator()
    var ingest = Ingest(aggregator)
    let commas = String(repeating: ",", count: 8_191)
    for _ in 0..<2 { ingest.apply("a:1|c|#\(commas)", "b:1|c|#\(commas),", "\(commas),,:1|c") }
    #expect(ingest.totals.refused == [.seriesTooLong: 4])
    #expect(ingest.totals.tagsDropped == 2 * 8_192)
    #expect(Contents(aggregator).values == [.counter: ["a": 2]])
  }

  @Test("that was accepted shows nothing before its first value")
  func firstValue() throws {
    let aggregator = Aggregator()
    for kind in [MetricKind.gauge, .set] {
      var builder = SeriesBuilder()
      builder.begin()
      builder.appendName(Array("\(kind)".utf8).span, from: 0, to: "\(kind)".utf8.count)
      try builder.finish(kind: kind)
      let lease = try aggregator.resolve(builder, kind: kind)
      var piece = SeriesPiece()
      aggregator.read([lease][...], of: SeriesClass(kind), into: &piece)
      #expect(piece.isAlive(0) && piece.value(0, kind: kind).isNaN)
    }
    var ingest = Ingest(aggregator)
    ingest.apply("gauge:+3|g", "set:m|s")
    #expect(Contents(aggregator).values == [.gauge: ["gauge": 3], .set: ["set": 1]])
  }

  @Test("and its labels must be within the limits on a series")
  func labelLimits() {
    var limits = SeriesLimits()
    limits.labelsPerSeriesMax = 2
    limits.seriesBytesMax = 20
    let aggregator = Aggregator(limits: limits)
    var ingest = Ingest(aggregator)
    ingest.apply(
      "a:1|c|#k:v,l:w", "a:1|c|#k:v,l:w,m:x", "b:1|c|#k:0123456789abc", "b:1|c|#k:0123456789abcd")
    #expect(ingest.totals.refused == [.tooManyLabels: 1, .seriesTooLong: 1])
    #expect(Contents(aggregator).values[.counter]?.count == 2)
  }
}
