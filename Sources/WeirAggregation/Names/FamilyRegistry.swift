import WeirBytes
import WeirMetrics

/// A series that is to be made.
struct NewSeries {
  let name: HashedName
  let kind: MetricKind
  let hasLabels: Bool
  /// Bytes of its spelling.
  let bytes: Int
  /// What its client, or a mapping rule, asks of its class.
  var asked = AskedClass.nothing
  /// Which of the labels `le` and `quantile` it has.
  var lineLabels: [String] = []
}

/// Why a sample does not get a series of its own.
enum Denial: Error, Equatable {
  case refused(Refusal)
  case exceeds(LimitName)
}

/// All current names, each with its kind and its class. The first sample of a name decides both,
/// and they hold until the last series of the name has expired. The registry also counts the room
/// that all series take, and admits a new series only if no limit is exceeded.
///
/// If overflow goes to a series, a name reserves a place for its overflow series together with its
/// first series, in every limit.
/// So the overflow series always has room, and no limit is ever exceeded.
struct FamilyRegistry: ~Copyable {
  struct Family {
    let classID: ClassID
    let kind: MetricKind
    /// Whether Weir itself uses the series without labels.
    let isOwn: Bool
    /// The senders' series, and the place reserved for the overflow series.
    var places = 0
    /// Overflow series that were made and are not yet released. There are two when one has expired
    /// and another was made before the first was released.
    var overflows = 0
    /// How many places there were some minutes ago.
    var marks = PlaceMarks()
    var meta: FamilyMeta?
  }

  var families: [HashedName: Family] = [:]
  var classes: SeriesClasses
  var room = FamilyRoom()
  /// Families that have a help text or a unit.
  private var metas = 0

  /// Names of pushed groups.
  var groupNames = GroupNames()
  private(set) var waiting = WaitingMetas()
  private var fullest = FullestName()
  /// Nil if there is no state file.
  var changedMetas: ChangedMetas?

  /// They take 12 MB, because names that one mapping rule gives share its text. Programs have hundreds.
  static let metasMax = 20_000

  /// Counts of samples that met a limit.
  private(set) var tally = LimitTally()
  let limits: SeriesLimits
  let hash: KeyedHash
  /// Seconds for which Weir has run, as `Aggregator.expire` sets them, and when this process began.
  var second: UInt32
  let startSecond: UInt32

  init(limits: SeriesLimits, rules: SeriesRules, hash: KeyedHash, startSecond: UInt32 = 0) {
    second = startSecond
    self.startSecond = startSecond
    self.limits = limits
    self.hash = hash
    classes = SeriesClasses(rules)
  }

  /// The rules that give new names their class.
  var rules: SeriesRules { classes.rules }

  /// Replaces the rules.
  mutating func use(_ rules: SeriesRules) { classes.use(rules) }

  /// Reserves `name`, without labels, for a metric of Weir's own.
  mutating func reserve(_ name: [UInt8], kind: MetricKind) {
    let classID = classes.take(for: name, kind).classID
    families[HashedName(name, hash)] = Family(classID: classID, kind: kind, isOwn: true)
  }

  /// The class of a name if it exists and has this kind; nil otherwise.
  func classID(of name: HashedName, _ kind: MetricKind) -> ClassID? {
    guard let family = families[name], family.kind == kind else { return nil }
    return family.classID
  }

  /// Takes room for a new series, and gives its name a class if the name is new.
  ///
  /// - Returns: The class, or why the series can't be made; then nothing has changed.
  mutating func admit(_ series: NewSeries) -> Result<ClassID, Denial> {
    let name = series.name
    if let refusal = refusal(of: name, series.kind, hasLabels: series.hasLabels) {
      return .failure(.refused(refusal))
    }
    if families[name] == nil, room.names >= limits.namesMax {
      return .failure(.exceeds(.names))
    }
    return withFamily(series) { registry, family, seriesClass in
      // Else two labels of a line would have the same name, which makes the whole page invalid.
      if seriesClass.kind == .histogram, series.lineLabels.contains(seriesClass.observer.ownLabel) {
        return .refused(.typeClash)
      }
      var asked = registry.room(seriesClass, bytes: series.bytes)
      if family.places == 0 {
        asked.names = 1
        asked += registry.roomReserved(name.bytes, seriesClass)
      }
      if let limit = registry.limitExceeded(by: asked, of: family) { return .exceeds(limit) }
      registry.room += asked
      registry.set(&family, places: family.places + asked.series)
      return nil
    }
  }

  /// Changes the family of a new series' name, unless `body` returns a reason not to. A new name
  /// gets a family.
  private mutating func withFamily(
    _ series: NewSeries,
    _ body: (inout FamilyRegistry, inout Family, SeriesClass) -> Denial?
  ) -> Result<ClassID, Denial> {
    let name = series.name
    let known = families[name]
    let choice =
      known.map { SeriesClasses.Choice(classID: $0.classID, isOwn: true) }
      ?? classes.take(for: name.bytes, series.kind, asked: series.asked)
    let classID = choice.classID
    var family = known ?? Family(classID: classID, kind: series.kind, isOwn: false)
    let seriesClass = classes[classID].seriesClass
    let denial =
      groupNames.refuse(name, seriesClass.familyType, hash)
      ? Denial.refused(.typeClash) : body(&self, &family, seriesClass)
    if let denial {
      if known == nil { classes.release(classID) }
      return .failure(denial)
    }
    if !choice.isOwn { classes.countNameWithoutOwnClass() }
    keepTold(of: name, in: &family)
    families[name] = family
    return .success(classID)
  }

  /// Changes how many places a family takes.
  mutating func set(_ family: inout Family, places: Int) {
    fullest.change(from: family.places, to: places)
    family.marks.move(toSecond: second, places: family.places)
    family.places = places
  }

