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

  /// 16 bytes, four to a cache line. What else is known stands with the key, which is read anyway.
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
  private static let slotAlignment = 64
  /// Slots in which `prefetchRecord` looks for the right one; nearly all are found in these.
  private static let prefetchSlots = 4

  private var slots: UnsafeMutablePointer<Slot>
  private var capacity: Int
  private(set) var count = 0
  private var records: UnsafeMutableRawPointer
  private var recordCapacity: Int
  private(set) var recordBytes = 0

  init() {
    capacity = MemoSegment.capacityMin
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

  /// Asks for the slot's cache line.
  @inline(__always)
  func prefetchSlot(hash: UInt64) {
    unsafe prefetch(slots + home(hash))
  }

  /// Asks for the record's cache lines, once the slot has arrived.
  @inline(__always)
  func prefetchRecord(hash: UInt64) {
    let mark = Slot.mark(hash)
    var slot = home(hash)
    for _ in 0..<MemoSegment.prefetchSlots {
      if unsafe slots[slot].has(mark) {
        let record = unsafe records + Int(slots[slot].recordStart)
        prefetch(record)
        return unsafe prefetch(record + 64)
      }
      slot = next(slot)
    }
  }

  /// What the identity of `sample` means, when it is remembered; it counts as used.
  @inline(__always)
  mutating func find(
    _ sample: Sample, in bytes: Span<UInt8>, hash: UInt64
  ) -> IdentityMemo.Known? {
    guard let slot = slot(of: sample, in: bytes, hash: hash) else { return nil }
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
    if (count + 1) * 4 > capacity * 3 { resize(capacity * 3 / 2) }
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
    capacity = max(MemoSegment.capacityMin, stay.count * 3 / 2)
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

  @inline(__always)
  private func home(_ hash: UInt64) -> Int { home(mark: Slot.mark(hash)) }

  /// The mark, less the bits that are no hash, as a fraction of the whole table, whose size is any
  /// number.
  @inline(__always)
  private func home(mark: UInt32) -> Int {
    Int(truncatingIfNeeded: (UInt64(mark & ~3) &* UInt64(truncatingIfNeeded: capacity)) >> 32)
  }

  @inline(__always)
  private func next(_ slot: Int) -> Int { slot &+ 1 == capacity ? 0 : slot &+ 1 }

  @inline(__always)
  private func slot(of sample: Sample, in bytes: Span<UInt8>, hash: UInt64) -> Int? {
    let mark = Slot.mark(hash)
    var slot = home(hash)
    while true {
      if unsafe slots[slot].has(mark) {
        if unsafe isKey(at: Int(slots[slot].recordStart), sample, in: bytes) { return slot }
      } else if unsafe slots[slot].isFree {
        return nil
      }
      slot = next(slot)
    }
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
  private func isKey(at recordStart: Int, _ sample: Sample, in bytes: Span<UInt8>) -> Bool {
    let header = header(UInt32(truncatingIfNeeded: recordStart))
    guard header.isOf(MemoHeader(identityOf: sample)) else { return false }
    let records = unsafe Span<UInt8>(
      _unsafeStart: UnsafePointer(self.records.assumingMemoryBound(to: UInt8.self)),
      count: recordBytes)
    let key = recordStart &+ MemoHeader.byteCount
    return records.matches(key, bytes, at: Int(sample.nameStart), length: header.nameLength)
      && records.matches(
        key &+ header.nameLength, bytes, at: Int(sample.tagsStart), length: header.tagsLength)
  }

  private mutating func place(_ entry: Slot) {
    var slot = home(mark: entry.mark)
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

  private static func allocateSlots(_ capacity: Int) -> UnsafeMutablePointer<Slot> {
    // Safety: the memory is bound to slots, and all of them are initialised, before it is used.
    let slots = unsafe UnsafeMutableRawPointer.allocate(
      byteCount: capacity * MemoryLayout<Slot>.stride, alignment: slotAlignment
    ).bindMemory(to: Slot.self, capacity: capacity)
    unsafe slots.initialize(repeating: Slot(), count: capacity)
    return unsafe slots
  }
}
