// Safety: `slots` holds `capacity` initialised slots and `records` at least `recordBytes` bytes, both
// owned by this type alone and freed once, in `deinit` or when they are replaced. The record of a
// slot that is taken lies inside `records[..<recordBytes]`, header and key, because slots are only
// written after their record.

import Glibc
import WeirBytes
import WeirMetrics

/// A part of an `IdentityMemo`, which grows and forgets by itself: an open-addressing table, and
/// records back to back, each a `MemoHeader` with its key behind it.
@safe
struct MemoSegment: ~Copyable {
  /// Bounds of one segment.
  struct Limits {
    var entriesMax: Int
    var keyBytesMax: Int
  }

  /// 16 bytes, four to a bucket. What else is known stands with the key, which is read anyway.
  private struct Slot {
    /// The lower half of the hash but for two bits: whether the slot is taken, and whether it was
    /// used since the last sweep. Zero where free.
    var mark: UInt32 = 0
    var recordStart: UInt32 = 0
    var lease = SeriesLease.none

    static let taken: UInt32 = 1
    static let used: UInt32 = 2

    @inline(__always)
    static func mark(_ hash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: hash) | taken | used }

    @inline(__always)
    var isFree: Bool { mark == 0 }

    @inline(__always)
    var wasUsed: Bool { mark & Slot.used != 0 }

