import WeirMetrics

/// The pushed gauges of a shard, each with the values that its owners have set.
///
/// Setting a value only marks its group. The merged value is computed once for a scrape, from the
/// values alone, so that it does not depend on their order of arrival.
struct GaugeGroups: Sendable {
  /// The value of one owner.
  struct Member: Sendable {
    var value: Double
    /// When it was set, in milliseconds since 1970, and by which instance: this decides which value
    /// was last.
    var setMilliseconds: UInt64
    var instance: UInt64
    /// False if the value was removed: then it is NaN.
    var isHere: Bool { !value.isNaN }
  }

  /// Where a member is: its group, and its place there.
  struct Place: Sendable, Equatable {
    let group: Int
    let member: Int

    init(group: Int, member: Int) {
      self.group = group
      self.member = member
    }

    /// Marks a place whose value was removed.
    static let left: UInt64 = 1
    /// A group can have 16 million instances, and a shard 16 million groups: more than the limits
    /// allow.
    private static let memberBits: UInt64 = 24

    /// Nil for 0, which means no place yet, and for `left`.
    init?(bits: UInt64) {
      guard bits > Place.left else { return nil }
      group = Int(bits >> Place.memberBits) - 1
      member = Int(bits & (1 << Place.memberBits - 1))
    }

    /// As many bits as `OwnerEntry.detail` has.
    var bits: UInt64 {
      precondition(member < 1 << Int(Place.memberBits) && group < 1 << 24 - 1)
      return UInt64(group + 1) << Place.memberBits | UInt64(member)
    }
  }

  /// What happens to a series when a member is removed.
  enum Removal {
    /// Others still have a value, or the series no longer exists.
    case nothing
    /// The series has no owner left. An owner last updated it in this second.
    case orphan(RowLease, second: UInt32)
  }

  private var groups: [Group] = []
  private var free: [Int] = []
  /// For each row, the group of its series, or of an earlier series that has expired.
  private var byRow: [Int: Int] = [:]
  private var marked: [Int] = []
  /// Rows of series whose values have changed without an update of the row: a value was removed, or
  /// the merged value was computed. Empty unless there is a state file.
  var unsaved = RowSet()
  /// Whether `unsaved` is kept, because the state file knows rows of the table.
  var notesUnsaved = false

  /// Whether an owner has a value of the series in a live row.
  func hasValues(row: Int) -> Bool { byRow[row] != nil }

  /// The values of one series, as the state file keeps them.
  struct Reading: Sendable {
    let group: Int
    let merge: GaugeMerge
    let second: UInt32
    /// Removed ones have no value.
    let members: [Member]

    /// Of a series that no owner has a value of any more.
    static let none = Reading(group: 0, merge: .last, second: 0, members: [])
  }

  /// The values of a live series; nil if no owner has one.
  func reading(of lease: RowLease) -> Reading? {
    guard let group = byRow[lease.row], groups[group].lease == lease else { return nil }
    return Reading(
      group: group, merge: groups[group].merge, second: groups[group].second,
      members: groups[group].members)
  }

  /// Places for groups, members and rows in memory.
  var placesHeld: Int {
    groups.capacity + byRow.capacity + groups.reduce(0) { $0 + $1.members.capacity }
  }

  /// Adds an owner that had no value of this series.
  mutating func join(_ lease: RowLease, _ merge: GaugeMerge, _ member: Member) -> Place {
    let group = group(of: lease, merge)
    let place = groups[group].add(member)
    mark(group)
    return Place(group: group, member: place)
  }

  /// Adds an owner's value that was saved.
  mutating func rejoin(
    _ lease: RowLease, _ merge: GaugeMerge, _ member: Member, second: UInt32
  ) -> Place {
    let place = join(lease, merge, member)
    groups[place.group].second = second
    return place
  }

  /// Keeps the merged value of a series as it is, because it is that of its owners' values.
  mutating func unmark(_ lease: RowLease) {
    guard let group = byRow[lease.row], groups[group].lease == lease else { return }
    groups[group].isMarked = false
  }

  /// The value of a member.
  func member(_ place: Place) -> Member { groups[place.group].members[place.member] }

