import WeirBytes
import WeirMetrics

/// A series that asks to be let in.
struct NewSeries {
  let name: [UInt8]
  let kind: MetricKind
  let hasLabels: Bool
  /// Bytes of its spelling.
  let bytes: Int
}

/// Why a sample has no series of its own.
enum Denial: Error, Equatable {
  case refused(Refusal)
  case beyond(Limit)
}

/// Which names there are and what kind each has: the first to come decides, until the last series of
/// the name has expired. And how much room all series take, so that a new one is let in only where it
/// keeps within every limit.
///
/// Where overflow goes to a series, a name keeps a place for it from its first series on, in every
/// limit. So it is never refused for want of room, and no limit is ever exceeded.
struct FamilyRegistry: ~Copyable {
  private struct Family {
    let kind: MetricKind
    /// Whether the series without labels is one of Weir's own.
    let isOwn: Bool
    /// Senders' series, and the place kept for the one that overflow goes to.
    var places = 0
    /// Overflow series let in and not yet released. Two, where one has expired and another has come
    /// before the first was released.
    var overflows = 0
    var meta: FamilyMeta?
  }

  private var families: [HashedName: Family] = [:]
  private var room = Room()
  /// Families that something was told of.
  private var metas = 0

  private var waiting = WaitingMetas()
  private var fullest = FullestName()

  /// So many help texts take 12 MB; programs have hundreds.
  static let metasMax = 20_000

  /// Samples that met a limit.
  private(set) var tally = LimitTally()
  private let limits: Limits
  /// Lines that a histogram, or the summary in its place, takes in a scrape.
  private let linesPerHistogram: Int
  private let hash: KeyedHash

  init(limits: Limits, observations: Observations, hash: KeyedHash) {
    self.limits = limits
    self.hash = hash
    linesPerHistogram = observations.linesPerSeries
  }

  /// Keeps `name`, without labels, for a metric of Weir's own.
  mutating func reserve(_ name: [UInt8], kind: MetricKind) {
    families[HashedName(name, hash)] = Family(kind: kind, isOwn: true)
  }

  /// Lets a new series in, and its name with it.
  ///
  /// - Returns: Why not, if it is not let in: nothing has changed then.
  mutating func admit(_ series: NewSeries) -> Denial? {
    let name = HashedName(series.name, hash)
    if let refusal = refusal(of: name, series.kind, hasLabels: series.hasLabels) {
      return .refused(refusal)
    }
    var family = families[name] ?? Family(kind: series.kind, isOwn: false)
    var asked = room(series.kind, bytes: series.bytes)
    if family.places == 0 {
      asked.names = 1
      asked += roomKept(series.name, series.kind)
    }
    if let limit = limitExceeded(by: asked, of: family) { return .beyond(limit) }
    room += asked
    set(&family, places: family.places + asked.series)
    keepTold(of: name, in: &family)
    families[name] = family
    return nil
  }

  /// Changes how many places a family takes.
  private mutating func set(_ family: inout Family, places: Int) {
    fullest.change(from: family.places, to: places)
    family.places = places
  }

  /// Gives a family what was told of it before it came.
  private mutating func keepTold(of name: HashedName, in family: inout Family) {
    guard family.meta == nil, metas < FamilyRegistry.metasMax else { return }
    family.meta = waiting.take(name)
    if family.meta != nil { metas += 1 }
  }

  /// Lets in the overflow series of a name, which has none. Its place has been kept, unless the name
  /// is new.
  ///
  /// - Returns: Whether it may have one: the option, the kind, the name and the limits all have a say.
  mutating func admitOverflow(of name: [UInt8], kind: MetricKind) -> Bool {
    var asked = roomKept(name, kind)
    guard asked.series > 0 else { return false }
    let name = HashedName(name, hash)
    // Not for granted: another may have taken the name since its sample was denied.
    guard refusal(of: name, kind, hasLabels: true) == nil else { return false }
    var family = families[name] ?? Family(kind: kind, isOwn: false)
    if family.places == 0 {
      asked.names = 1
      guard limitExceeded(by: asked, of: family) == nil else { return false }
      room += asked
      set(&family, places: asked.series)
      keepTold(of: name, in: &family)
    }
    family.overflows += 1
    families[name] = family
    return true
  }