    /// Whether the mark is that of a hash, used or not.
    @inline(__always)
    func has(_ mark: UInt32) -> Bool { self.mark | Slot.used == mark }
  }

  private static let capacityMin = 16
  private static let recordCapacityMin = 1_024
  /// A bucket is a cache line.
  private static let bucketSlots = 4
  private static let bucketAlignment = 64

  private var slots: UnsafeMutablePointer<Slot>
  private var capacity: Int { didSet { buckets = UInt64(capacity / MemoSegment.bucketSlots) } }
  /// A number of its own, for every look-up multiplies by it.
  private var buckets: UInt64
  private(set) var count = 0
  private var records: UnsafeMutableRawPointer
  private var recordCapacity: Int
  private(set) var recordBytes = 0

  init() {
    capacity = MemoSegment.capacityMin
    buckets = UInt64(capacity / MemoSegment.bucketSlots)
    unsafe slots = MemoSegment.allocateSlots(capacity)
    recordCapacity = MemoSegment.recordCapacityMin
    unsafe records = malloc(recordCapacity)!
  }

  deinit {
    unsafe slots.deallocate()
    unsafe free(records)
  }

  /// Bytes that slots and records take.
  var bytesHeld: Int { capacity * MemoryLayout<Slot>.stride + recordCapacity }

  /// Asks for the cache line of a hash's home bucket.
  @inline(__always)
  func prefetchBucket(hash: UInt64) {
    unsafe prefetch(slots + home(Slot.mark(hash)))
  }

  /// Where the record of a hash is likely to be found, whose cache lines are asked for; any other
  /// number where it is not. The slot's own line must have arrived, or this waits for it.
  @inline(__always)
  func locate(hash: UInt64) -> UInt32 {
    let slot = likelySlot(Slot.mark(hash))
    let record = unsafe records + Int(slots[slot].recordStart)
    prefetch(record)
    unsafe prefetch(record + 64)
    return UInt32(truncatingIfNeeded: slot)
  }

  /// What the identity of `sample` means, when it is remembered; it counts as used.
  ///
  /// - Parameter located: What `locate` said, before or after anything else happened here.
  @inline(__always)
  mutating func find(
    _ sample: Sample, in bytes: Span<UInt8>, hash: UInt64, located: UInt32
  ) -> IdentityMemo.Known? {
    let mark = Slot.mark(hash)
    var slot = Int(located)
    var isThere = false
    if slot < capacity, unsafe slots[slot].has(mark) {
      isThere = unsafe isKey(at: slots[slot].recordStart, sample, in: bytes)
    }
    if !isThere {
      guard let found = self.slot(of: sample, in: bytes, hash: hash) else { return nil }
      slot = found
    }
    // Written only if it must be, for else every look-up would dirty a cache line.
    if unsafe !slots[slot].wasUsed { unsafe slots[slot].mark |= Slot.used }
    return unsafe header(slots[slot].recordStart).known(slots[slot].lease)
  }

  /// Remembers an identity, or what it means now.
  mutating func insert(
    _ sample: Sample, in bytes: Span<UInt8>, hash: UInt64, _ known: IdentityMemo.Known,
    limits: Limits
  ) {
    let length = Int(sample.nameLength) + Int(sample.tagsLength)
    guard length <= limits.keyBytesMax, known.tagsDropped <= MemoHeader.tagsDroppedMax else {
      return
    }
    let header = MemoHeader(sample, known)
    if let slot = slot(of: sample, in: bytes, hash: hash) {
      unsafe slots[slot].lease = known.lease
      return unsafe write(header, at: Int(slots[slot].recordStart))
    }
    if count >= limits.entriesMax || keyBytes + length > limits.keyBytesMax {
      makeRoom(keyBytes: length, limits)
    }
    if (count + 1) * 8 > capacity * 5 { resize(MemoSegment.wholeBuckets(capacity * 5 / 4)) }
    reserveRecordBytes(header.recordLength)
    write(header, at: recordBytes)
    let key = recordBytes + MemoHeader.byteCount
    for index in 0..<header.nameLength {
      unsafe records.storeBytes(
        of: bytes[Int(sample.nameStart) + index], toByteOffset: key + index, as: UInt8.self)
    }
    for index in 0..<header.tagsLength {
      unsafe records.storeBytes(
        of: bytes[Int(sample.tagsStart) + index], toByteOffset: key + header.nameLength + index,
        as: UInt8.self)
    }
    place(
      Slot(
        mark: Slot.mark(hash) & ~Slot.used, recordStart: UInt32(recordBytes), lease: known.lease))
    recordBytes += header.recordLength
    count += 1
  }

  /// Bytes of the keys.
  var keyBytes: Int { recordBytes - count * MemoHeader.byteCount }

  /// Forgets what was not used since the last sweep, and gives memory back.
  ///
  /// - Complexity: O(capacity + key bytes).
  mutating func sweep() {
    let (oldSlots, oldCapacity, oldRecords) = unsafe (slots, capacity, records)
    var stay = (count: 0, bytes: 0)
    for slot in 0..<oldCapacity where unsafe oldSlots[slot].wasUsed {
      stay.count += 1
      stay.bytes += unsafe header(oldSlots[slot].recordStart).recordLength
    }
    capacity = MemoSegment.wholeBuckets(max(MemoSegment.capacityMin, stay.count * 2))
    recordCapacity = max(MemoSegment.recordCapacityMin, stay.bytes)
    let newRecords = unsafe malloc(recordCapacity)!
    unsafe slots = MemoSegment.allocateSlots(capacity)
    (count, recordBytes) = (0, 0)
    for slot in 0..<oldCapacity where unsafe oldSlots[slot].wasUsed {
      var kept = unsafe oldSlots[slot]
      let length = header(kept.recordStart).recordLength
      // Safety: the new block has room for all that stay, and does not overlap the old one.
      unsafe memcpy(newRecords + recordBytes, oldRecords + Int(kept.recordStart), length)
      kept.mark &= ~Slot.used
      kept.recordStart = UInt32(recordBytes)
      place(kept)
      recordBytes += length
      count += 1
    }
    unsafe records = newRecords
    unsafe oldSlots.deallocate()
    unsafe free(oldRecords)
  }

  /// Where nearly everything is in use, the next sweep would come too soon: then all of it leaves.
  private mutating func makeRoom(keyBytes length: Int, _ limits: Limits) {
    sweep()
    let entriesAim = limits.entriesMax - max(1, limits.entriesMax / 8)
    let keyBytesAim = limits.keyBytesMax - max(length, limits.keyBytesMax / 8)
    // Nothing has been used since the sweep just made.
    if count > entriesAim || keyBytes > keyBytesAim { sweep() }
  }

  /// The first slot of the bucket in which a mark is looked for first: the mark, less the bits that
  /// are no hash, as a fraction of all buckets, whose number is any.
  @inline(__always)
  private func home(_ mark: UInt32) -> Int {
    Int(truncatingIfNeeded: (UInt64(mark & ~3) &* buckets) >> 32) &* MemoSegment.bucketSlots
  }

  /// The slot of the home bucket that has the mark, or its last one. Without a branch, for where in
  /// a bucket a mark stands is a guess, and a wrong one costs more than four comparisons.
  @inline(__always)
  private func likelySlot(_ mark: UInt32) -> Int {
    let first = home(mark)
    var slot = first &+ 3
    slot = unsafe slots[first &+ 2].has(mark) ? first &+ 2 : slot
    slot = unsafe slots[first &+ 1].has(mark) ? first &+ 1 : slot
    return unsafe slots[first].has(mark) ? first : slot
  }

  @inline(__always)
  private func next(_ slot: Int) -> Int { slot &+ 1 == capacity ? 0 : slot &+ 1 }

  /// Slots are taken from the first of the home bucket on, so that the search ends at a free one.
  @inline(never)
  private func slot(of sample: Sample, in bytes: Span<UInt8>, hash: UInt64) -> Int? {
    let mark = Slot.mark(hash)
    var slot = home(mark)
    while unsafe !slots[slot].isFree {
      if unsafe slots[slot].has(mark) && isKey(at: slots[slot].recordStart, sample, in: bytes) {
        return slot
      }
      slot = next(slot)
    }
    return nil
  }

  @inline(__always)
  private func header(_ recordStart: UInt32) -> MemoHeader {
    // Safety: the caller took the start from a slot that is taken.
    unsafe MemoHeader(
      bits: records.loadUnaligned(fromByteOffset: Int(recordStart), as: UInt64.self))
  }

  private func write(_ header: MemoHeader, at recordStart: Int) {
    // Safety: the caller took the start from a slot that is taken, or made room for a header there.
    unsafe records.storeBytes(of: header.bits, toByteOffset: recordStart, as: UInt64.self)
  }

  @inline(__always)
  private func isKey(at recordStart: UInt32, _ sample: Sample, in bytes: Span<UInt8>) -> Bool {
    let header = header(recordStart)
    guard header.isOf(MemoHeader(identityOf: sample)) else { return false }
    let records = unsafe Span<UInt8>(
      _unsafeStart: UnsafePointer(self.records.assumingMemoryBound(to: UInt8.self)),
      count: recordBytes)
    let key = Int(recordStart) &+ MemoHeader.byteCount
    return records.matches(key, bytes, at: Int(sample.nameStart), length: header.nameLength)
      && records.matches(
        key &+ header.nameLength, bytes, at: Int(sample.tagsStart), length: header.tagsLength)
  }

  private mutating func place(_ entry: Slot) {
    var slot = home(entry.mark)
    while unsafe !slots[slot].isFree { slot = next(slot) }
    unsafe slots[slot] = entry
  }

  private mutating func resize(_ newCapacity: Int) {
    let (old, oldCapacity) = unsafe (slots, capacity)
    capacity = newCapacity
    unsafe slots = MemoSegment.allocateSlots(capacity)
    for slot in 0..<oldCapacity where unsafe !old[slot].isFree { unsafe place(old[slot]) }
    unsafe old.deallocate()
  }

  private mutating func reserveRecordBytes(_ length: Int) {
    guard recordBytes + length > recordCapacity else { return }
    recordCapacity = max(recordCapacity * 5 / 4, recordBytes + length)
    unsafe records = realloc(records, recordCapacity)!
  }

  private static func wholeBuckets(_ slots: Int) -> Int {
    (slots + bucketSlots - 1) / bucketSlots * bucketSlots
  }

  private static func allocateSlots(_ capacity: Int) -> UnsafeMutablePointer<Slot> {
    // Safety: the memory is bound to slots, and all of them are initialised, before it is used.
    let slots = unsafe UnsafeMutableRawPointer.allocate(
      byteCount: capacity * MemoryLayout<Slot>.stride, alignment: bucketAlignment
    ).bindMemory(to: Slot.self, capacity: capacity)
    unsafe slots.initialize(repeating: Slot(), count: capacity)
    return unsafe slots
  }
}
