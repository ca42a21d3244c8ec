import WeirBytes
import WeirMetrics
import WeirPush

/// The bounds of pushed histograms' totals.
struct PushedBounds: Sendable {
  /// Tells lists of bounds apart, and how many buckets they make; never 0. It has as many bits as
  /// `OwnerEntry.detail`.
  let id: UInt64
  /// The finite upper bounds, ascending.
  let bounds: HistogramBounds

  /// Nine bits for the number of buckets, of which there are 201 at most.
  private static let countShift = UInt64(OwnerEntry.detailBits - 9)
  private static let hashMask: UInt64 = 1 << countShift - 1

  /// - Parameter salt: A secret, the same for all, so that no sender finds two lists with one `id`.
  init(_ bounds: HistogramBounds, salt: UInt64) {
    precondition(bounds.upper.count <= HistogramBounds.countMax)
    self.bounds = bounds
    let mixed = bounds.upper.reduce(salt) { KeyedHash.mixed($0 ^ $1.bitPattern) }
    id = UInt64(bounds.bucketCount) << PushedBounds.countShift | mixed & PushedBounds.hashMask | 1
  }

  /// Buckets of a total whose bounds have this `id`.
  static func count(ofID id: UInt64) -> Int { Int(id >> countShift) }
}

/// Into which buckets of a class those of a total with other bounds go: each into the first that holds it
/// whole, so that counts are exact at the bounds that both have.
///
/// A class, because a fold is handed on for each record.
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
    // Above the last bound there is no other that could stand for what fell there.
    values = upper + [upper.last.map { max($0, $0.nextUp) } ?? 0]
  }

  /// Whether it is into the class of a table, and the number of that class was not given to another one
  /// since it was made.
  @inline(__always)
  func isInto(_ table: borrowing ClassTable) -> Bool { serial == table.serial }

  /// Buckets of the total.
  var count: Int { buckets.count }

  /// The bucket of the class for one of the total.
  @inline(__always)
  func bucket(of index: Int) -> Int { buckets[index] }

  /// What stands for all that fell in a bucket of the total, where values are kept in another form.
  func value(of index: Int) -> Double { values[index] }
}

/// The folds that a frame needs: of each of its lists of bounds into each class that its records are of.
struct FrameFolds: Sendable {
  private struct Pair: Hashable {
    var list: UInt32
    var classID: ClassID
  }

  /// The protocol's own bounds first, then each of the frame's lists.
  private var lists: [PushedBounds]
  private(set) var folds: [BucketFold] = []
  private var places: [Pair: Int] = [:]
  /// The last pair that was asked for, which nearly always is asked for again; a list that no frame has
  /// before the first.
  private var last = Pair(list: .max, classID: ClassID(0))
  private var lastPlace = 0

  /// - Parameter salt: That of `PushedBounds`.
  init(salt: UInt64) {
    lists = [PushedBounds(.standard, salt: salt)]
  }

  /// Starts with a frame's lists of bounds.
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

  /// Buckets of totals with a list of bounds.
  func bucketCount(_ list: UInt32) -> Int { lists[Int(list)].bounds.bucketCount }

  /// The bounds that a client has chosen; nil for the protocol's own.
  func pushed(_ list: UInt32) -> HistogramBounds? { list == 0 ? nil : lists[Int(list)].bounds }

  /// Where in `folds` the fold of a list into a class is; it is made if it is not there yet.
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