  /// Gives a family the help and unit that arrived before its first series.
  private mutating func keepTold(of name: HashedName, in family: inout Family) {
    guard family.meta == nil, metas < FamilyRegistry.metasMax else { return }
    family.meta = waiting.take(name)
    if family.meta != nil { metas += 1 }
  }

  /// Takes the place of a name's overflow series if the name has none yet. The place is already
  /// reserved, unless the name is new.
  ///
  /// - Parameter series: A series of the name that found no room.
  /// - Returns: The class; nil if an overflow series is not possible because of the option, the
  ///   kind, the name or a limit.
  mutating func admitOverflow(for series: NewSeries) -> ClassID? {
    let name = series.name
    // Another sample may have taken the name meanwhile.
    guard refusal(of: name, series.kind, hasLabels: true) == nil else { return nil }
    let admitted = withFamily(series) { registry, family, seriesClass in
      var asked = registry.roomReserved(name.bytes, seriesClass)
      guard asked.series > 0 else { return .exceeds(.series) }
      if family.places == 0 {
        asked.names = 1
        if let limit = registry.limitExceeded(by: asked, of: family) { return .exceeds(limit) }
        registry.room += asked
        registry.set(&family, places: asked.series)
      }
      family.overflows += 1
      return nil
    }
    return try? admitted.get()
  }

  /// Releases the place of a series that has expired. With the last series of a name it releases
  /// the name and its class.
  ///
  /// - Parameter isOverflow: Whether it is the overflow series.
  mutating func release(_ series: NewSeries, isOverflow: Bool) {
    let name = series.name
    guard var family = families[name] else { return }
    let seriesClass = classes[family.classID].seriesClass
    if isOverflow {
      family.overflows -= 1
    } else {
      let freed = room(seriesClass, bytes: series.bytes)
      room -= freed
      set(&family, places: family.places - freed.series)
    }
    var reserved = roomReserved(name.bytes, seriesClass)
    if family.places == reserved.series && family.overflows == 0 {
      reserved.names = 1
      room -= reserved
      set(&family, places: 0)
    }
    guard family.places == 0 && !family.isOwn else {
      families[name] = family
      return
    }
    families[name] = nil
    classes.release(family.classID)
    guard let meta = family.meta else { return }
    metas -= 1
    // Kept, because the sender may not send it again.
    waiting.keep(meta, of: name)
  }

  /// Keeps the help and unit of a metric; the last ones win. If there is no metric of this name
  /// they wait for it.
  mutating func keep(_ meta: FamilyMeta, of name: [UInt8]) {
    let name = HashedName(name, hash)
    guard let family = families[name] else {
      guard !ReservedNames.contains(name.bytes) else { return }
      if waiting.meta(of: name) != meta { changedMetas?.note(meta, of: name) }
      return waiting.keep(meta, of: name)
    }
    if family.meta == meta { return }
    if family.meta == nil {
      guard metas < FamilyRegistry.metasMax else { return }
      metas += 1
    }
    families[name]?.meta = meta
    changedMetas?.note(meta, of: name)
  }

  /// The help and unit of every metric, for the state file. Those of metrics without series are at the end.
  var allMetas: [SavedMeta] {
    families.compactMap { name, family in
      family.meta.map { SavedMeta(name: name.bytes, meta: $0) }
    } + waiting.all
  }

  /// The help and unit of a metric.
  func meta(of name: [UInt8]) -> FamilyMeta? { families[HashedName(name, hash)]?.meta }

  /// Counts a sample whose series would be new and would exceed a limit.
  mutating func count(_ limit: LimitName, name: [UInt8], overflows: Bool) {
    let shown = name.count > limits.nameBytesMax ? Array(name[..<limits.nameBytesMax]) : name
    tally.add(limit, name: HashedName(shown, hash), overflows: overflows)
  }

  /// How much of each limit on number is taken, including places reserved for overflow.
  var used: [(limit: LimitName, count: Int)] {
    [
      (.series, room.series), (.seriesPerName, fullest.count), (.names, room.names),
      (.sets, room.sets), (.exposedBytes, room.exposedBytes),
    ]
  }

  /// The name that has most series; nil if there is none.
  ///
  /// - Complexity: O(names).
  var fullestName: [UInt8]? {
    families.first { $0.value.places == fullest.count && fullest.count > 0 }?.key.bytes
  }

  /// What a series takes.
  func room(_ seriesClass: SeriesClass, bytes: Int) -> FamilyRoom {
    FamilyRoom(
      series: 1, sets: seriesClass.kind == .set ? 1 : 0,
      exposedBytes: bytes * seriesClass.linesPerSeries)
  }

  /// What a name reserves for its overflow series; nothing if it has none.
  func roomReserved(_ name: [UInt8], _ seriesClass: SeriesClass) -> FamilyRoom {
    let bytes = name.count + OverflowSeries.labels.count
    guard limits.overflow == .series, OverflowSeries.suits(seriesClass.kind),
      bytes <= limits.seriesBytesMax
    else { return FamilyRoom() }
    return room(seriesClass, bytes: bytes)
  }

  /// The first limit that `asked` would exceed.
  func limitExceeded(by asked: FamilyRoom, of family: Family) -> LimitName? {
    let wanted = room + asked
    if wanted.names > limits.namesMax && asked.names > 0 { return .names }
    if family.places + asked.series > limits.seriesPerNameMax { return .seriesPerName }
    if wanted.sets > limits.setsMax && asked.sets > 0 { return .sets }
    if wanted.series > limits.seriesMax { return .series }
    if wanted.exposedBytes > limits.exposedBytesMax { return .exposedBytes }
    return nil
  }
}
