import WeirMetrics

/// The gauges of a shard that were pushed, each with the values that its owners have set.
///
/// A value that is set only marks its group. What all of them come to is computed once for a scrape,
/// from the values and nothing else, so that it does not depend on the order in which they came.
struct GaugeGroups: Sendable {
  /// The value of one owner.
  struct Member: Sendable {
    var value: Double
    /// When it was set, in milliseconds since 1970, and by whom: of the values set last, one is.
    var setMilliseconds: UInt64
    var instance: UInt64
    /// NaN where the member has left.
    var isHere: Bool { !value.isNaN }
  }

  /// All values of one series.
  fileprivate struct Group: Sendable {
    var lease: RowLease
    var merge: GaugeMerge
    var members: [Member] = []
    /// How many of them are here.
    var live = 0
    /// Places in `members` that have been left. Some may have been given back since.
    var free: [UInt32] = []
    /// When a value came last, in seconds since the start.
    var second: UInt32 = 0
    var isMarked = false
    /// Whether members move to the front, and `free` holds places in descending order.
    var isMovingUp = false

    var isEmpty: Bool { live == 0 }

    /// Whether three quarters of the places are left. Then those that are here move to the first ones when
    /// next they are set, so that the rest can be given back: a client repeats its gauges.
    var isSparse: Bool { members.count > 64 && live < members.count / 4 }
  }

  /// Where a member is: its group, and its place there.
  struct Place: Sendable, Equatable {
    let group: Int
    let member: Int

    init(group: Int, member: Int) {
      self.group = group
      self.member = member
    }

    /// What stands for a place that was left.
    static let left: UInt64 = 1
    /// Of a group 16 million instances can have a value, and a shard has 16 million groups: more than
    /// either can be by the limits.
    private static let memberBits: UInt64 = 24

    /// Nil for 0, which stands for no place yet, and for `left`.
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

  /// What a member leaves behind.
  enum Removal {
    /// Others still have a value, or the series is no more.
    case nothing
    /// A series without owners, that was last updated by one in this second.
    case orphan(RowLease, second: UInt32)
  }

  private var groups: [Group] = []
  private var free: [Int] = []
  /// Of a row the group that is of the series in it, or was of one that has expired since.
  private var byRow: [Int: Int] = [:]
  private var marked: [Int] = []

  /// Whether an owner has a value of the series in a live row.
  func hasValues(row: Int) -> Bool { byRow[row] != nil }

  /// Places for groups, for members and for rows that are in memory.
  var placesHeld: Int {
    groups.capacity + byRow.capacity + groups.reduce(0) { $0 + $1.members.capacity }
  }

  /// Lets an owner in who had no value of this series.
  mutating func join(_ lease: RowLease, _ merge: GaugeMerge, _ member: Member) -> Place {
    let group = group(of: lease, merge)
    let place = groups[group].add(member)
    mark(group)
    return Place(group: group, member: place)
  }

  /// What a member that is here has set.
  func member(_ place: Place) -> Member { groups[place.group].members[place.member] }

  /// Sets the value of a member that is here.
  ///
  /// - Parameter place: Where it is; brought up to date, for it may move to the front.
  /// - Returns: False, and nothing has changed, where its group is not that of the series.
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

  /// Takes an owner's value away.
  mutating func remove(_ place: Place) -> Removal {
    let group = place.group
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

  /// Gives the groups at the end back that have gone. What is left of them in `free` and `marked` is passed
  /// over there.
  private mutating func giveBackSpare() {
    byRow.giveBackSpare()
    while let last = groups.last, last.isEmpty { groups.removeLast() }
    groups.giveBackSpare()
    guard free.count > 2 * groups.count + 64 else { return }
    let count = groups.count
    free.removeAll { $0 >= count }
    free.giveBackSpare()
  }

  /// Values that are merged while a shard is locked, but for one more series of however many.
  private static let mergedAtOnceMax = 8_192

  /// Lends series whose owners' values have changed, with what they come to now.
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
        body(groups[group].lease, value)
      }
    }
    return !marked.isEmpty
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
      // It may still be marked: what it was marked for is no more, and what it becomes is marked too.
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

extension GaugeGroups.Group {
  /// Adds a member, and returns its place.
  fileprivate mutating func add(_ member: GaugeGroups.Member) -> Int {
    live += 1
    if free.isEmpty, live < members.count / 2 { findFree() }
    if let place = takeFree(before: members.count) {
      members[place] = member
      return place
    }
    members.reserveSparingly(1)
    members.append(member)
    return members.count - 1
  }

  /// Takes a member's value away.
  fileprivate mutating func remove(_ place: Int) {
    members[place].value = .nan
    live -= 1
    if !isSparse { isMovingUp = false }
    // While members move up it would be out of order; it is found again when it is needed.
    if !isMovingUp { free.append(UInt32(place)) }
    giveBackSpare()
  }

  /// Moves a member to a place nearer to the front, and returns where it is then.
  fileprivate mutating func move(_ place: Int) -> Int {
    if !isMovingUp { findFree() }
    isMovingUp = true
    guard let front = takeFree(before: place) else { return place }
    members[front] = members[place]
    members[place].value = .nan
    giveBackSpare()
    return front
  }

  /// Finds all places that have been left, those at the front to be taken first.
  private mutating func findFree() {
    free = members.indices.reversed().filter { !members[$0].isHere }.map { UInt32($0) }
  }

  /// Takes a place that has been left, if there is one before `end`.
  private mutating func takeFree(before end: Int) -> Int? {
    while let left = free.last, Int(left) < end {
      free.removeLast()
      if Int(left) < members.count, !members[Int(left)].isHere { return Int(left) }
    }
    return nil
  }

  /// Gives back the places behind the last member that is here.
  private mutating func giveBackSpare() {
    guard isSparse else { return }
    while let last = members.last, !last.isHere { members.removeLast() }
    members.giveBackSpare()
    free.giveBackSpare()
  }
}

extension GaugeMerge {
  /// What values of several owners come to; nil where there are none.
  ///
  /// - Complexity: O(members).
  fileprivate func merged(_ members: [GaugeGroups.Member]) -> Double? {
    let here = members.filter(\.isHere)
    switch self {
    case .last:
      return here.max {
        ($0.setMilliseconds, $0.instance) < ($1.setMilliseconds, $1.instance)
      }?.value
    case .min: return here.map(\.value).min()
    case .max: return here.map(\.value).max()
    case .sum: return here.isEmpty ? nil : sum(here, dividedBy: 1)
    case .avg: return here.isEmpty ? nil : sum(here, dividedBy: Double(here.count))
    }
  }

  /// In ascending order, so that it does not depend on who joined first.
  private func sum(_ members: [GaugeGroups.Member], dividedBy divisor: Double) -> Double {
    let values = members.map(\.value).sorted()
    let greatest = Swift.max(abs(values[0]), abs(values[values.count - 1]))
    // So that no part of the sum is infinite: a power of two, by which no digit is lost up here.
    let scale = greatest > GaugeMerge.scaledFrom ? GaugeMerge.scale : 1
    var sum = CompensatedSum()
    for value in values { sum.add(value * scale) }
    // What the division leaves over is divided too, so that the mean of equal values is that value.
    let quotient = sum.sum / divisor
    let rest = sum.sum.addingProduct(-quotient, divisor) + sum.error
    return CompensatedSum.clamped((quotient + rest / divisor) / scale)
  }

  /// Values of this magnitude are scaled down before they are added: 2⁻⁶⁴ times the greatest double.
  private static var scaledFrom: Double { 0x1p960 }
  private static var scale: Double { 0x1p-64 }
}
