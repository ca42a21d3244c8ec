import WeirMetrics

// Names and series that come from a state file.
extension FamilyRegistry {
  /// A name whose series are restored. It is in the registry from its first series on, and its
  /// counts there are brought up to date by `close`.
  struct OpenFamily {
    let name: HashedName
    let numbered: NumberedClass
    fileprivate var family: Family
    fileprivate var isEntered: Bool
    /// The places that the registry knows of.
    fileprivate let placesBefore: Int
    /// What its series take is computed from these.
    fileprivate let linesPerSeries: Int
    fileprivate let reserved: FamilyRoom

    var classID: ClassID { family.classID }
  }

  /// Why series of the file do not come back.
  enum NotRestored: Error, Equatable {
    /// Flags or rules give the name another class.
    case changed
    case clashes
    case exceeds(LimitName)
  }

  /// Opens a name for series of a class; only its lifetime may differ from what the rules say.
  ///
  /// - Complexity: O(rules).
  mutating func open(
    _ name: HashedName, _ described: StateClass, _ rules: any IdentityRules
  ) -> Result<OpenFamily, NotRestored> {
    let wanted = described.seriesClass
    let known = families[name]
    if let known {
      guard known.kind == wanted.kind else { return .failure(.clashes) }
      guard classes[known.classID].seriesClass.keepsLike(wanted) else { return .failure(.changed) }
    } else if refusal(of: name, wanted.kind, hasLabels: true) != nil {
      return .failure(.clashes)
    } else if room.names >= limits.namesMax {
      return .failure(.exceeds(.names))
    }
    let classID = known?.classID ?? take(name, described, rules)
    guard let classID else { return .failure(.changed) }
    let numbered = classes[classID]
    return .success(
      OpenFamily(
        name: name, numbered: numbered,
        family: known ?? Family(classID: classID, kind: wanted.kind, isOwn: false),
        isEntered: known != nil, placesBefore: known?.places ?? 0,
        linesPerSeries: numbered.seriesClass.linesPerSeries,
        reserved: roomReserved(name.bytes, numbered.seriesClass)))
  }

  /// The class of a new name; nil if it keeps its series in another way.
  private mutating func take(
    _ name: HashedName, _ described: StateClass, _ rules: any IdentityRules
  ) -> ClassID? {
    let wanted = described.seriesClass
    let raw = SpelledName.raw(name.bytes)
    let plain = classes.rules.seriesClass(of: wanted.kind, named: raw)
    var choices: [AskedClass]
    if wanted.kind == .histogram, wanted.observer.keepsBuckets, described.isPushed,
      wanted.layout != plain.layout
    {
      // A client gave these bounds, if flags do not.
      choices = [.bounds(wanted.layout)]
    } else {
      choices = rules.asked(ofMetric: raw, kind: wanted.kind)
    }
    let candidates = choices.map {
      (asked: $0, seriesClass: classes.rules.seriesClass(of: wanted.kind, named: raw, asked: $0))
    }
    let found =
      candidates.first { $0.seriesClass == wanted }
      ?? candidates.first { $0.seriesClass.keepsLike(wanted) }
    guard let found else { return nil }
    let choice = classes.take(for: name.bytes, wanted.kind, asked: found.asked)
    if classes[choice.classID].seriesClass.keepsLike(wanted) { return choice.classID }
    classes.release(choice.classID)
    return nil
  }

  /// Takes room for a series of the file.
  ///
  /// - Parameter bytes: Of its spelling.
  mutating func admit(
    bytes: Int, hasLabels: Bool, isOverflow: Bool, _ open: inout OpenFamily
  ) -> NotRestored? {
    if open.family.isOwn && !hasLabels { return .clashes }
    var asked = FamilyRoom()
    if isOverflow {
      // Without the option there is no place for it.
      guard open.reserved.series > 0 else { return .changed }
      if open.family.places == 0 { asked = open.reserved }
    } else {
      asked = FamilyRoom(
        series: 1, sets: open.family.kind == .set ? 1 : 0,
        exposedBytes: bytes * open.linesPerSeries)
      if open.family.places == 0 { asked += open.reserved }
    }
    if open.family.places == 0 { asked.names = 1 }
    if asked.series > 0 {
      if let limit = limitExceeded(by: asked, of: open.family) { return .exceeds(limit) }
      room += asked
      open.family.places += asked.series
    }
    if isOverflow { open.family.overflows += 1 }
    if !open.isEntered {
      open.isEntered = true
      families[open.name] = open.family
    }
    return nil
  }

  /// Gives back what `admit` took for a series that is in the file twice.
  mutating func withdraw(bytes: Int, isOverflow: Bool, _ open: inout OpenFamily) {
    if isOverflow {
      open.family.overflows -= 1
    } else {
      room -= room(open.numbered.seriesClass, bytes: bytes)
      open.family.places -= 1
    }
  }

  /// Keeps the counts of a name.
  mutating func close(_ open: OpenFamily) {
    guard open.isEntered else { return classes.release(open.numbered.id) }
    var family = open.family
    family.places = open.placesBefore
    set(&family, places: open.family.places)
    // What is restored has not grown.
    family.marks = PlaceMarks(second: second, places: family.places)
    families[open.name] = family
  }
}

extension SeriesClass {
  /// Whether both keep and show the values of a series in the same way.
  func keepsLike(_ other: SeriesClass) -> Bool {
    kind == other.kind && layout == other.layout && observer == other.observer && sets == other.sets
  }
}
