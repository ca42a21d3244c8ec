import WeirBytes
import WeirMetrics
import WeirPush

/// The bounds of pushed histograms' totals.
struct PushedBounds: Sendable {
  /// Identifies the list of bounds, and contains the number of buckets; never 0. It has as many
  /// bits as `OwnerEntry.detail`.
  let id: UInt64
  /// The finite upper bounds, ascending.
  let bounds: HistogramBounds

  /// Nine bits for the number of buckets. There are 201 at most.
  private static let countShift = UInt64(OwnerEntry.detailBits - 9)
  private static let hashMask: UInt64 = 1 << countShift - 1

  /// - Parameter salt: A secret that all lists share, so that no sender can find two lists with the
  ///   same `id`.
  init(_ bounds: HistogramBounds, salt: UInt64) {
    precondition(bounds.upper.count <= HistogramBounds.countMax)
    self.bounds = bounds
    let mixed = bounds.upper.reduce(salt) { KeyedHash.mixed($0 ^ $1.bitPattern) }
    id = UInt64(bounds.bucketCount) << PushedBounds.countShift | mixed & PushedBounds.hashMask | 1
  }

  /// The number of buckets of a total whose bounds have this `id`.
  static func count(ofID id: UInt64) -> Int { Int(id >> countShift) }
}

/// Maps the buckets of a total to the buckets of a class with other bounds. Each goes to the first
/// bucket that contains it completely, so that counts are exact at the bounds that both have.
///
/// It is a class, because each record needs a reference to its fold.
final class BucketFold: Sendable {
  let pushed: PushedBounds
  /// Of the class, as `NumberedClass` has it; 0 for none.
  private let serial: UInt64
  private let buckets: [Int]
  private let values: [Double]

  /// - Parameters:
  ///   - layout: The bounds of the class.
  ///   - serial: That of the class.
  /// - Complexity: O(bounds of both).
  init(_ pushed: PushedBounds, into layout: HistogramBounds, serial: UInt64) {
    self.pushed = pushed
    self.serial = serial
    let upper = pushed.bounds.upper
    var bucket = 0
    buckets =
      upper.map { bound in
        while bucket < layout.upper.count, layout.upper[bucket] < bound { bucket += 1 }
        return bucket
      } + [layout.bucketCount - 1]
    // Above the last bound nothing else can represent these observations.
    values = upper + [upper.last.map { max($0, $0.nextUp) } ?? 0]
  }

  /// Whether it is a fold into the class of a table. It is not if the class number was reused since.
  @inline(__always)
  func isInto(_ table: borrowing ClassTable) -> Bool { serial == table.serial }

  /// The number of buckets of the total.
  var count: Int { buckets.count }

  /// The bucket of the class for one of the total.
  @inline(__always)
  func bucket(of index: Int) -> Int { buckets[index] }

  /// The value that represents a bucket of the total, where observations are kept in another form.
  func value(of index: Int) -> Double { values[index] }
}

/// The folds that a frame needs: each of its lists of bounds into each class that its records have.
struct FrameFolds: Sendable {
  private struct Pair: Hashable {
    var list: UInt32
    var classID: ClassID
  }

  /// The protocol's own bounds first, then each of the frame's lists.
  private var lists: [PushedBounds]
  private(set) var folds: [BucketFold] = []
  private var places: [Pair: Int] = [:]
  /// The pair that was used last. It is nearly always needed again. At first a list that no frame has.
  private var last = Pair(list: .max, classID: ClassID(0))
  private var lastPlace = 0

  /// - Parameter salt: That of `PushedBounds`.
  init(salt: UInt64) {
    lists = [PushedBounds(.standard, salt: salt)]
  }

  /// Starts with the lists of bounds of a new frame.
  mutating func begin(_ frame: borrowing PushFrame, salt: UInt64) {
    lists.removeLast(lists.count - 1)
    folds.removeAll(keepingCapacity: true)
    places.removeAll(keepingCapacity: true)
    last.list = .max
    for index in frame.boundsLists.indices {
      let upper = frame.boundsLists[index].indices.map { frame.bounds[$0] }
      lists.append(PushedBounds(HistogramBounds(upper: upper), salt: salt))
    }
  }

  /// The number of buckets of totals with a list of bounds.
  func bucketCount(_ list: UInt32) -> Int { lists[Int(list)].bounds.bucketCount }

  /// The bounds that a client has chosen; nil for the protocol's default.
  func pushed(_ list: UInt32) -> HistogramBounds? { list == 0 ? nil : lists[Int(list)].bounds }

  /// Identifies a list of bounds.
  func id(of list: UInt32) -> UInt64 { lists[Int(list)].id }

  /// The index in `folds` of the fold of a list into a class. The fold is made if it does not exist
  /// yet.
  ///
  /// - Complexity: O(1), and O(bounds) when it is made.
  @inline(__always)
  mutating func place(
    _ list: UInt32, into classID: ClassID, _ numbered: () -> NumberedClass?
  ) -> Int {
    if list == last.list && classID == last.classID { return lastPlace }
    last = Pair(list: list, classID: classID)
    lastPlace = find(last, numbered)
    return lastPlace
  }

  @inline(never)
  private mutating func find(_ pair: Pair, _ numbered: () -> NumberedClass?) -> Int {
    if let known = places[pair] { return known }
    let numbered = numbered()
    folds.append(
      BucketFold(
        lists[Int(pair.list)], into: numbered?.seriesClass.layout ?? .none,
        serial: numbered?.serial ?? 0))
    places[pair] = folds.count - 1
    return folds.count - 1
  }
}
