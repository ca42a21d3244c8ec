import WeirBytes
import WeirMetrics
import WeirPush

/// A disjoint part of all owners with one lock, which a frame takes once.
final class OwnerShard: Sendable {
  let state: Locked<OwnerShardState>

  init(_ limits: OwnerLimits, _ room: OwnerRoom, _ memory: OwnerMemory) {
    state = Locked(OwnerShardState(limits, room, memory))
  }
}

/// The owners of a shard, found by their instance.
struct OwnerShardState: ~Copyable {
  private(set) var owners: [Owner] = []
  private var positions: [InstanceID: Int] = [:]
  /// Counts of frames and of what happened to owners. Numbers of owners are computed on request.
  var counts = PushTotals()
  /// How much of `OwnerLimits.totalsMax` these owners take.
  private var taken = 0
  /// The position at which the sweep continues.
  private var swept = 0
  /// Owners that were new and had sent no record, the oldest first. Some have sent one since, and
  /// some are gone.
  private var newcomers: [InstanceID] = []
  /// The index in `newcomers` of the first one that was not checked yet.
  private var nextNewcomer = 0
  /// The number of owners that have sent no record.
  private var emptyCount = 0
  /// Whether removed owners are noted, because the state file must know of them.
  private(set) var keepsState = false
  /// Raised whenever owners were taken for the state file.
  private(set) var epoch: UInt32 = 1
  /// Whether an owner was added, changed or removed in this epoch.
  private(set) var hasChanged = false
  /// Owners that the state file may know, and that were removed in this epoch. There can't be more
  /// of them than there were owners when the epoch began.
  private var removedIDs: [InstanceID] = []
  /// Owners that were added before this epoch may be in the state file.
  private var knownBefore: UInt32 = 0
  private let limits: OwnerLimits
  private let room: OwnerRoom
  private let memory: OwnerMemory

  init(_ limits: OwnerLimits, _ room: OwnerRoom, _ memory: OwnerMemory) {
    self.limits = limits
    self.room = room
    self.memory = memory
  }

  /// The position of a frame's owner. An unknown owner is added; nil if there is no room for it.
  mutating func admit(_ header: PushHeader, second: UInt32) -> Int? {
    if let position = positions[header.instance] { return position }
    guard room.takeInstance() else { return nil }
    let newcomer = memory.newcomer(ageMilliseconds: header.ageMilliseconds)
    positions[header.instance] = owners.count
    owners.append(
      Owner(
        id: header.instance, base: newcomer.isHeardLate ? header.sequence - 1 : 0,
        memoryAge: newcomer.memoryAge, second: second))
    owners[owners.count - 1].addedIn = epoch
    stamp(owners.count - 1)
    countEmpty(1)
    // Bounded, so that the work for stale entries is no more than the work for new owners.
    if newcomers.count > 2 * emptyCount + 64 { tidyNewcomers() }
    newcomers.append(header.instance)
    return owners.count - 1
  }

  /// The position of an owner; nil if it is gone.
  func position(of id: InstanceID) -> Int? { positions[id] }

  /// Passes an owner to `body`, which may change it.
  @inline(__always)
  mutating func withOwner<Result>(
    _ position: Int, _ body: (inout Owner, inout PushTotals) -> Result
  ) -> Result {
    let before = owners[position].taken
    let wasEmpty = owners[position].isEmpty
    stamp(position)
    let result = body(&owners[position], &counts)
    take(owners[position].taken - before)
    if wasEmpty && !owners[position].isEmpty { countEmpty(-1) }
    return result
  }

  /// Whether an owner that was saved can be added.
  func hasRoom(for owner: Owner) -> Bool {
    guard positions[owner.id] == nil,
      owner.taken <= limits.totalsMax(isForwarder: owner.isForwarder),
      owner.taken <= room.totalsLeft, room.takeInstance()
    else { return false }
    room.freeInstance()
    return true
  }

  /// Adds an owner that was saved, as it was. There is room for it.
  mutating func restore(_ owner: Owner) {
    _ = room.takeInstance()
    positions[owner.id] = owners.count
    owners.append(owner)
    owners[owners.count - 1].addedIn = epoch
    stamp(owners.count - 1)
    take(owner.taken)
    if owner.isEmpty {
      countEmpty(1)
      newcomers.append(owner.id)
    }
  }

  /// Puts owners without a record in the order in which they came.
  mutating func sortNewcomers() {
    let seconds = newcomers.map { positions[$0].map { owners[$0].firstSecond } ?? 0 }
    newcomers = newcomers.indices.sorted { seconds[$0] < seconds[$1] }.map { newcomers[$0] }
  }

  /// Notes that an owner changes. Two stores, so that it costs a frame nothing.
  @inline(__always)
  private mutating func stamp(_ position: Int) {
    owners[position].changedIn = epoch
    hasChanged = true
  }

  private mutating func take(_ totals: Int) {
    guard totals != 0 else { return }
    taken += totals
    room.takeTotals(totals)
  }

  private mutating func countEmpty(_ number: Int) {
    emptyCount += number
    room.addEmptyInstances(number)
  }

