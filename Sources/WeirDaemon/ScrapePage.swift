// Safety: the actor holds the executor that it names, so that the unowned reference never dangles.

import WeirAggregation
import WeirExposition
import WeirHTTP
import WeirMetrics
import WeirSockets

/// One scrape in progress. Each time its reader asks for more, it copies some series under their shards'
/// locks, renders them outside, and returns the bytes.
actor ScrapePage: HTTPBodyStream {
  private let aggregator: Aggregator
  private let catalog: Catalog
  private let names: PageNames
  private let filter: NameFilter?
  private var encoder: ExpositionEncoder
  /// By class of histograms, rendered once for the page.
  private var bucketLabels: [ClassID: BucketLabels] = [:]
  private let ownBucketLabels: BucketLabels
  private let boundStyle: BoundStyle
  private let deadline: ContinuousClock.Instant?
  /// Its commit is waited for before the end of the page is sent; nil if there is none.
  private let keeper: StateKeeper?
  /// Nil for a page that is not shown.
  private let running: ScrapeLog.Running?
  private var seriesWritten = 0
  nonisolated let mustBeWhole: Bool
  private let scraper: Scraper
  private let executor: DispatchQueueExecutor
  private let clock = ContinuousClock()

  /// Families that are not in the catalogue and not written yet.
  private var others: OtherFamilies
  /// Series of groups that belong to the family that was begun, and are not written yet.
  private var pushed: PushedCursor
  /// Whether the family that was begun is not in the catalogue.
  private var isOtherBegun = false
  /// The position in the catalogue: the family, and the first of its series that `piece` does not hold.
  private var family = 0
  private var nextSeries = 0
  private var piece = SeriesPiece()
  /// The first series of the piece that is not written yet.
  private var nextInPiece = 0
  private var isFamilyBegun = false
  private var outcome = ScrapeMeter.Outcome()

  /// Every piece of the body but the last has at least this many bytes.
  private static let pieceBytesMin = 64 << 10

  private static let receivedHelp = "Received by Weir."
  private static let pushedHelp = "Pushed to Weir."

  /// The help text of a family for which no sender has sent one.
  private static func defaultHelp(_ seriesClass: SeriesClass) -> String {
    guard seriesClass.kind == .set else { return receivedHelp }
    let window = seriesClass.sets.windowSeconds
    return window == 0
      ? "Distinct members since the start. Received by Weir."
      : "Distinct members in the last \(window) seconds. Received by Weir."
  }

  /// - Parameters:
  ///   - names: The names of all families, also of those that were not requested.
  ///   - others: The families that are shown beside those of the catalogue.
  ///   - keeper: Commits what the page shows; nil without a state, and for a page that is not shown.
  ///   - begun: Time already spent on the scrape.
  init(
    aggregator: Aggregator, catalog: Catalog, names: PageNames, others: OtherFamilies,
    filter: NameFilter?,
    encoder: ExpositionEncoder, boundStyle: BoundStyle, deadline: ContinuousClock.Instant?,
    keeper: StateKeeper?, running: ScrapeLog.Running?,
    begun: Duration, scraper: Scraper
  ) {
    self.aggregator = aggregator
    self.catalog = catalog
    self.names = names
    self.filter = filter
    self.encoder = encoder
    self.boundStyle = boundStyle
    ownBucketLabels = BucketLabels(ScrapeMeter.bounds, boundStyle)
    self.deadline = deadline
    self.keeper = keeper
    self.running = running
    mustBeWhole = keeper != nil
    self.scraper = scraper
    executor = scraper.executor
    self.others = others
    pushed = PushedCursor(boundStyle)
    outcome.duration = begun
  }

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  func next() async throws(HTTPBodyFailure) -> HTTPBodyPiece {
    let start = clock.now
    if let deadline, start >= deadline {
      outcome.isTimedOut = true
      running?.end(status: 503)
      await scraper.ended(outcome)
      throw HTTPBodyFailure(
        503, "the scrape took longer than X-Prometheus-Scrape-Timeout-Seconds grants it")
    }
    var isLast = false
    while !isLast && encoder.byteCount < ScrapePage.pieceBytesMin { isLast = !writeNextPart() }
    let bytes = encoder.take()
    let spent = clock.now - start
    outcome.duration += spent
    running?.add(bytes: bytes.count, series: seriesWritten, seconds: spent / .seconds(1))
    seriesWritten = 0
    if isLast {
      outcome.lockedLongest = piece.lockedLongest
      outcome.hiddenSeries = encoder.hiddenSeries + pushed.hidden
      await scraper.ended(outcome)
      // No scrape shows what a restart would not restore. What the page shows was read before this.
      if case .refused(let sentence)? = await keeper?.commit(until: deadline) {
        running?.end(status: 503)
        throw HTTPBodyFailure(503, sentence)
      }
    }
    if isLast { running?.end(status: 200) }
    return HTTPBodyPiece(bytes, isLast: isLast)
  }

  /// Writes the next part of the page; false when nothing is left.
  private func writeNextPart() -> Bool {
    if nextInPiece < piece.count {
      writePiece()
    } else if isOtherBegun {
      continueOther()
    } else if !isFamilyBegun, let other = others.next(before: nextName) {
      begin(other)
    } else if family == catalog.families.count {
      encoder.finish()
      return false
    } else if nextSeries < catalog.families[family].series.count, isSelected() {
      readPiece()
    } else if isFamilyBegun, !pushed.isEmpty {
      pushed.write(into: &encoder, upTo: ScrapePage.pieceBytesMin)
    } else {
      if isFamilyBegun { encoder.endFamily() }
      family += 1
      nextSeries = 0
      isFamilyBegun = false
    }
    return true
  }

  /// The name of the next family of the catalogue; nil at its end.
  private var nextName: [UInt8]? {
    family < catalog.families.count ? catalog.families[family].name : nil
  }

  private func isSelected() -> Bool {
    guard let filter else { return true }
    let family = catalog.families[family]
    return filter.selects(family.name, type: family.seriesClass.exposedType)
  }

  private func readPiece() {
    let series = catalog.families[family].series
    let end = min(nextSeries + SeriesPiece.seriesMax, series.count)
    aggregator.read(
      series[nextSeries..<end], of: catalog.families[family].seriesClass, into: &piece)
    nextSeries = end
    nextInPiece = 0
  }

  /// Writes series of the piece until there are bytes enough.
  private func writePiece() {
    let kind = catalog.families[family].kind
    let nameLength = catalog.families[family].name.count
    let seriesClass = catalog.families[family].seriesClass
    let labels =
      kind == .histogram ? labels(of: catalog.families[family].classID, seriesClass) : nil
    while nextInPiece < piece.count, encoder.byteCount < ScrapePage.pieceBytesMin {
      let index = nextInPiece
      guard piece.isShown(index, kind: kind) else {
        nextInPiece += 1
        continue
      }
      beginFamily()
      if pushed.writesNext(before: piece.spelling(index), into: &encoder) { continue }
      nextInPiece += 1
      seriesWritten += 1
      encoder.write(piece, index, nameLength: nameLength, of: seriesClass) {
        labels ?? BucketLabels(seriesClass.layout, boundStyle)
      }
    }
  }

  /// The labels of a class's buckets, which are rendered once for the page.
  private func labels(of classID: ClassID, _ seriesClass: SeriesClass) -> BucketLabels {
    if let known = bucketLabels[classID] { return known }
    let labels = BucketLabels(seriesClass.layout, boundStyle)
    bucketLabels[classID] = labels
    return labels
  }

  /// Writes the lines above a family's first sample, and what Weir itself has of its name.
  private func beginFamily() {
    if isFamilyBegun { return }
    isFamilyBegun = true
    let name = catalog.families[family].name
    let other = others.take(name)
    pushed.begin(other.pushed)
    if let own = other.own { return write(own) }
    let meta = aggregator.meta(of: name)
    let help = other.pushed.flatMap { $0.help.isEmpty ? nil : $0.help }
    encoder.beginFamily(
      FamilyHead(
        name,
        help: meta?.help ?? help
          ?? ScrapePage.defaultHelp(catalog.families[family].seriesClass),
        unit: meta?.unit, type: catalog.families[family].seriesClass.exposedType,
        hasStem: hasStem(name)))
  }

  // Families that are not in the catalogue, and series of groups.

  private func begin(_ other: OtherFamilies.Family) {
    isOtherBegun = true
    pushed.begin(other.pushed)
    if let own = other.own { return write(own) }
    guard let family = other.pushed else { return }
    encoder.beginFamily(
      FamilyHead(
        family.name, help: family.help.isEmpty ? ScrapePage.pushedHelp : family.help,
        type: family.type, hasStem: hasStem(family.name)))
  }

  private func continueOther() {
    pushed.write(into: &encoder, upTo: ScrapePage.pieceBytesMin)
    guard pushed.isEmpty else { return }
    encoder.endFamily()
    isOtherBegun = false
  }

  private func write(_ family: OwnFamily) {
    let name = Array(family.name.utf8)
    encoder.beginFamily(
      FamilyHead(name, help: family.help, type: family.type, hasStem: hasStem(name)))
    family.encode(into: &encoder, bounds: ownBucketLabels)
  }

  private func hasStem(_ name: [UInt8]) -> Bool { encoder.usesStems && names.hasStem(name) }
}

extension SeriesClass {
  /// What its series are to Prometheus.
  var exposedType: ExposedType {
    switch kind {
    case .counter: .counter
    case .gauge, .set: .gauge
    case .histogram: observer.summary == nil ? .histogram : .summary
    }
  }
}
