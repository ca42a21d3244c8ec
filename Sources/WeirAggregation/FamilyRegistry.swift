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

/// Which names there are and what kind each has: the first to come decides. And how much room all
/// series take, so that a new one is let in only where it keeps within every limit.
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
    var hasOverflow = false
  }

  private var families: [[UInt8]: Family] = [:]
  private var room = Room()
  /// Samples that met a limit.
  private(set) var tally = LimitTally()
  private let limits: Limits
  /// Lines that a histogram takes in a scrape.
  private let linesPerHistogram: Int

  init(limits: Limits, bounds: HistogramBounds) {
    self.limits = limits
    linesPerHistogram = bounds.bucketCount + 2
  }

  /// Keeps `name`, without labels, for a metric of Weir's own.
  mutating func reserve(_ name: [UInt8], kind: MetricKind) {
    families[name] = Family(kind: kind, isOwn: true)
  }

  /// Lets a new series in, and its name with it.
  ///
  /// - Throws: `refused` with `reservedName` or `typeClash`, or `beyond`; nothing has changed then.
  mutating func admit(_ series: NewSeries) throws(Denial) {
    try checkName(series.name, series.kind, hasLabels: series.hasLabels)
    var family = families[series.name] ?? Family(kind: series.kind, isOwn: false)
    var asked = room(series.kind, bytes: series.bytes)
    if family.places == 0 {
      asked.names = 1
      asked += roomKept(series.name, series.kind)
    }
    try check(asked, of: family)
    room += asked
    family.places += asked.series
    families[series.name] = family
  }

  /// Lets in the overflow series of a name. Its place has been kept, unless the name is new.
  ///
  /// - Returns: Whether there is one: the option, the kind, the name and the limits all have a say.
  mutating func admitOverflow(of name: [UInt8], kind: MetricKind) -> Bool {
    var asked = roomKept(name, kind)
    guard asked.series > 0 else { return false }
    var family = families[name] ?? Family(kind: kind, isOwn: false)
    do throws(Denial) {
      // Not for granted: another may have taken the name since its sample was denied.
      try checkName(name, kind, hasLabels: true)
      if family.places == 0 {
        asked.names = 1
        try check(asked, of: family)
        room += asked
        family.places = asked.series
      }
    } catch {
      return false
    }
    family.hasOverflow = true
    families[name] = family
    return true
  }

  /// Gives back the place of a series that is no more, and with the last of a name the name.
  ///
  /// - Parameter isOverflow: Whether it is the one that overflow goes to.
  mutating func release(_ series: NewSeries, isOverflow: Bool) {
    guard var family = families[series.name] else { return }
    if isOverflow {
      family.hasOverflow = false
    } else {
      let freed = room(series.kind, bytes: series.bytes)
      room -= freed
      family.places -= freed.series
    }
    var kept = roomKept(series.name, series.kind)
    if family.places == kept.series && !family.hasOverflow {
      kept.names = 1
      room -= kept
      family.places = 0
    }
    families[series.name] = family.places == 0 && !family.isOwn ? nil : family
  }

  /// Counts a sample whose series would be new, and is beyond a limit.
  mutating func count(_ limit: Limit, name: [UInt8], overflows: Bool) {
    tally.add(limit, name: name.prefix(limits.nameBytesMax), overflows: overflows)
  }

  /// How much of each limit on number is taken, places kept for overflow included.
  var used: [(limit: Limit, count: Int)] {
    [
      (.series, room.series), (.names, room.names), (.sets, room.sets),
      (.exposedBytes, room.exposedBytes),
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

  /// - Throws: `beyond` the first limit that `asked` would exceed.
  private func check(_ asked: Room, of family: Family) throws(Denial) {
    let wanted = room + asked
    if wanted.names > limits.namesMax && asked.names > 0 { throw .beyond(.names) }
    if family.places + asked.series > limits.seriesPerNameMax { throw .beyond(.seriesPerName) }
    if wanted.sets > limits.setsMax && asked.sets > 0 { throw .beyond(.sets) }
    if wanted.series > limits.seriesMax { throw .beyond(.series) }
    if wanted.exposedBytes > limits.exposedBytesMax { throw .beyond(.exposedBytes) }
  }

  /// - Throws: `refused` with `reservedName` or `typeClash`.
  private func checkName(
    _ name: [UInt8], _ kind: MetricKind, hasLabels: Bool
  ) throws(Denial) {
    if ReservedNames.contains(name) { throw .refused(.reservedName) }
    if let family = families[name] {
      if family.kind != kind { throw .refused(.typeClash) }
      if family.isOwn && !hasLabels { throw .refused(.reservedName) }
      return
    }
    for suffix in ReservedNames.histogramSuffixes {
      if name.suffix(suffix.count).elementsEqual(suffix),
        families[Array(name.dropLast(suffix.count))]?.kind == .histogram
      {
        throw .refused(.typeClash)
      }
      if kind == .histogram, families[name + suffix] != nil { throw .refused(.typeClash) }
    }
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
