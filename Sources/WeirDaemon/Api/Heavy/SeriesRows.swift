import WeirAggregation
import WeirExposition
import WeirJSON
import WeirMetrics

/// The series of an answer, in JSON: those that match a selector, up to a number of them.
struct SeriesRows {
  private let selector: SeriesSelector
  private let limit: Int
  private let boundStyle: BoundStyle
  private var encoder: ExpositionEncoder?
  /// By bounds, because many series have the same.
  private var bucketLabels: [HistogramBounds: BucketLabels] = [:]
  private let holders: ([SeriesLease]) -> [SeriesHolders]?
  /// An object and an array that are open.
  private var json = JSONWriter()
  /// The first ones, which wait until it is known who pushes them.
  private var waiting: [SeriesShape] = []
  private var areWaitingWritten = false
  private var written = 0
  /// How many match.
  private(set) var total = 0
  /// Whether the answer has room for all that are to be shown.
  private(set) var isWhole = true
  /// How many are in the answer.
  var shown: Int { written + waiting.count }
  /// The aggregator's clock, from which ages are counted.
  var second: UInt32 = 0

  init(
    _ selector: SeriesSelector, limit: Int, encoder: ExpositionEncoder?, boundStyle: BoundStyle,
    holders: @escaping ([SeriesLease]) -> [SeriesHolders]?
  ) {
    self.holders = holders
    self.selector = selector
    self.limit = limit
    self.encoder = encoder
    self.boundStyle = boundStyle
    json.beginObject()
    json.key("series")
    json.beginArray()
  }

  /// Begins a family, after all that come before it on a page.
  mutating func begin(_ family: HeavyFamily) {
    guard shown < SeriesPage.detailsMax else { return }
    let type = family.received?.seriesClass.exposedType ?? family.pushed?.type ?? .unknown
    encoder?.beginFamily(FamilyHead(family.name, help: "", type: type))
    _ = encoder?.take()
  }

  /// Adds a received series if it matches.
  mutating func add(
    _ piece: borrowing SeriesPiece, _ index: Int, _ lease: SeriesLease, of family: HeavyFamily
  ) {
    guard let seriesClass = family.received?.seriesClass,
      piece.isShown(index, kind: seriesClass.kind)
    else { return }
    let span = piece.spelling(index)
    let spelling = [UInt8](capacity: span.count) { output in
      for index in span.indices { output.append(span[index]) }
    }
    guard selector.matches(spelling) else { return }
    total += 1
    guard shown < limit, isWhole else { return }
    var shape = SeriesShape(spelling, nameLength: family.name.count, type: family.type)
    let updated = piece.updateSecond(index)
    shape.ageSeconds = Int(second - min(second, updated))
    shape.bornMilliseconds = Int(piece.startUnixSeconds(index)) * 1_000
    shape.read(piece, index, seriesClass)
    if seriesClass.kind == .histogram, seriesClass.observer.summary == nil {
      shape.bounds = labels(seriesClass.layout).bounds
    }
    if shown < SeriesPage.detailsMax {
      let labels = labels(seriesClass.layout)
      encoder?.write(piece, index, nameLength: family.name.count, of: seriesClass) { labels }
      shape.text = encoder?.take()
      shape.lease = lease
    }
    append(shape)
  }

  /// Adds a series of pushed groups if it matches.
  mutating func add(_ series: PushedSeries, of family: HeavyFamily) {
    guard selector.matches(series.spelling) else { return }
    total += 1
    guard shown < limit, isWhole else { return }
    let nameLength = family.name.count
    let type = "\((family.pushed?.type ?? .unknown).word)"
    var shape = SeriesShape(series.spelling, nameLength: nameLength, type: type)
    shape.read(series.value)
    if case .histogram(let histogram) = series.value {
      shape.bounds = labels(histogram.bounds).bounds
    }
    if shown < SeriesPage.detailsMax, var encoder {
      PushedFamily.write(series, nameLength: nameLength, into: &encoder) { labels($0) }
      shape.text = encoder.take()
      self.encoder = encoder
    }
    append(shape)
  }

  private mutating func append(_ shape: SeriesShape) {
    if !areWaitingWritten {
      waiting.append(shape)
      if waiting.count == SeriesPage.detailsMax { writeWaiting() }
    } else {
      write(shape)
    }
  }

  private mutating func write(_ shape: SeriesShape) {
    guard isWhole else { return }
    isWhole = json.row { shape.write(to: &$0) }
    if isWhole { written += 1 }
  }

  private mutating func writeWaiting() {
    areWaitingWritten = true
    var shapes = waiting
    waiting = []
    let pushed = shapes.indices.filter { shapes[$0].lease != nil }
    if let found = holders(pushed.compactMap { shapes[$0].lease }) {
      for (index, holders) in zip(pushed, found) where holders.count > 0 {
        shapes[index].holders = holders
      }
    }
    for shape in shapes { write(shape) }
  }

  /// The answer, whose object is still open.
  mutating func finished() -> JSONWriter {
    if !areWaitingWritten { writeWaiting() }
    json.endArray()
    return json
  }

  private mutating func labels(_ bounds: HistogramBounds) -> BucketLabels {
    if let known = bucketLabels[bounds] { return known }
    // Senders have one list, or a few.
    if bucketLabels.count >= 100 { bucketLabels.removeAll() }
    let labels = BucketLabels(bounds, boundStyle)
    bucketLabels[bounds] = labels
    return labels
  }
}
