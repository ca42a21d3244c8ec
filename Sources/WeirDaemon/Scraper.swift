import Synchronization
import WeirAggregation
import WeirExposition
import WeirMetrics

/// Renders scrapes: copies the shards, then writes every family, Weir's own among them, in order.
///
/// One page is rendered at a time, and all who asked before it was begun share it: those who come at
/// once cost one rendering, and one page in memory.
actor Scraper {
  private let aggregator: Aggregator
  private let own: OwnMetrics
  private var catalog = Catalog()
  private var meter = ScrapeMeter()
  private let bucketLabels: BucketLabels
  private let ownBucketLabels = BucketLabels(ScrapeMeter.bounds)
  private nonisolated let clock = ContinuousClock()
  /// Bytes of the scrape before, for the next is seldom much longer.
  private var lastBytes = 0

  /// The pages rendered last, and when they were begun; kept while somebody waits who may share them.
  private var shared: [TextDialect: (begun: ContinuousClock.Instant, page: [UInt8])] = [:]
  /// Callers of `scrape` that have no page yet.
  private nonisolated let waiting = Atomic<Int>(0)

  private static let receivedHelp = "Received over StatsD."

  init(aggregator: Aggregator, own: OwnMetrics) {
    self.aggregator = aggregator
    self.own = own
    bucketLabels = BucketLabels(aggregator.bounds)
  }

  /// The scrape as it is now, or a little later.
  ///
  /// - Parameter filter: The families asked for; nil for all.
  /// - Complexity: O(series).
  nonisolated func scrape(_ dialect: TextDialect, _ filter: NameFilter?) async -> [UInt8] {
    if let filter { return await part(dialect, filter) }
    waiting.add(1, ordering: .relaxed)
    return await page(dialect, asked: clock.now)
  }

  private func page(_ dialect: TextDialect, asked: ContinuousClock.Instant) -> [UInt8] {
    defer {
      if waiting.subtract(1, ordering: .relaxed).newValue == 0 { shared = [:] }
    }
    if let shared = shared[dialect], shared.begun >= asked { return shared.page }
    // Whoever asked may be gone by the time that it is their turn.
    if Task.isCancelled { return [] }
    let begun = clock.now
    let page = render(dialect, nil)
    lastBytes = page.count
    shared[dialect] = (begun, page)
    return page
  }

  /// Not shared: it is short, and two seldom ask for the same at once.
  private func part(_ dialect: TextDialect, _ filter: NameFilter) -> [UInt8] {
    Task.isCancelled ? [] : render(dialect, filter)
  }

  private func render(_ dialect: TextDialect, _ filter: NameFilter?) -> [UInt8] {
    let start = clock.now
    let ingested = own.ingestTotals()
    let limits = aggregator.limitReading()
    let snapshot = aggregator.snapshot()
    catalog.update(from: snapshot)
    let ownFamilies = own.families(
      snapshot, ingested: ingested, limits: limits, scrapes: meter)
    var encoder = TextEncoder(dialect, capacity: filter == nil ? lastBytes + lastBytes / 8 : 0)
    let selected = ownFamilies.filter {
      filter?.selects(Array($0.name.utf8), type: $0.type) ?? true
    }
    merge(selected, snapshot, filter, into: &encoder)
    encoder.finish()
    meter.add(seconds: (clock.now - start) / .seconds(1))
    return encoder.bytes
  }

  /// Writes two sorted lists of families as one. A name in both is one family: Weir's own series,
  /// which has no labels, comes before the senders', which have.
  private func merge(
    _ ownFamilies: [OwnFamily], _ snapshot: Snapshot, _ filter: NameFilter?,
    into encoder: inout TextEncoder
  ) {
    var rest = ownFamilies[...]
    for family in catalog.families {
      if let filter, !filter.selects(family.name, type: exposedType(family.kind)) { continue }
      while let own = rest.first, Array(own.name.utf8).lexicographicallyPrecedes(family.name) {
        write(own, into: &encoder)
        rest.removeFirst()
      }
      if let own = rest.first, own.name.utf8.elementsEqual(family.name) {
        write(own, into: &encoder)
        rest.removeFirst()
      } else {
        encoder.beginFamily(
          family.name, help: Scraper.receivedHelp, type: exposedType(family.kind),
          hasStem: hasStem(family.name))
      }
      write(family, snapshot, into: &encoder)
    }
    for own in rest { write(own, into: &encoder) }
  }

  /// Whether a counter can be called by its name without `_total`, and have a `_created` in it.
  private func hasStem(_ name: [UInt8]) -> Bool {
    guard let stem = CounterName.stem(of: name).map(Array.init) else { return false }
    return !catalog.contains(stem) && !catalog.contains(stem + Array("_created".utf8))
  }

  private func write(_ family: OwnFamily, into encoder: inout TextEncoder) {
    let name = Array(family.name.utf8)
    encoder.beginFamily(name, help: family.help, type: family.type, hasStem: hasStem(name))
    family.encode(into: &encoder, bounds: ownBucketLabels)
  }

  private func write(
    _ family: SeriesFamily, _ snapshot: Snapshot, into encoder: inout TextEncoder
  ) {
    for handle in family.series {
      let spelling = snapshot.spelling(handle, kind: family.kind)
      if family.kind == .histogram {
        encoder.histogram(
          spelling.bytes, nameLength: family.name.count, buckets: snapshot.buckets(handle),
          sum: snapshot.histogramSum(handle), labels: bucketLabels)
      } else {
        let value = snapshot.value(handle, kind: family.kind)
        if value.isNaN { continue }
        encoder.sample(spelling.bytes, value)
      }
    }
  }

  private func exposedType(_ kind: MetricKind) -> ExposedType {
    switch kind {
    case .counter: .counter
    case .gauge, .set: .gauge
    case .histogram: .histogram
    }
  }
}
