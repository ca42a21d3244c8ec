import Synchronization
import WeirBytes
import WeirMetrics

/// All series, spread over shards by a keyed hash of their spelling.
///
/// Each receiver adds to it through a `SampleRouter` of its own. Scrapes keep a `Catalog` of it,
/// and call `read` with leases from that catalog.
package final class Aggregator: Sendable {
  package let limits: SeriesLimits
  package let names: NameStyle
  /// How long a new counter or histogram is shown as 0: `--series.zero-first`.
  package let zeroFirstSeconds: UInt32
  let shards: [SeriesShard]
  let registry: Locked<FamilyRegistry>
  let hash: KeyedHash
  private let unixSeconds: @Sendable () -> UInt32

  /// Seconds for which Weir has run, as the last call of `expire` set them.
  let clock: Atomic<UInt32>
  /// Raised when series have expired: a name that was refused because of its kind may be free now.
  let admissionEpoch = Atomic<UInt32>(0)
  /// What routers ask for each identity that is new to them.
  let identityRules: Locked<any IdentityRules>
  /// Raised when rules have changed: what a router remembers of an identity may be wrong now.
  let rulesEpoch = Atomic<UInt32>(0)
  /// Buckets of the widest histogram that a client or a mapping rule has asked for.
  let widestAsked = Atomic<Int>(0)
  /// The second of the last sweep. Held while it sweeps, and while rosters are read.
  let lastSweep: Locked<UInt32>

  /// The default number of shards: enough that two receivers and a scrape seldom meet.
  package static let shardsDefault = 8

  /// - Parameters:
  ///   - countsGaugeSettings: Whether gauges keep how text has set them, which forwarding sends.
  ///   - startSecond: The first second of the clock: 0, or the last one in the state file.
  ///   - unixSeconds: The wall clock. It is read when a series is made.
  package init(
    rules: SeriesRules = SeriesRules(), identityRules: any IdentityRules = NoIdentityRules(),
    limits: SeriesLimits = SeriesLimits(), names: NameStyle = .classic,
    zeroFirstSeconds: UInt32 = 0, countsGaugeSettings: Bool = false,
    shards count: Int = Aggregator.shardsDefault, startSecond: UInt32 = 0,
    unixSeconds: @escaping @Sendable () -> UInt32 = { 0 }
  ) {
    precondition((1...SeriesHandle.shardsMax).contains(count) && count & (count - 1) == 0)
    precondition(limits.seriesMax < SeriesHandle.rowsMax, "a handle could not tell the rows apart")
    precondition(
      limits.seriesBytesMax <= SeriesNames.spellingBytesMax, "no block could hold a series")
    self.limits = limits
    self.names = names
    self.zeroFirstSeconds = zeroFirstSeconds
    self.unixSeconds = unixSeconds
    self.identityRules = Locked(identityRules)
    clock = Atomic(startSecond)
    lastSweep = Locked(startSecond)
    shards = (0..<count).map { _ in
      SeriesShard(
        showsZeroFirst: zeroFirstSeconds > 0, countsGaugeSettings: countsGaugeSettings)
    }
    var generator = SystemRandomNumberGenerator()
    hash = KeyedHash.random(using: &generator)
    registry = Locked(
      FamilyRegistry(limits: limits, rules: rules, hash: hash, startSecond: startSecond))
  }

  /// The rules that give new names their class.
  package var rules: SeriesRules { registry.withLock { $0.rules } }

  /// Replaces the rules. A name keeps its class until its last series has expired. Lines are resolved again, and
  /// pushed series when their instance tells of them for the first time.
  package func use(_ rules: SeriesRules) {
    registry.withLock { $0.use(rules) }
    // After the rules, so that a router that sees the new number finds them.
    rulesEpoch.add(1, ordering: .releasing)
  }

  /// Replaces the rules for identities as they were sent. Each router uses them from its next batch on.
  package func use(_ rules: any IdentityRules) {
    identityRules.withLock { $0 = rules }
    rulesEpoch.add(1, ordering: .releasing)
  }

  /// A builder of series that follows the current rules.
  func makeBuilder() -> SeriesBuilder {
    SeriesBuilder(limits: limits, rules: rules, names: names)
  }

  /// The class with a number; nil if there is no series of it any more.
  func numberedClass(_ classID: ClassID) -> NumberedClass? {
    registry.withLock { $0.classes.find(classID) }
  }

  /// Keeps a rule's help for the metric whose series a builder has spelled. Of several rules with one name the
  /// first one's stays.
  func keep(help: String, of builder: borrowing SeriesBuilder) {
    let name = Array(builder.series[..<builder.nameLength])
    registry.withLock { $0.keep(help: help, of: name) }
  }

  /// Whether senders may not use a name.
  package static func isReserved(_ name: [UInt8]) -> Bool { ReservedNames.contains(name) }

  /// Keeps `name`, without labels, for a metric of Weir's own.
  package func reserve(_ name: String, kind: MetricKind) {
    registry.withLock { $0.reserve(Array(name.utf8), kind: kind) }
  }

  /// The series that `builder` has finished: an existing one, or a new one if the limits allow it.
  ///
  /// - Parameter asked: What a client or a mapping rule asks of the class of a new name.
  /// - Throws: `refused` with `typeClash` or `reservedName`, or `exceeds` with the limit on number
  ///   that would be exceeded.
  func resolve(
    _ builder: borrowing SeriesBuilder, kind: MetricKind, asked: AskedClass = .nothing
  ) throws(Denial) -> SeriesLease {
    let series = builder.series
    let place = place(of: series)
    let newcomer = newSeries(builder, kind, asked)
    if let bounds = asked.bounds, bounds.bucketCount > widestAsked.load(ordering: .relaxed) {
      _ = widestAsked.max(bounds.bucketCount, ordering: .relaxed)
    }
    let classID = registry.withLock { $0.classID(of: newcomer.name, kind) }
    if let classID, let found = find(series, classID, kind, place) { return found }
    // Held to the end, so that a series that two receivers bring at the same time is made once.
    return try registry.withLock { registry in
      findOrMake(series, newcomer, at: place, in: &registry) { $0.admit(newcomer) }
    }.get()
  }

  /// The overflow series for a sample whose own series would be new and would exceed `limit`. Both
  /// outcomes, a series or a refusal, are counted.
  ///
  /// - Parameter builder: Holds the name, as far as it was read.
  /// - Throws: The limit's refusal.
  func overflow(
    _ builder: borrowing SeriesBuilder, kind: MetricKind, exceeding limit: LimitName,
    asked: AskedClass = .nothing
  ) throws(Refusal) -> SeriesLease {
    let newcomer = newSeries(builder, kind, asked)
    let series = OverflowSeries.spelling(of: newcomer.name.bytes)
    let lease = registry.withLock { registry -> SeriesLease? in
      var lease: SeriesLease?
      if limit.isOnNumber {
        let made = findOrMake(series, newcomer, at: place(of: series), in: &registry) { registry in
          registry.admitOverflow(for: newcomer).map { .success($0) } ?? .failure(.exceeds(limit))
        }
        lease = try? made.get()
      }
      registry.count(limit, name: newcomer.name.bytes, overflows: lease != nil)
      return lease
    }
    guard let lease else { throw limit.refusal }
    return lease
  }

  private func newSeries(
    _ builder: borrowing SeriesBuilder, _ kind: MetricKind, _ asked: AskedClass
  ) -> NewSeries {
    NewSeries(
      name: HashedName(builder.series[..<builder.nameLength], hash), kind: kind,
      hasLabels: builder.hasLabels, bytes: builder.series.count, asked: asked,
      lineLabels: kind == .histogram ? builder.lineLabels : [])
  }

  /// How much of each limit on number is taken, and how many samples met each limit.
  ///
  /// - Complexity: O(1); the tables are copied at their next change.
  package func limitReading() -> LimitReading {
    registry.withLock { registry in
      LimitReading(
        limits: limits, used: registry.used, tally: registry.tally,
        classes: registry.classes.count,
        namesWithoutOwnClass: registry.classes.namesWithoutOwnClass)
    }
  }

  /// The name that has most series, as series spell it; nil if there is none.
  ///
  /// - Complexity: O(names); new series wait meanwhile.
  package func fullestName() -> [UInt8]? { registry.withLock { $0.fullestName } }

  /// The shard of a series, and its hash there.
  struct Place {
    let shard: Int
    let hash: UInt64
  }

  private func place(of series: [UInt8]) -> Place {
    let digest = hash.hash(series.span, from: 0, length: series.count)
    return Place(shard: Aggregator.shard(of: digest, count: shards.count), hash: digest)
  }

  /// The shard of the series whose spelling has a hash.
  ///
  /// - Parameter count: The number of shards, a power of two.
  @inline(__always)
  static func shard(of hash: UInt64, count: Int) -> Int {
    Int(truncatingIfNeeded: hash >> 32) & (count &- 1)
  }

  private func find(
    _ series: [UInt8], _ classID: ClassID, _ kind: MetricKind, _ place: Place
  ) -> SeriesLease? {
    let found = shards[place.shard].state.withLock { state in
      state.find(series.span, classID, kind, hash: place.hash)
    }
    return found.map { SeriesLease(shard: place.shard, classID, $0) }
  }

  /// The series; it is made unless `admit` gives a reason not to.
  ///
  /// The caller holds the registry's lock, and the shard's lock is taken within it.
  private func findOrMake(
    _ series: [UInt8], _ newcomer: NewSeries, at place: Place, in registry: inout FamilyRegistry,
    admit: (inout FamilyRegistry) -> Result<ClassID, Denial>
  ) -> Result<SeriesLease, Denial> {
    let known = registry.classID(of: newcomer.name, newcomer.kind)
    if let known, let found = find(series, known, newcomer.kind, place) { return .success(found) }
    return admit(&registry).map { classID in
      let numbered = registry.classes[classID]
      // Nobody else can make the series meanwhile, because that needs the registry's lock.
      let lease = shards[place.shard].state.withLock { state in
        state.insert(
          series, numbered, hash: place.hash,
          tick: clock.load(ordering: .relaxed), bornUnixSeconds: unixSeconds())
      }
      return SeriesLease(shard: place.shard, classID, lease)
    }
  }
}

/// What Weir's own metrics show about the limits.
package struct LimitReading: Sendable {
  package let limits: SeriesLimits
  /// How much of each limit on number is taken, including places reserved for overflow.
  package let used: [(limit: LimitName, count: Int)]
  package let tally: LimitTally
  /// Classes of series in use.
  package let classes: Int
  /// Names that have the class of others because there were `ClassID.countMax` classes.
  package let namesWithoutOwnClass: UInt64

  /// Both together: what was refused by either, and how much of each limit the fuller one uses.
  ///
  /// - Parameter other: Of another aggregator with the same limits.
  package func joined(_ other: LimitReading) -> LimitReading {
    var tally = tally
    tally.add(other.tally)
    return LimitReading(
      limits: limits,
      used: used.map { row in
        (row.limit, max(row.count, other.used.first { $0.limit == row.limit }?.count ?? 0))
      }, tally: tally, classes: max(classes, other.classes),
      namesWithoutOwnClass: namesWithoutOwnClass + other.namesWithoutOwnClass)
  }
}