  private mutating func tidyNewcomers() {
    newcomers = newcomers[nextNewcomer...].filter {
      positions[$0].map { owners[$0].isEmpty } ?? false
    }
    nextNewcomer = 0
  }

  /// Forgets the owner that has sent no record for the longest time, if there is one.
  mutating func forgetEmpty() -> Bool {
    guard emptyCount > 0 else { return false }
    while nextNewcomer < newcomers.count {
      let position = positions[newcomers[nextNewcomer]]
      nextNewcomer += 1
      guard let position, owners[position].isEmpty else { continue }
      remove(position)
      counts.forgottenEmpty += 1
      // As in a queue: checked entries are dropped when they are half of the list.
      if nextNewcomer * 2 > newcomers.count { tidyNewcomers() }
      return true
    }
    return false
  }

  /// The retired owners that have sent records, and when the last frame of each arrived.
  func retired() -> [(id: InstanceID, lastSecond: UInt32)] {
    owners.compactMap { $0.isRetired && !$0.isEmpty ? ($0.id, $0.lastSecond) : nil }
  }

  /// Forgets these owners, if they are still retired.
  ///
  /// - Returns: How many.
  mutating func forget(_ ids: [InstanceID]) -> Int {
    var forgotten = 0
    for id in ids {
      guard let position = positions[id], owners[position].isRetired else { continue }
      counts.forgottenForRoom += 1
      remove(position)
      forgotten += 1
    }
    return forgotten
  }

  /// - Precondition: the owner holds no series and no gauges. This is so for retired and for empty
  ///   ones.
  private mutating func remove(_ position: Int) {
    hasChanged = true
    if keepsState, owners[position].addedIn < knownBefore {
      removedIDs.append(owners[position].id)
    }
    take(-owners[position].taken)
    if owners[position].isEmpty { countEmpty(-1) }
    room.freeInstance()
    counts.lost += owners[position].window.missing
    positions[owners[position].id] = nil
    owners.swapAt(position, owners.count - 1)
    owners.removeLast()
    if position < owners.count { positions[owners[position].id] = position }
    owners.giveBackSpare()
    positions.giveBackSpare()
  }

  /// Checks a part of the owners, and retires and forgets those whose time is over.
  ///
  /// - Parameter part: The inverse of the fraction of owners to check.
  /// - Returns: Gauge values to remove, and series that are no longer held.
  /// - Complexity: O(owners / `part`), and O(what they release).
  mutating func sweep(part: Int, second: UInt32) -> ReleasedByOwners {
    var released = ReleasedByOwners()
    var due = owners.isEmpty ? 0 : owners.count / part + 1
    while due > 0, !owners.isEmpty {
      due -= 1
      if swept >= owners.count { swept = 0 }
      let silence = second - min(second, owners[swept].lastSecond)
      if silence > limits.gaugeSeconds, owners[swept].hasGauges {
        withOwner(swept) { owner, _ in
          owner.takeGauges(upTo: owner.window.newest, into: &released.gauges)
        }
      }
      if silence > limits.retireSeconds, !owners[swept].isRetired { retire(swept, &released.holds) }
      if silence > limits.forgetSeconds {
        remove(swept)
        counts.forgottenByAge += 1
        released.forgotten += 1
      } else {
        swept += 1
      }
    }
    return released
  }

  private mutating func retire(_ position: Int, _ released: inout [SeriesLease]) {
    withOwner(position) { owner, counts in
      owner.isRetired = true
      owner.takeHeldSeries(into: &released)
      counts.retired += 1
      counts.lost += owner.window.missing
      owner.window.giveUpMissing()
    }
  }

  /// The totals of this shard.
  ///
  /// - Parameter countsEach: Whether each owner is looked at.
  /// - Complexity: O(owners) if it is so.
  func totals(countsEach: Bool) -> PushTotals {
    var totals = counts
    totals.instances = owners.count
    totals.totals = taken
    guard countsEach else { return totals }
    for position in owners.indices {
      if !owners[position].isRetired { totals.live += 1 }
      if owners[position].isForwarder {
        totals.fullestForwarder = max(totals.fullestForwarder, owners[position].taken)
      } else {
        totals.fullest = max(totals.fullest, owners[position].taken)
      }
    }
    return totals
  }
}

/// For the state file.
extension OwnerShardState {
  /// Notes removed owners from now on.
  mutating func keepState() {
    keepsState = true
    removedIDs = []
    knownBefore = 0
  }

  /// Takes what has changed in this epoch, or everything, and begins the next epoch.
  ///
  /// - Complexity: O(1). The next change copies the list of owners while the result is held.
  mutating func takeChanges(all: Bool) -> OwnerChanges {
    let changes = OwnerChanges(
      hasChanged: hasChanged, owners: hasChanged || all ? owners : [], changedIn: all ? nil : epoch,
      removed: all ? [] : removedIDs)
    removedIDs = []
    epoch &+= 1
    knownBefore = epoch
    hasChanged = false
    return changes
  }
}
