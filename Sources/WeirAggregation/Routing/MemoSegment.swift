// Safety: `slots` holds `capacity` initialised slots, is owned by this type alone, and is freed once,
// in `deinit` or when it is replaced. An index into it is below `capacity`: `home` returns the first
// slot of one of the `capacity / bucketSlots` buckets, and `next` wraps round.

import WeirBytes
import WeirMetrics

/// A part of an `IdentityMemo` that grows and forgets independently: an open-addressing table from
/// fingerprints to what they mean.
///
///     bucket   slot │ slot │ slot │ slot                          two cache lines
///     slot     fingerprint                              16 bytes
///              handle, generation, class                10        the lease
///              tags dropped, tags internal               4
///              outcome                                   1        series, refused or dropped
///              free, taken, or used since the last sweep 1
///
/// A look-up compares the fingerprints of its home bucket, which was prefetched. If the home bucket
/// was full on insertion, the slot is in the next bucket with a free one.
@safe
struct MemoSegment: ~Copyable {
  private enum Use: UInt8 {
    case free
    case taken
    /// Since the last sweep.
    case used
  }

  private struct Slot {
    var fingerprint = Fingerprint.none
    var resolution = Resolution.series(.none)
    var use = Use.free
  }

  private static let capacityMin = 16
  private static let bucketSlots = 4
  private static let cacheLine = 64
  /// A bucket is two cache lines.
  private static let bucketBytes = bucketSlots * MemoryLayout<Slot>.stride

  private var slots: UnsafeMutablePointer<Slot>
  private var capacity: Int { didSet { buckets = UInt64(capacity / MemoSegment.bucketSlots) } }
  /// Kept beside `slots`, because every look-up multiplies by it.
  private var buckets: UInt64
  private(set) var count = 0

  init() {
    precondition(MemoryLayout<Slot>.stride == 32, "a bucket would not fit its two cache lines")
    capacity = MemoSegment.capacityMin
    buckets = UInt64(capacity / MemoSegment.bucketSlots)
    unsafe slots = MemoSegment.allocateSlots(capacity)
  }

  deinit {
    unsafe slots.deallocate()
  }

  /// The memory of the slots in bytes.
  var bytesHeld: Int { capacity * MemoryLayout<Slot>.stride }

  /// Prefetches the cache lines of a fingerprint's home bucket.
  @inline(__always)
  func prefetchBucket(_ fingerprint: Fingerprint) {
    let bucket = unsafe UnsafeRawPointer(slots + home(fingerprint))
    prefetch(bucket)
    unsafe prefetch(bucket + MemoSegment.cacheLine)
  }

  /// What the identity with a fingerprint means, if it is remembered. The entry is marked as used.
  @inline(__always)
  mutating func find(_ fingerprint: Fingerprint) -> Resolution? {
    var slot = likelySlot(fingerprint)
    if unsafe slots[slot].fingerprint != fingerprint || slots[slot].use == .free {
      guard let found = self.slot(of: fingerprint) else { return nil }
      slot = found
    }
    // Written only if it must be, because a write makes the cache line dirty.
    if unsafe slots[slot].use != .used { unsafe slots[slot].use = .used }
    return unsafe slots[slot].resolution
  }

  /// Remembers an identity, or replaces what it means.
  mutating func insert(_ fingerprint: Fingerprint, _ resolution: Resolution, entriesMax: Int) {
    if let slot = slot(of: fingerprint) {
      unsafe slots[slot].resolution = resolution
      return
    }
    if count >= entriesMax { makeRoom(entriesMax) }
    if (count + 1) * 8 > capacity * 5 { resize(MemoSegment.wholeBuckets(capacity * 5 / 4)) }
    place(Slot(fingerprint: fingerprint, resolution: resolution, use: .taken))
    count += 1
  }

  /// Forgets what was not used since the last sweep, and gives memory back.
  ///
  /// - Complexity: O(capacity).
  mutating func sweep() {
    let (old, oldCapacity) = unsafe (slots, capacity)
    count = (0..<oldCapacity).count { unsafe old[$0].use == .used }
    capacity = MemoSegment.wholeBuckets(max(MemoSegment.capacityMin, count * 2))
    unsafe slots = MemoSegment.allocateSlots(capacity)
    for slot in 0..<oldCapacity where unsafe old[slot].use == .used {
      unsafe old[slot].use = .taken
      unsafe place(old[slot])
    }
    unsafe old.deallocate()
  }

  /// If nearly all entries are in use, the next sweep would come too soon. Then all are forgotten.
  private mutating func makeRoom(_ entriesMax: Int) {
    sweep()
    // Nothing has been used since the sweep just made.
    if count > entriesMax - max(1, entriesMax / 8) { sweep() }
  }

  /// The first slot of the bucket in which a fingerprint is looked up first. Half of the
  /// fingerprint, as a fraction, selects the bucket, because the number of buckets can be any
  /// number.
  @inline(__always)
  private func home(_ fingerprint: Fingerprint) -> Int {
    let fraction = UInt64(UInt32(truncatingIfNeeded: fingerprint.low))
    return Int(truncatingIfNeeded: (fraction &* buckets) &>> 32) &* MemoSegment.bucketSlots
  }

  /// The slot of the home bucket that has half the fingerprint, or its first. Without a branch, because
  /// the place in a bucket is random, and a wrong prediction costs more than the comparisons.
  @inline(__always)
  private func likelySlot(_ fingerprint: Fingerprint) -> Int {
    let first = home(fingerprint)
    let is1 = unsafe slots[first &+ 1].fingerprint.high == fingerprint.high
    let is2 = unsafe slots[first &+ 2].fingerprint.high == fingerprint.high
    let is3 = unsafe slots[first &+ 3].fingerprint.high == fingerprint.high
    return first | (is1 ? 1 : 0) | (is2 ? 2 : 0) | (is3 ? 3 : 0)
  }

  @inline(__always)
  private func next(_ slot: Int) -> Int { slot &+ 1 == capacity ? 0 : slot &+ 1 }

  /// Slots are taken from the first one of the home bucket on, so that the search ends at a free
  /// slot.
  @inline(never)
  private func slot(of fingerprint: Fingerprint) -> Int? {
    var slot = home(fingerprint)
    while unsafe slots[slot].use != .free {
      if unsafe slots[slot].fingerprint == fingerprint { return slot }
      slot = next(slot)
    }
    return nil
  }

  private mutating func place(_ entry: Slot) {
    var slot = home(entry.fingerprint)
    while unsafe slots[slot].use != .free { slot = next(slot) }
    unsafe slots[slot] = entry
  }

  private mutating func resize(_ newCapacity: Int) {
    let (old, oldCapacity) = unsafe (slots, capacity)
    capacity = newCapacity
    unsafe slots = MemoSegment.allocateSlots(capacity)
    for slot in 0..<oldCapacity where unsafe old[slot].use != .free { unsafe place(old[slot]) }
    unsafe old.deallocate()
  }

  private static func wholeBuckets(_ slots: Int) -> Int {
    (slots + bucketSlots - 1) / bucketSlots * bucketSlots
  }

  private static func allocateSlots(_ capacity: Int) -> UnsafeMutablePointer<Slot> {
    // Safety: the memory is bound to slots, and all of them are initialised, before it is used.
    let slots = unsafe UnsafeMutableRawPointer.allocate(
      byteCount: capacity * MemoryLayout<Slot>.stride, alignment: bucketBytes
    ).bindMemory(to: Slot.self, capacity: capacity)
    unsafe slots.initialize(repeating: Slot(), count: capacity)
    return unsafe slots
  }
}
