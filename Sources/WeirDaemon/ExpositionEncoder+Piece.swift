import WeirAggregation
import WeirExposition
import WeirMetrics

extension ExpositionEncoder {
  /// Writes one series of a piece, after its family's head.
  ///
  /// - Parameters:
  ///   - index: A series that has not expired and has a value.
  ///   - labels: The labels of the class's buckets; asked for histograms alone.
  mutating func write(
    _ piece: borrowing SeriesPiece, _ index: Int, nameLength: Int, of seriesClass: SeriesClass,
    labels: () -> BucketLabels
  ) {
    guard seriesClass.kind == .histogram else {
      return sample(
        piece.spelling(index), nameLength: nameLength,
        piece.value(index, kind: seriesClass.kind),
        startUnixSeconds: piece.startUnixSeconds(index), exemplar: piece.exemplars(index)[0])
    }
    guard let options = seriesClass.observer.summary else {
      return histogram(
        piece.spelling(index), nameLength: nameLength,
        HistogramReading(
          buckets: piece.buckets(index), sum: piece.sum(index), native: piece.native(index),
          startUnixSeconds: piece.startUnixSeconds(index), exemplars: piece.exemplars(index),
          tookNegative: piece.tookNegative(index)),
        labels: labels())
    }
    let lately = piece.window(index)?.observations
    summary(
      piece.spelling(index), nameLength: nameLength,
      SummaryReading(
        quantiles: options.quantiles.map { ($0, lately?.quantile($0) ?? .nan) },
        sum: piece.sum(index), count: piece.buckets(index).reduce(0, +),
        startUnixSeconds: piece.startUnixSeconds(index),
        tookNegative: piece.tookNegative(index)))
  }
}

extension SeriesPiece {
  /// Whether a scrape shows a series: it has not expired and has a value.
  func isShown(_ index: Int, kind: MetricKind) -> Bool {
    isAlive(index) && (kind == .histogram || !value(index, kind: kind).isNaN)
  }
}
