import WeirBytes
import WeirMetrics

/// A part of all owners behind one lock, which a frame takes once.
struct OwnerShard: ~Copyable {
  private(set) var owners: [Owner] = []
  private var positions: [InstanceID: Int] = [:]
  /// Counts of frames and of what became of owners; numbers of owners are computed when asked for.
  var counts = PushTotals()
  /// Of `OwnerLimits.totalsMax`.
  private var taken = 0
  /// Where the sweep goes on.
  private var swept = 0
  /// Until then nobody can be forgotten, so that a flood of newcomers does not look again and again.
  private var fullUntil: UInt32 = 0
  private let limits: OwnerLimits
  private let room: OwnerRoom

  init(_ limits: OwnerLimits, _ room: OwnerRoom) {
    self.limits = limits
    self.room = room
  }

  /// The position of an owner, who is made if he is not known; nil where there is no room.
  ///
  /// - Parameter base: The frame before the first that is expected of a new one.
  mutating func admit(_ id: InstanceID, base: UInt64, second: UInt32) -> Int? {
    if let position = positions[id] { return position }
    if !room.takeInstance() {
      makeRoom(second)
      guard room.takeInstance() else { return nil }
    }
    positions[id] = owners.count
    owners.append(Owner(id: id, base: base, second: second))
    return owners.count - 1
  }

  /// Lends an owner, to be changed.
  @inline(__always)
  mutating func withOwner<Result>(
    _ position: Int, _ body: (inout Owner, inout PushTotals) -> Result
  ) -> Result {
    let before = owners[position].taken
    let result = body(&owners[position], &counts)
    take(owners[position].taken - before)
    return result
  }

  private mutating func take(_ totals: Int) {
    guard totals != 0 else { return }
    taken += totals
    room.takeTotals(totals)
  }

  /// Forgets the eighth of the absorbed owners that was silent for longest.
  private mutating func makeRoom(_ second: UInt32) {
    guard second >= fullUntil else { return }
    let absorbed = owners.indices.filter { owners[$0].isAbsorbed }
      .sorted { owners[$0].lastSecond < owners[$1].lastSecond }
    guard !absorbed.isEmpty else {
      fullUntil = second + 1
      return
    }
    // From the last on, for what is removed is replaced by the last.
    for position in absorbed.prefix(absorbed.count / 8 + 1).sorted(by: >) {
      remove(position)
      counts.forgottenForRoom += 1
    }
  }

  private mutating func remove(_ position: Int) {
    take(-owners[position].taken)
    room.freeInstance()
    counts.lost += owners[position].window.missing
    positions[owners[position].id] = nil
    owners.swapAt(position, owners.count - 1)
    owners.removeLast()
    if position < owners.count { positions[owners[position].id] = position }
  }

  /// Looks at a part of the owners: absorbs and forgets those whose time has come.
  ///
  /// - Parameter part: A fraction of all: one over this.
  /// - Returns: Places of gauges that leave.
  /// - Complexity: O(owners / `part`), and the gauges that leave.
  mutating func sweep(part: Int, second: UInt32) -> [LeavingGauge] {
    var leaving: [LeavingGauge] = []
    var left = owners.isEmpty ? 0 : owners.count / part + 1
    if room.totalsLeft == 0 { makeRoom(second) }
    while left > 0, !owners.isEmpty {
      left -= 1
      if swept >= owners.count { swept = 0 }
      let silence = second - min(second, owners[swept].lastSecond)
      if silence > limits.gaugeSeconds, owners[swept].hasGauges {
        owners[swept].takeGauges(upTo: owners[swept].window.newest, into: &leaving)
      }
      if silence > limits.absorbSeconds, !owners[swept].isAbsorbed { absorb(swept) }
      if silence > limits.forgetSeconds {
        remove(swept)
        counts.forgottenByAge += 1
      } else {
        swept += 1
      }
    }
    return leaving
  }

  private mutating func absorb(_ position: Int) {
    owners[position].isAbsorbed = true
    counts.absorbed += 1
    counts.lost += owners[position].window.missing
    owners[position].window.giveUpMissing()
  }

  /// What all of it comes to.
  ///
  /// - Complexity: O(owners).
  func totals() -> PushTotals {
    var totals = counts
    totals.instances = owners.count
    totals.totals = taken
    for position in owners.indices where !owners[position].isAbsorbed { totals.live += 1 }
    return totals
  }
}

/// A gauge that an owner no longer has a value of.
struct LeavingGauge {
  let shard: Int
  let place: GaugeGroups.Place
}

extension Owner {
  /// Takes all gauges out, for their owner has ended or fallen silent; values in frames up to
  /// `sequence` don't come back.
  mutating func takeGauges(upTo sequence: UInt64, into leaving: inout [LeavingGauge]) {
    hasGauges = false
    gaugesGoneUpTo = max(gaugesGoneUpTo, sequence)
    for index in gauges {
      if let place = GaugeGroups.Place(bits: entries[index].second) {
        leaving.append(LeavingGauge(shard: entries[index].lease.handle.shard, place: place))
      }
      entries[index].second = 0
    }
    gauges.removeAll()
    gaugeChanges.removeAll()
  }
}
