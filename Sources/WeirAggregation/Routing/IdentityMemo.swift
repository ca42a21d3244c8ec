// Safety: `segments` points to `segmentMask + 1` initialised segments, owned by this type alone and
// freed once, in `deinit`. An index into it is masked with `segmentMask`.

import WeirBytes
import WeirMetrics

/// Remembers what the raw bytes of a name and its tags mean, so that tags that were seen before are
/// not parsed and sorted again.
///
/// An identity is found by its fingerprint; its bytes are not kept. The value is its `Resolution`:
/// the lease of a series, which is void when the series has expired, a refusal, or that a rule
/// drops it. The refusal of a limit is not remembered. A refusal because of the kind is valid only
/// until series have expired.
///
/// The memo is bounded. The fingerprint selects one of its segments. A segment that is full is
/// swept: entries that were used since its last sweep stay, all others are forgotten. So identities
/// that come once do not replace those that come again, and no sweep takes long. Forgetting costs
/// time, but never a count.
@safe
struct IdentityMemo: ~Copyable {
  /// As many entries as the default limit on series.
  static let entriesMax = 1 << 20
  /// The sweep of one segment of 16,384 entries takes well under a millisecond.
  static let segmentsMax = 64
  /// The fewest entries of a segment. A smaller memo has fewer segments.
  private static let segmentEntriesMin = 1_024

  private let segments: UnsafeMutablePointer<MemoSegment>
  private let segmentMask: Int
  /// Of one segment.
  private let entriesMax: Int
  /// The segment that `sweepNext` sweeps next.
  private var swept = 0

  init(entriesMax: Int = IdentityMemo.entriesMax) {
    var count = IdentityMemo.segmentsMax
    while count > 1 && entriesMax / count < IdentityMemo.segmentEntriesMin { count /= 2 }
    segmentMask = count - 1
    self.entriesMax = entriesMax / count
    unsafe segments = .allocate(capacity: count)
    for index in 0..<count { unsafe (segments + index).initialize(to: MemoSegment()) }
  }

  deinit {
    unsafe segments.deinitialize(count: segmentMask + 1)
    unsafe segments.deallocate()
  }

  /// The number of identities that are remembered.
  var count: Int { sum { $0.count } }

  /// The memory of the memo in bytes.
  var bytesHeld: Int { sum { $0.bytesHeld } }

  /// Prefetches the cache lines in which an identity is looked up.
  @inline(__always)
  func prefetchBucket(_ fingerprint: Fingerprint) {
    unsafe segments[segment(fingerprint)].prefetchBucket(fingerprint)
  }

  /// What the identity with this fingerprint means, if it is remembered.
  ///
  /// - Complexity: O(1), expected.
  @inline(__always)
  mutating func find(_ fingerprint: Fingerprint) -> Resolution? {
    unsafe segments[segment(fingerprint)].find(fingerprint)
  }

  /// Remembers an identity, or replaces what it means.
  ///
  /// - Complexity: O(1) amortised; a sweep of a segment at most.
  mutating func insert(_ fingerprint: Fingerprint, _ resolution: Resolution) {
    unsafe segments[segment(fingerprint)].insert(fingerprint, resolution, entriesMax: entriesMax)
  }

  /// Forgets everything, and gives the memory back.
  mutating func removeAll() {
    for index in 0...segmentMask { unsafe segments[index] = MemoSegment() }
    swept = 0
  }

  /// Sweeps one segment, full or not. Regular calls give back memory that a flood has taken.
  ///
  /// - Returns: Whether every segment has been swept now, and the first is next.
  @discardableResult
  mutating func sweepNext() -> Bool {
    unsafe segments[swept].sweep()
    swept = (swept + 1) & segmentMask
    return swept == 0
  }

  /// The highest bits select the segment, because the lower half of the word finds the place in it.
  @inline(__always)
  private func segment(_ fingerprint: Fingerprint) -> Int {
    Int(truncatingIfNeeded: fingerprint.low &>> 58) & segmentMask
  }

  private func sum(_ value: (borrowing MemoSegment) -> Int) -> Int {
    var sum = 0
    for index in 0...segmentMask { sum += unsafe value(segments[index]) }
    return sum
  }
}
