import WeirBytes
import WeirExposition
import WeirMetrics

/// Series of pushed groups of one family, while a page is written.
struct PushedCursor: Sendable {
  private var series: ArraySlice<PushedSeries> = []
  private var nameLength = 0
  private var bucketLabels: [HistogramBounds: BucketLabels] = [:]
  private let boundStyle: BoundStyle
  /// Series that were left out because a sender has the same.
  private(set) var hidden = 0

  init(_ boundStyle: BoundStyle) { self.boundStyle = boundStyle }

  /// Whether all of the family's series are written.
  var isEmpty: Bool { series.isEmpty }

  mutating func begin(_ family: PushedFamily?) {
    series = family?.series[...] ?? []
    nameLength = family?.name.count ?? 0
  }

  /// Writes series until the encoder holds at least this many bytes, or none is left.
  mutating func write(into encoder: inout ExpositionEncoder, upTo bytes: Int) {
    while encoder.byteCount < bytes, let next = series.popFirst() { write(next, &encoder) }
  }

  /// Writes the next series, if it comes before a sender's series.
  ///
  /// - Returns: Whether it was written, or left out because the sender has the same.
  mutating func writesNext(
    before spelling: borrowing Span<UInt8>, into encoder: inout ExpositionEncoder
  ) -> Bool {
    guard let next = series.first, !spelling.precedes(next.spelling.span) else { return false }
    series.removeFirst()
    if spelling.count == next.spelling.count,
      spelling.matches(at: 0, next.spelling.span, at: 0, length: spelling.count)
    {
      hidden += 1
    } else {
      write(next, &encoder)
    }
    return true
  }

  private mutating func write(_ series: PushedSeries, _ encoder: inout ExpositionEncoder) {
    if case .histogram(let histogram) = series.value, bucketLabels[histogram.bounds] == nil {
      // Clients have one list, or a few.
      if bucketLabels.count >= 100 { bucketLabels.removeAll() }
      bucketLabels[histogram.bounds] = BucketLabels(histogram.bounds, boundStyle)
    }
    let (labels, style) = (bucketLabels, boundStyle)
    PushedFamily.write(series, nameLength: nameLength, into: &encoder) {
      labels[$0] ?? BucketLabels($0, style)
    }
  }
}
