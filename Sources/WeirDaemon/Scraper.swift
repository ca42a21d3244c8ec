// Safety: the actor holds the executor that it names, so that the unowned reference never dangles.

import WeirAggregation
import WeirExposition
import WeirGroups
import WeirMetrics
import WeirSockets

/// Begins scrapes: updates the catalogue, and reads Weir's own metrics.
///
/// All scrapes are made on one queue, a piece of one at a time, so that they take one core together
/// however many there are.
actor Scraper {
  /// Where scrapes are made, and compressed.
  nonisolated let executor = DispatchQueueExecutor(label: "weir.scrape")

  private let status: StatusReader
  /// Nil where none are shown.
  private let groups: PushedGroups?
  private let keeper: StateKeeper?
  private var catalog = Catalog()
  /// That of the catalogue.
  private var catalogued: Aggregator
  private var newRows: NewRows
  nonisolated let style: ScrapeStyle
  /// Whether senders' series are shown, and not only Weir's own metrics.
  private let showsSeries: Bool
  /// Whether Weir's own metrics are shown.
  private let showsOwn: Bool
  private let clock = ContinuousClock()

  init(
    status: StatusReader, groups: PushedGroups? = nil,
    keeper: StateKeeper? = nil, style: ScrapeStyle = ScrapeStyle(), showsSeries: Bool = true,
    showsOwn: Bool = true
  ) {
    self.groups = groups
    self.keeper = keeper
    self.showsSeries = showsSeries
    self.showsOwn = showsOwn
    self.style = style
    self.status = status
    catalogued = status.aggregator
    newRows = NewRows(zeroFirst: .seconds(status.aggregator.zeroFirstSeconds))
  }

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  /// A scrape of all families that there are now, with values as they are when it comes to them.
  ///
  /// - Parameters:
  ///   - filter: The families asked for; nil for all.
  ///   - deadline: When whoever asked will wait no longer; nil for whenever it is done.
  ///   - isShown: Whether the page is sent, so that a restart must not fall behind it. That of HEAD is not.
  ///   - origin: Who asks, and how.
  /// - Complexity: that of `Catalog.update`.
  func begin(
    _ format: ExpositionFormat, _ escaping: EscapingScheme, _ filter: NameFilter?,
    deadline: ContinuousClock.Instant?, isShown: Bool = true, origin: ScrapeOrigin = ScrapeOrigin()
  ) -> ScrapePage {
    let start = clock.now
    let own = OwnMetrics(status.metrics { if showsSeries { updateCatalog() } })
    let all = families(of: own)
    let groups = showsSeries ? groups?.page() ?? .empty : .empty
    let names = PageNames(
      catalog, own: all, groups: groups, hidesCreated: format != .text && format != .text1)
    let pushed = groups.families.filter {
      names.shows($0) && filter?.selects($0.name, type: $0.type) ?? true
    }
    let shown = all.filter { filter?.selects(Array($0.name.utf8), type: $0.type) ?? true }
      .map { newRows.showingNewRowsAsZero($0, at: start) }
    return ScrapePage(
      aggregator: catalogued, catalog: catalog, names: names,
      others: OtherFamilies(own: shown, pushed: pushed), filter: filter,
      encoder: encoder(format, escaping, names), boundStyle: style.bounds(in: format),
      deadline: deadline, keeper: isShown ? keeper : nil,
      running: isShown ? running(origin, isFiltered: filter != nil, begun: clock.now - start) : nil,
      begun: clock.now - start, scraper: self)
  }

  private func running(
    _ origin: ScrapeOrigin, isFiltered: Bool, begun: Duration
  ) -> ScrapeLog.Running {
    ScrapeLog.Running(
      ScrapeLog.Entry(
        milliseconds: Int(Log.wallSeconds() * 1_000), from: origin.host, format: origin.format,
        isCompressed: origin.isCompressed, isFiltered: isFiltered || origin.isOfNode,
        seconds: begun / .seconds(1)),
      in: status.scrapeLog)
  }

  /// Notes a scrape that was answered with 503 before there was a page.
  func refused(_ origin: ScrapeOrigin, isFiltered: Bool) {
    running(origin, isFiltered: isFiltered, begun: .zero).end(status: 503)
    ended(ScrapeMeter.Outcome())
  }

  /// The families of some names that a scrape would show now, for readers other than scrapes.
  func shown(_ isWanted: @Sendable ([UInt8]) -> Bool) -> ShownFamilies {
    let own = status.metrics { if showsSeries { updateCatalog() } }
    var shown = ShownFamilies()
    shown.startUnixSeconds = UInt32(clamping: Int(own.process.startTimeSeconds ?? 0))
    if showsSeries {
      shown.received = catalog.families.filter { isWanted(SpelledName.raw($0.name)) }
      shown.pushed = groups?.page().families.filter { isWanted($0.name) } ?? []
    }
    shown.own = OwnMetrics(own).families.filter { isWanted(Array($0.name.utf8)) }
    return shown
  }

  /// What heavy questions read, also where a scrape does not show it.
  ///
  /// - Complexity: that of `Catalog.update`, and of a scrape's begin if texts are wanted.
  func heavySource(withTexts: Bool = false) -> HeavySource {
    guard withTexts else {
      status.owners.mergeGauges()
      updateCatalog()
      return HeavySource(catalog: catalog, groups: groups?.page() ?? .empty)
    }
    let own = OwnMetrics(status.metrics { updateCatalog() })
    let groups = groups?.page() ?? .empty
    let all = families(of: own)
    let names = PageNames(catalog, own: all, groups: groups)
    return HeavySource(
      catalog: catalog, groups: groups, encoder: encoder(.text, .underscores, names))
  }

  /// Weir's own families, as far as they are shown.
  private func families(of own: OwnMetrics) -> [OwnFamily] {
    guard showsOwn else { return [] }
    return style.showsExporterMetrics
      ? OwnFamily.sorted(own.families + own.exporterFamilies(catalog)) : own.families
  }

  private func updateCatalog() {
    // That of a cluster's view changes when the node loads a state again.
    let aggregator = status.aggregator
    if catalogued !== aggregator {
      catalogued = aggregator
      catalog = Catalog()
    }
    catalog.update(from: aggregator)
  }

  private func encoder(
    _ format: ExpositionFormat, _ escaping: EscapingScheme, _ names: PageNames
  ) -> ExpositionEncoder {
    // In a format that can't say it, names are escaped as for readers that can't read them.
    let escaping = format.namesEscaping ? escaping : .underscores
    return ExpositionEncoder(
      format, escaping: NameEscaping(escaping, of: catalogued.names),
      isTaken: { names.isTaken($0) || Aggregator.isReserved($0) },
      writesCreated: style.writesCreated, bounds: style.bounds(in: format))
  }

  /// Counts a scrape that has ended.
  func ended(_ outcome: ScrapeMeter.Outcome) { status.scrapes.add(outcome) }
}
