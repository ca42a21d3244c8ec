// Safety: `prefetchHome` computes an address inside the array, and reads nothing.

import WeirBytes

/// Finds the row of a series by the hash of its spelling: an open-addressing table with linear
/// probing, eight bytes a slot.
///
/// A slot keeps 32 bits of the hash. Its home follows from them, so that neither growing nor
/// removing needs the spellings. A removal leaves no mark: later slots move up to close the gap.
struct SeriesIndex: ~Copyable {
  /// Slots of an index with one series. An empty index may have none.
  private static let slotsMin = 16

  /// The lower half of the hash, and the row plus one; zero if free.
  private var slots: [UInt64] = []
  private(set) var count = 0

  /// Slots in memory.
  var capacity: Int { slots.count }

  /// The row under this hash for which `isSeries` holds, or nil.
  ///
  /// - Complexity: O(1) expected, for a hash under a secret key.
  func find(hash: UInt64, where isSeries: (_ row: Int) -> Bool) -> Int? {
    if slots.isEmpty { return nil }
    var slot = home(of: hash << 32)
    while slots[slot] != 0 {
      if slots[slot] >> 32 == hash & 0xFFFF_FFFF {
        let row = Int(slots[slot] & 0xFFFF_FFFF) - 1
        if isSeries(row) { return row }
      }
      slot = next(slot)
    }
    return nil
  }

  /// Prefetches the first slot in which `find` and `insert` look for a hash.
  @inline(__always)
  func prefetchHome(of hash: UInt64) {
    if slots.isEmpty { return }
    let slot = home(of: hash << 32)
    unsafe slots.withUnsafeBufferPointer { slots in
      unsafe prefetch(slots.baseAddress! + slot)
    }
  }

  /// Adds a row that is not there yet.
  ///
  /// - Complexity: O(1) amortised: three quarters full it grows by half.
  mutating func insert(row: Int, hash: UInt64) {
    count += 1
    if count * 4 > slots.count * 3 { resize(to: max(SeriesIndex.slotsMin, slots.count * 3 / 2)) }
    place(hash << 32 | UInt64(row + 1))
  }

  /// Makes room for this many rows.
  mutating func reserve(_ rows: Int) {
    let needed = rows * 4 / 3 + 1
    if needed > slots.count { resize(to: max(SeriesIndex.slotsMin, needed)) }
  }

  /// Removes a row that is there.
  ///
  /// - Complexity: O(1) amortised and expected: one eighth full it shrinks.
  mutating func remove(row: Int, hash: UInt64) {
    var hole = home(of: hash << 32)
    while slots[hole] != hash << 32 | UInt64(row + 1) {
      precondition(slots[hole] != 0, "the row is not in the index")
      hole = next(hole)
    }
    var slot = next(hole)
    while slots[slot] != 0 {
      // A slot can move into the hole if its home is not between the hole and the slot.
      if distance(from: home(of: slots[slot]), to: slot) >= distance(from: hole, to: slot) {
        slots[hole] = slots[slot]
        hole = slot
      }
      slot = next(slot)
    }
    slots[hole] = 0
    count -= 1
    if count * 8 < slots.count && slots.count > SeriesIndex.slotsMin {
      resize(to: max(SeriesIndex.slotsMin, slots.count / 4))
    }
  }

  private mutating func resize(to capacity: Int) {
    let before = slots
    slots = [UInt64](repeating: 0, count: capacity)
    for entry in before where entry != 0 { place(entry) }
  }

  private mutating func place(_ entry: UInt64) {
    var slot = home(of: entry)
    while slots[slot] != 0 { slot = next(slot) }
    slots[slot] = entry
  }

  /// The kept half of the hash as a fraction of the whole table. The table's size can be any
  /// number.
  private func home(of entry: UInt64) -> Int {
    Int(truncatingIfNeeded: ((entry >> 32) &* UInt64(truncatingIfNeeded: slots.count)) >> 32)
  }

  private func next(_ slot: Int) -> Int { slot + 1 == slots.count ? 0 : slot + 1 }

  private func distance(from start: Int, to end: Int) -> Int {
    end >= start ? end - start : end - start + slots.count
  }
}
