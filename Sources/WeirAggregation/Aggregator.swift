import Synchronization
import WeirBytes
import WeirMetrics

/// Every series there is, spread over shards by a keyed hash of its spelling.
///
/// Receivers add to it through a `Router` each; scrapes keep a `Catalog` of it, and `read` by that.
package final class Aggregator: Sendable {
  package let observations: Observations
  package let sets: SetOptions
  package let limits: Limits
  package let names: NameStyle
  package let lifetimes: SeriesLifetimes
  /// For how long a new counter or histogram is shown as 0: `--series.zero-first`.
  package let zeroFirstSeconds: UInt32
  let shards: [Shard]
  let registry: Locked<FamilyRegistry>
  let hash: KeyedHash
  private let unixSeconds: @Sendable () -> UInt32

  /// Seconds since the start, as `expire` was told last.
  let clock = Atomic<UInt32>(0)
  /// Raised when series have expired: a name that was refused for its kind may be free now.
  let admissionEpoch = Atomic<UInt32>(0)
  /// When the sweep came by last. Held while it sweeps, and while rosters are read.
  let lastSweep = Locked<UInt32>(0)

  /// Shards by default: enough that two receivers and a scrape seldom meet.
  package static let shardsDefault = 8

  /// - Parameter unixSeconds: The wall clock, which is asked when a series is made.
  package init(
    observations: Observations = .standard, sets: SetOptions = SetOptions(),
    limits: Limits = Limits(), names: NameStyle = .classic,
    lifetimes: SeriesLifetimes = SeriesLifetimes(), zeroFirstSeconds: UInt32 = 0,
    shards count: Int = Aggregator.shardsDefault,
    unixSeconds: @escaping @Sendable () -> UInt32 = { 0 }
  ) {
    precondition((1...SeriesHandle.shardsMax).contains(count) && count & (count - 1) == 0)
    precondition(limits.seriesMax < SeriesHandle.rowsMax, "a handle could not tell the rows apart")
    precondition(
      limits.seriesBytesMax <= SeriesNames.spellingBytesMax, "no block could hold a series")
    self.observations = observations
    self.sets = sets
    self.limits = limits
    self.names = names
    self.lifetimes = lifetimes
    self.zeroFirstSeconds = zeroFirstSeconds
    self.unixSeconds = unixSeconds
    shards = (0..<count).map { _ in
      Shard(observations, sets, showsZeroFirst: zeroFirstSeconds > 0)
    }
    var generator = SystemRandomNumberGenerator()
    hash = KeyedHash.random(using: &generator)
    registry = Locked(FamilyRegistry(limits: limits, observations: observations, hash: hash))
  }

  /// Upper bounds of every histogram's classic buckets.
  package var bounds: HistogramBounds { observations.bounds }

  /// Whether a name is none that a sender may have.
  package static func isReserved(_ name: [UInt8]) -> Bool { ReservedNames.contains(name) }

  /// Keeps `name`, without labels, for a metric of Weir's own.
  package func reserve(_ name: String, kind: MetricKind) {
    registry.withLock { $0.reserve(Array(name.utf8), kind: kind) }
  }

  /// The series that `builder` has finished: found, or made when it may be.
  ///
  /// - Throws: `refused` with `typeClash` or `reservedName`, or `beyond` a limit on number.
  func resolve(_ builder: borrowing SeriesBuilder, kind: MetricKind) throws(Denial) -> SeriesLease {
    let series = builder.series
    let place = place(of: series)
    let found = shards[place.shard].state.withLock { state in
      state.find(series.span, kind: kind, hash: place.hash)
    }
    if let found { return SeriesLease(shard: place.shard, found) }
    let newcomer = NewSeries(
      name: Array(series[..<builder.nameLength]), kind: kind, hasLabels: builder.hasLabels,
      bytes: series.count)
    // Held to the end, so that what two receivers bring at once is let in once.
    return try registry.withLock { registry in
      findOrMake(series, kind: kind, at: place) { registry.admit(newcomer) }
    }.get()
  }

  /// Where a sample goes whose series would be new, and is beyond `limit`: to the overflow series of
  /// its name, or nowhere. Either is counted.
  ///
  /// - Parameter builder: Holds the name, as far as it was read.
  /// - Throws: The limit's refusal.
  func overflow(
    _ builder: borrowing SeriesBuilder, kind: MetricKind, beyond limit: Limit
  ) throws(Refusal) -> SeriesLease {
    let name = Array(builder.series[..<builder.nameLength])
    let series = OverflowSeries.spelling(of: name)
    let lease = registry.withLock { registry -> SeriesLease? in
      let lease =
        limit.isOnNumber
        ? findOrMake(series, kind: kind, at: place(of: series)) {
          registry.admitOverflow(of: name, kind: kind) ? nil : .beyond(limit)
        } : .failure(.beyond(limit))
      registry.count(limit, name: name, overflows: (try? lease.get()) != nil)
      return try? lease.get()
    }
    guard let lease else { throw limit.refusal }
    return lease
  }

  /// What is taken of the limits on number, and how many samples met which limit.
  ///
  /// - Complexity: O(1); the tables are copied when next they change.
  package func limitReading() -> LimitReading {
    registry.withLock { LimitReading(limits: limits, used: $0.used, tally: $0.tally) }
  }

  /// Where a series lives, or would.
  private struct Place {
    let shard: Int
    let hash: UInt64
  }

  private func place(of series: [UInt8]) -> Place {
    let digest = hash.hash(series.span, from: 0, length: series.count)
    return Place(
      shard: Int(truncatingIfNeeded: digest >> 32) & (shards.count - 1), hash: digest)
  }

  /// The series, made unless `admit` gives a reason why not.
  ///
  /// The registry's lock is held around it: this is the only place where a thread has two.
  private func findOrMake(
    _ series: [UInt8], kind: MetricKind, at place: Place, admit: () -> Denial?
  ) -> Result<SeriesLease, Denial> {
    // A result, for the compiler makes a slow lock of one whose body throws.
    shards[place.shard].state.withLock { state in
      if let lease = state.find(series.span, kind: kind, hash: place.hash) {
        return .success(SeriesLease(shard: place.shard, lease))
      }
      if let denial = admit() { return .failure(denial) }
      let tick = clock.load(ordering: .relaxed)
      let lease = state.insert(
        series, kind: kind, hash: place.hash, tick: tick, bornUnixSeconds: unixSeconds())
      return .success(SeriesLease(shard: place.shard, lease))
    }
  }
}

/// What Weir's own metrics show of the limits.
package struct LimitReading: Sendable {
  package let limits: Limits
  /// How much of each limit that bounds a sum is taken, places kept for overflow included.
  package let used: [(limit: Limit, count: Int)]
  package let tally: LimitTally
}