  /// Gives back the place of a series that is no more, and with the last of a name the name.
  ///
  /// - Parameter isOverflow: Whether it is the one that overflow goes to.
  mutating func release(_ series: NewSeries, isOverflow: Bool) {
    let name = HashedName(series.name, hash)
    guard var family = families[name] else { return }
    if isOverflow {
      family.overflows -= 1
    } else {
      let freed = room(series.kind, bytes: series.bytes)
      room -= freed
      set(&family, places: family.places - freed.series)
    }
    var kept = roomKept(series.name, series.kind)
    if family.places == kept.series && family.overflows == 0 {
      kept.names = 1
      room -= kept
      set(&family, places: 0)
    }
    let isGone = family.places == 0 && !family.isOwn
    families[name] = isGone ? nil : family
    guard isGone, let meta = family.meta else { return }
    metas -= 1
    // Who told it may not tell it again.
    waiting.keep(meta, of: name)
  }

  /// Keeps what was told of a metric; the last to be told holds. Where there is none of this name it
  /// waits for one.
  mutating func keep(_ meta: FamilyMeta, of name: [UInt8]) {
    let name = HashedName(name, hash)
    guard let family = families[name] else {
      if !ReservedNames.contains(name.bytes) { waiting.keep(meta, of: name) }
      return
    }
    if family.meta == nil {
      guard metas < FamilyRegistry.metasMax else { return }
      metas += 1
    }
    families[name]?.meta = meta
  }

  /// What was told of a metric.
  func meta(of name: [UInt8]) -> FamilyMeta? { families[HashedName(name, hash)]?.meta }

  /// Counts a sample whose series would be new, and is beyond a limit.
  mutating func count(_ limit: Limit, name: [UInt8], overflows: Bool) {
    let shown = name.count > limits.nameBytesMax ? Array(name[..<limits.nameBytesMax]) : name
    tally.add(limit, name: HashedName(shown, hash), overflows: overflows)
  }

  /// How much of each limit on number is taken, places kept for overflow included.
  var used: [(limit: Limit, count: Int)] {
    [
      (.series, room.series), (.seriesPerName, fullest.count), (.names, room.names),
      (.sets, room.sets), (.exposedBytes, room.exposedBytes),
    ]
  }

  /// What a series takes.
  private func room(_ kind: MetricKind, bytes: Int) -> Room {
    Room(
      series: 1, sets: kind == .set ? 1 : 0,
      exposedBytes: bytes * (kind == .histogram ? linesPerHistogram : 1))
  }

  /// What a name keeps for its overflow series; nothing where it has none.
  private func roomKept(_ name: [UInt8], _ kind: MetricKind) -> Room {
    let bytes = name.count + OverflowSeries.labels.count
    guard limits.overflow == .series, OverflowSeries.suits(kind), bytes <= limits.seriesBytesMax
    else { return Room() }
    return room(kind, bytes: bytes)
  }

  /// The first limit that `asked` would exceed.
  private func limitExceeded(by asked: Room, of family: Family) -> Limit? {
    let wanted = room + asked
    if wanted.names > limits.namesMax && asked.names > 0 { return .names }
    if family.places + asked.series > limits.seriesPerNameMax { return .seriesPerName }
    if wanted.sets > limits.setsMax && asked.sets > 0 { return .sets }
    if wanted.series > limits.seriesMax { return .series }
    if wanted.exposedBytes > limits.exposedBytesMax { return .exposedBytes }
    return nil
  }

  /// Why a name can't be had for a kind, whatever room there is.
  private func refusal(of name: HashedName, _ kind: MetricKind, hasLabels: Bool) -> Refusal? {
    if let family = families[name] {
      if family.kind != kind { return .typeClash }
      return family.isOwn && !hasLabels ? .reservedName : nil
    }
    if ReservedNames.contains(name.bytes) { return .reservedName }
    for suffix in FamilyNames.observationSuffixes {
      if let stem = SpelledName.removing(suffix, from: name.bytes),
        families[HashedName(stem, hash)]?.kind == .histogram
      {
        return .typeClash
      }
      if kind == .histogram,
        families[HashedName(SpelledName.appending(suffix, to: name.bytes), hash)] != nil
      {
        return .typeClash
      }
    }
    return nil
  }
}

/// What series take of the limits on number.
private struct Room {
  var series = 0
  var names = 0
  var sets = 0
  var exposedBytes = 0

  static func + (left: Room, right: Room) -> Room {
    Room(
      series: left.series + right.series, names: left.names + right.names,
      sets: left.sets + right.sets, exposedBytes: left.exposedBytes + right.exposedBytes)
  }

  static func += (left: inout Room, right: Room) { left = left + right }

  static func -= (left: inout Room, right: Room) {
    left.series -= right.series
    left.names -= right.names
    left.sets -= right.sets
    left.exposedBytes -= right.exposedBytes
  }
}