  /// Sets the value of an existing member.
  ///
  /// - Parameter place: Where it is. It is updated, because the member may move to the front.
  /// - Returns: False, and nothing has changed, if its group is not that of the series.
  mutating func set(
    _ place: inout Place, _ lease: RowLease, _ merge: GaugeMerge, _ member: Member, second: UInt32
  ) -> Bool {
    let group = place.group
    guard groups[group].lease == lease else { return false }
    groups[group].members[place.member] = member
    groups[group].merge = merge
    groups[group].second = second
    if groups[group].isSparse {
      place = Place(group: group, member: groups[group].move(place.member))
    }
    mark(group)
    return true
  }

  /// Whether a place belongs to a series that has values.
  func has(_ place: Place, of lease: RowLease) -> Bool {
    place.group < groups.count && !groups[place.group].isEmpty && groups[place.group].lease == lease
  }

  /// Removes all values of the series in a live row, because it is forgotten. No owner has a place
  /// among them any more, except on its way to `remove`.
  mutating func removeAll(row: Int) {
    guard let group = byRow.removeValue(forKey: row) else { return }
    groups[group].members = []
    groups[group].live = 0
    groups[group].free = []
    groups[group].isMovingUp = false
    free.append(group)
    giveBackSpare()
  }

  /// Removes an owner's value.
  mutating func remove(_ place: Place) -> Removal {
    let group = place.group
    if notesUnsaved { unsaved.insert(groups[group].lease.row) }
    groups[group].remove(place.member)
    guard groups[group].isEmpty else {
      mark(group)
      return .nothing
    }
    let (lease, second) = (groups[group].lease, groups[group].second)
    groups[group].members = []
    groups[group].free = []
    groups[group].isMovingUp = false
    free.append(group)
    let isOfSeries = byRow[lease.row] == group
    if isOfSeries { byRow[lease.row] = nil }
    giveBackSpare()
    return isOfSeries ? .orphan(lease, second: second) : .nothing
  }

  /// Gives back empty groups at the end. Their numbers in `free` and `marked` are skipped later.
  private mutating func giveBackSpare() {
    byRow.giveBackSpare()
    while let last = groups.last, last.isEmpty { groups.removeLast() }
    groups.giveBackSpare()
    guard free.count > 2 * groups.count + 64 else { return }
    let count = groups.count
    free.removeAll { $0 >= count }
    free.giveBackSpare()
  }

  /// The most values that are merged while a shard is locked, plus those of one more series.
  private static let mergedAtOnceMax = 8_192

  /// Passes each series whose owners' values have changed to `body`, with its merged value.
  ///
  /// - Returns: Whether there are more of them.
  /// - Complexity: O(n log n) in the owners of each, as many as `mergedAtOnceMax` and a series.
  mutating func merge(_ body: (RowLease, Double) -> Void) -> Bool {
    var merged = 0
    while merged < GaugeGroups.mergedAtOnceMax, let group = marked.popLast() {
      marked.giveBackSpare()
      guard group < groups.count, groups[group].isMarked else { continue }
      groups[group].isMarked = false
      merged += 1 + groups[group].members.count
      if let value = groups[group].merge.merged(groups[group].members) {
        if notesUnsaved { unsaved.insert(groups[group].lease.row) }
        body(groups[group].lease, value)
      }
    }
    return !marked.isEmpty
  }

  /// The merged value of a series if its owners' values have changed since it was computed.
  ///
  /// Its number stays in `marked`, and is skipped by the next `merge`.
  mutating func mergeOne(_ lease: RowLease) -> Double? {
    guard !marked.isEmpty, let group = byRow[lease.row], groups[group].lease == lease,
      groups[group].isMarked
    else { return nil }
    groups[group].isMarked = false
    return groups[group].merge.merged(groups[group].members)
  }

  private mutating func group(of lease: RowLease, _ merge: GaugeMerge) -> Int {
    if let group = byRow[lease.row], groups[group].lease == lease {
      groups[group].merge = merge
      return group
    }
    let group = takeFree() ?? groups.count
    if group == groups.count {
      groups.append(Group(lease: lease, merge: merge))
    } else {
      // It may still be marked for its old series. That does no harm, because the new one is marked
      // too.
      groups[group].lease = lease
      groups[group].merge = merge
    }
    byRow[lease.row] = group
    return group
  }

  private mutating func takeFree() -> Int? {
    while let group = free.popLast() {
      if group < groups.count, groups[group].isEmpty { return group }
    }
    return nil
  }

  private mutating func mark(_ group: Int) {
    if groups[group].isMarked { return }
    groups[group].isMarked = true
    marked.append(group)
  }
}
