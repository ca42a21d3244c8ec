// Safety: `segments` points to `segmentMask + 1` initialised segments, owned by this type alone and
// freed once, in `deinit`. An index into it is masked with `segmentMask`.

import WeirBytes
import WeirMetrics

/// Remembers which series the raw bytes of a name and its tags mean, so that a line seen before is
/// neither parsed nor sorted again.
///
/// An identity is known by its fingerprint, and its bytes are not kept. What is remembered is the
/// lease of a series, which ends when the series expires, or a refusal; not that of a limit, and that
/// of another kind only until series have expired.
///
/// The memo is bounded. It is divided into segments by the fingerprint, each of which sweeps when it
/// is full: what was used since its last sweep stays, and the rest leaves. So identities that come
/// once do not push out those that come again, and no sweep takes long. Forgetting costs time and
/// never a count.
@safe
struct IdentityMemo: ~Copyable {
  /// As many entries as there may be series by default, so that a full house still fits.
  static let entriesMax = 1 << 20
  /// So many that a sweep of one, 16,384 entries, takes well under a millisecond.
  static let segmentsMax = 64
  /// What a segment must have room for, or there are fewer of them.
  private static let segmentEntriesMin = 1_024

  /// What is known of an identity.
  struct Known {
    /// `none` when the identity is refused; its generation is then the epoch of the refusal.
    let lease: SeriesLease
    /// Tags of the line that became no label; a datagram has no room for more.
    let tagsDropped: UInt16
    /// Tags of the line that are Datadog's own.
    let tagsInternal: UInt16
    let refusal: Refusal?

    static func series(_ lease: SeriesLease, tagsDropped: Int, tagsInternal: Int = 0) -> Known {
      Known(
        lease: lease, tagsDropped: UInt16(tagsDropped), tagsInternal: UInt16(tagsInternal),
        refusal: nil)
    }

    /// - Parameter epoch: `Aggregator.admissionEpoch` before it was asked.
    static func refused(_ refusal: Refusal, epoch: UInt32) -> Known {
      Known(
        lease: SeriesLease(handle: .none, generation: epoch), tagsDropped: 0, tagsInternal: 0,
        refusal: refusal)
    }
  }

  private let segments: UnsafeMutablePointer<MemoSegment>
  private let segmentMask: Int
  /// Of one segment.
  private let entriesMax: Int
  /// The segment that `sweepNext` comes to next.
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

  /// Identities remembered.
  var count: Int { sum { $0.count } }

  /// Bytes that all of it takes.
  var bytesHeld: Int { sum { $0.bytesHeld } }

  /// Asks for the cache lines in which an identity is looked for.
  @inline(__always)
  func prefetchBucket(_ fingerprint: Fingerprint) {
    unsafe segments[segment(fingerprint)].prefetchBucket(fingerprint)
  }

  /// What the identity with this fingerprint means, when it is remembered.
  ///
  /// - Complexity: O(1), expected.
  @inline(__always)
  mutating func find(_ fingerprint: Fingerprint) -> Known? {
    unsafe segments[segment(fingerprint)].find(fingerprint)
  }

  /// Remembers an identity, or what it means now.
  ///
  /// - Complexity: O(1) amortised; a sweep of a segment at most.
  mutating func insert(_ fingerprint: Fingerprint, _ known: Known) {
    unsafe segments[segment(fingerprint)].insert(fingerprint, known, entriesMax: entriesMax)
  }

  /// Sweeps one segment, full or not: called now and then, it gives back what a flood has filled.
  ///
  /// - Returns: Whether every segment has had its turn now, and the first is next.
  @discardableResult
  mutating func sweepNext() -> Bool {
    unsafe segments[swept].sweep()
    swept = (swept + 1) & segmentMask
    return swept == 0
  }

  /// The highest bits, for the lower half of the word finds the place in the segment.
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
