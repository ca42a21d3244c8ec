import WeirAggregation
import WeirCloudWatch
import WeirExposition
import WeirGroups
import WeirMetrics

/// The families of some names that a scrape would show: received ones, Weir's own, and those of pushed groups.
struct ShownFamilies: Sendable {
  var received: [SeriesFamily] = []
  var own: [OwnFamily] = []
  var pushed: [PushedFamily] = []
  /// When Weir's own counters began.
  var startUnixSeconds: UInt32 = 0

  /// Passes each series to `body`, with its value of now if it was received.
  ///
  /// - Complexity: O(series). Each shard is locked for 256 of them at a time.
  func forEachSeries(in aggregator: Aggregator, _ body: (ReadSeries) -> Void) {
    for family in received {
      aggregator.forEachSeries(of: family) { piece, index in
        if let series = ReadSeries(piece, index, of: family) { body(series) }
      }
    }
    // Weir's own process is not one of the senders', so its metrics are not summed with theirs.
    let names = Set(received.map { SpelledName.raw($0.name) } + pushed.map(\.name))
    for family in own where !names.contains(Array(family.name.utf8)) {
      family.forEachSeries(startUnixSeconds, body)
    }
    for family in pushed {
      for series in family.series {
        if let series = ReadSeries(series, family.type) { body(series) }
      }
    }
  }
}

extension ReadSeries {
  /// Nil for a gauge without a value.
  init?(_ piece: borrowing SeriesPiece, _ index: Int, of family: SeriesFamily) {
    let span = piece.spelling(index)
    let spelling = [UInt8](capacity: span.count) { output in
      for index in span.indices { output.append(span[index]) }
    }
    let start = piece.startUnixSeconds(index)
    switch family.kind {
    case .counter:
      self.init(spelling, startUnixSeconds: start, .counter(piece.sum(index)))
    case .histogram:
      self.init(
        spelling, startUnixSeconds: start,
        .histogram(
          family.seriesClass.layout, buckets: Array(piece.buckets(index)), sum: piece.sum(index)))
    case .gauge, .set:
      let value = piece.value(index, kind: family.kind)
      guard value.isFinite else { return nil }
      self.init(spelling, .gauge(value))
    }
  }

  /// Nil for a value that is no number.
  init?(_ series: PushedSeries, _ type: ExposedType) {
    switch series.value {
    case .number(let value):
      guard value.isFinite else { return nil }
      self.init(series.spelling, type == .counter ? .counter(value) : .gauge(value))
    case .histogram(let histogram):
      guard histogram.sum.isFinite else { return nil }
      self.init(
        series.spelling,
        .histogram(histogram.bounds, buckets: histogram.buckets, sum: histogram.sum))
    case .summary(let summary):
      guard summary.sum.isFinite else { return nil }
      self.init(
        series.spelling, .histogram(.none, buckets: [summary.count], sum: summary.sum))
    }
  }
}

extension OwnFamily {
  fileprivate func forEachSeries(_ start: UInt32, _ body: (ReadSeries) -> Void) {
    switch values {
    case .samples(let samples):
      for sample in samples where sample.value.isFinite {
        let spelling = Array((name + sample.labels).utf8)
        body(
          type == .counter
            ? ReadSeries(spelling, startUnixSeconds: start, .counter(sample.value))
            : ReadSeries(spelling, .gauge(sample.value)))
      }
    case .histogram(let buckets, let sum):
      body(
        ReadSeries(
          Array(name.utf8), startUnixSeconds: start,
          .histogram(ScrapeMeter.bounds, buckets: buckets, sum: sum)))
    }
  }
}
