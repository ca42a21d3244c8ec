// Safety: `entries` holds `capacity` initialised entries and `keys` at least `keyBytes` bytes, both
// owned by this type alone and freed once, in `deinit` or when they are replaced. An entry's key
// lies inside `keys[..<keyBytes]`, because entries are only written after their key.

import Glibc
import WeirBytes
import WeirMetrics

/// Remembers which series the raw bytes of a name and its tags mean, so that a line seen before is
/// neither parsed nor sorted again.
///
/// The bytes themselves are kept and compared; the hash only finds them. The memo is bounded: when
/// it has `entriesMax` entries or `keyBytesMax` bytes it forgets everything and learns anew, which
/// costs time and never a count. Refusals are remembered like series, for a name that has one type
/// has it for good; but not those of a limit.
@safe
struct IdentityMemo: ~Copyable {
  /// As many entries as there may be series, so that a full house still fits.
  static let entriesMax = 1 << 20
  /// Bytes of all keys.
  static let keyBytesMax = 128 << 20

  private struct Entry {
    /// Never zero for an entry in use.
    var hash: UInt64 = 0
    var keyStart: UInt32 = 0
    var nameLength: UInt16 = 0
    var tagsLength: UInt16 = 0
    var handle = SeriesHandle.none
    var tagsDropped: UInt16 = 0
    var kind = MetricKind.counter
    var refusal: Refusal?
  }

  /// What is known of an identity.
  struct Known {
    /// `none` when the identity is refused.
    let handle: SeriesHandle
    /// Tags of the line that became no label.
    let tagsDropped: Int
    let refusal: Refusal?

    static func series(_ handle: SeriesHandle, tagsDropped: Int) -> Known {
      Known(handle: handle, tagsDropped: tagsDropped, refusal: nil)
    }

    static func refused(_ refusal: Refusal) -> Known {
      Known(handle: .none, tagsDropped: 0, refusal: refusal)
    }
  }

  private var entries: UnsafeMutablePointer<Entry>
  private var capacity: Int
  private(set) var count = 0
  private var keys: UnsafeMutableRawPointer
  private var keyCapacity: Int
  private var keyBytes = 0
  private let entriesMax: Int
  private let keyBytesMax: Int

  init(entriesMax: Int = IdentityMemo.entriesMax, keyBytesMax: Int = IdentityMemo.keyBytesMax) {
    self.entriesMax = entriesMax
    self.keyBytesMax = keyBytesMax
    capacity = 1_024
    unsafe entries = .allocate(capacity: capacity)
    unsafe entries.initialize(repeating: Entry(), count: capacity)
    keyCapacity = 64 << 10
    unsafe keys = malloc(keyCapacity)!
  }

  deinit {
    unsafe entries.deallocate()
    unsafe free(keys)
  }

  /// Asks for the entry's cache line.
  @inline(__always)
  func prefetchEntry(hash: UInt64) {
    unsafe prefetch(entries + home(hash))
  }

  /// Asks for the key's cache lines, once the entry has arrived.
  @inline(__always)
  func prefetchKey(hash: UInt64) {
    let entry = unsafe entries[home(hash)]
    guard entry.hash == hash else { return }
    let key = unsafe keys + Int(entry.keyStart)
    prefetch(key)
    unsafe prefetch(key + 64)
  }

  /// What the identity of `sample` means, when it is remembered.
  ///
  /// - Complexity: O(identity bytes), expected.
  @inline(__always)
  func find(_ sample: Sample, in bytes: Span<UInt8>, hash: UInt64) -> Known? {
    var slot = home(hash)
    while true {
      let entry = unsafe entries[slot]
      if entry.hash == 0 { return nil }
      if entry.hash == hash, entry.kind == sample.kind, isKey(of: entry, sample, in: bytes) {
        return Known(
          handle: entry.handle, tagsDropped: Int(entry.tagsDropped), refusal: entry.refusal)
      }
      slot = (slot &+ 1) & (capacity &- 1)
    }
  }

  /// Remembers an identity that `find` did not know.
  mutating func insert(
    _ sample: Sample, in bytes: Span<UInt8>, hash: UInt64, _ known: Known
  ) {
    let nameLength = Int(sample.nameLength)
    let tagsLength = Int(sample.tagsLength)
    let length = nameLength + tagsLength
    if count >= entriesMax || keyBytes + length > keyBytesMax { removeAll() }
    guard length <= keyBytesMax, known.tagsDropped <= UInt16.max else { return }
    if (count + 1) * 4 > capacity * 3 { grow() }
    reserveKeyBytes(length)
    for index in 0..<nameLength {
      unsafe keys.storeBytes(
        of: bytes[Int(sample.nameStart) + index], toByteOffset: keyBytes + index, as: UInt8.self)
    }
    for index in 0..<tagsLength {
      unsafe keys.storeBytes(
        of: bytes[Int(sample.tagsStart) + index],
        toByteOffset: keyBytes + nameLength + index, as: UInt8.self)
    }
    place(
      Entry(
        hash: hash, keyStart: UInt32(keyBytes), nameLength: sample.nameLength,
        tagsLength: sample.tagsLength, handle: known.handle,
        tagsDropped: UInt16(known.tagsDropped), kind: sample.kind, refusal: known.refusal))
    keyBytes += length
    count += 1
  }

  @inline(__always)
  private func home(_ hash: UInt64) -> Int {
    Int(truncatingIfNeeded: hash) & (capacity &- 1)
  }

  @inline(__always)
  private func isKey(of entry: Entry, _ sample: Sample, in bytes: Span<UInt8>) -> Bool {
    guard entry.nameLength == sample.nameLength, entry.tagsLength == sample.tagsLength else {
      return false
    }
    let key = unsafe Span<UInt8>(
      _unsafeStart: UnsafePointer(keys.assumingMemoryBound(to: UInt8.self)), count: keyBytes)
    let start = Int(entry.keyStart)
    let nameLength = Int(entry.nameLength)
    return key.matches(start, bytes, at: Int(sample.nameStart), length: nameLength)
      && key.matches(
        start &+ nameLength, bytes, at: Int(sample.tagsStart), length: Int(entry.tagsLength))
  }

  private mutating func place(_ entry: Entry) {
    var slot = home(entry.hash)
    while unsafe entries[slot].hash != 0 { slot = (slot + 1) & (capacity - 1) }
    unsafe entries[slot] = entry
  }

  private mutating func grow() {
    let old = unsafe entries
    let oldCapacity = capacity
    capacity *= 2
    unsafe entries = .allocate(capacity: capacity)
    unsafe entries.initialize(repeating: Entry(), count: capacity)
    for slot in 0..<oldCapacity where unsafe old[slot].hash != 0 { unsafe place(old[slot]) }
    unsafe old.deallocate()
  }

  private mutating func reserveKeyBytes(_ length: Int) {
    guard keyBytes + length > keyCapacity else { return }
    keyCapacity = max(keyCapacity * 3 / 2, keyBytes + length)
    unsafe keys = realloc(keys, keyCapacity)!
  }

  /// Forgets everything, and gives the memory back.
  private mutating func removeAll() {
    unsafe entries.deallocate()
    capacity = 1_024
    unsafe entries = .allocate(capacity: capacity)
    unsafe entries.initialize(repeating: Entry(), count: capacity)
    count = 0
    keyCapacity = 64 << 10
    unsafe keys = realloc(keys, keyCapacity)!
    keyBytes = 0
  }
}
