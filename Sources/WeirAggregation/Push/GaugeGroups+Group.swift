import WeirMetrics

extension GaugeGroups {
  /// All values of one series.
  struct Group: Sendable {
    var lease: RowLease
    var merge: GaugeMerge
    var members: [Member] = []
    /// How many of them have a value.
    var live = 0
    /// Free places in `members`. Some may have been given back since.
    var free: [UInt32] = []
    /// When the last value arrived, in seconds since the start.
    var second: UInt32 = 0
    var isMarked = false
    /// Whether members move to the front. Then `free` has places in descending order.
    var isMovingUp = false

    var isEmpty: Bool { live == 0 }

    /// Whether three quarters of the places are free. Then members move to the first places when
    /// they are set again, so that the rest can be given back: a client repeats its gauges.
    var isSparse: Bool { members.count > 64 && live < members.count / 4 }
  }
}

extension GaugeGroups.Group {
  /// Adds a member, and returns its place.
  mutating func add(_ member: GaugeGroups.Member) -> Int {
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

  /// Removes a member's value.
  mutating func remove(_ place: Int) {
    members[place].value = .nan
    live -= 1
    if !isSparse { isMovingUp = false }
    // While members move up, this place would be out of order. It is found again when it is needed.
    if !isMovingUp { free.append(UInt32(place)) }
    giveBackSpare()
  }

  /// Moves a member to a place nearer to the front, and returns its new place.
  mutating func move(_ place: Int) -> Int {
    if !isMovingUp { findFree() }
    isMovingUp = true
    guard let front = takeFree(before: place) else { return place }
    members[front] = members[place]
    members[place].value = .nan
    giveBackSpare()
    return front
  }

  /// Finds all free places, so that those at the front are taken first.
  private mutating func findFree() {
    free = members.indices.reversed().filter { !members[$0].isHere }.map { UInt32($0) }
  }

  /// Takes a free place, if there is one before `end`.
  private mutating func takeFree(before end: Int) -> Int? {
    while let left = free.last, Int(left) < end {
      free.removeLast()
      if Int(left) < members.count, !members[Int(left)].isHere { return Int(left) }
    }
    return nil
  }

  /// Gives back the places after the last member.
  private mutating func giveBackSpare() {
    guard isSparse else { return }
    while let last = members.last, !last.isHere { members.removeLast() }
    members.giveBackSpare()
    free.giveBackSpare()
  }
}
