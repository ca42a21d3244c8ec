/// The observations of the last minutes in age buckets. Each age bucket is a native histogram, and
/// the oldest is emptied when its time is over. A summary's quantiles are computed from them.
///
/// With a max age of 10 minutes and 5 age buckets they cover the last 8 to 10 minutes.
///
/// *Error.* At schema 5 the ratio of neighbouring bucket bounds is γ = 2^(1/32). The value 2γ/(γ +
/// 1) times the lower bound has a relative error of at most (γ - 1)/(γ + 1) = 1.1 % for anything in
/// a bucket. This is also the error of a quantile, if the values of each age bucket need no more
/// than 128 exponential buckets. If they need more, they are kept in a coarser schema: 2.2 %, then
/// 4.3 %, and so on. So the error is 1.1 % for values within a factor of 16, 2.2 % within 256 and
/// 4.3 % within 65,536, however many there are. A few extreme values make the schema coarser only
/// until they are too old.
///
/// *Memory.* 12 bytes for each exponential bucket that is not empty. An age bucket has at most 144,
/// as at the coarsest schema: 1.7 KiB, or 8.6 KiB for five. An empty window takes 16 bytes.
package struct SummaryWindow: Sendable {
  /// The finest schema of an age bucket.
  package static let schema = ExponentialSchema(5)
  /// Exponential buckets of one age bucket.
  package static let bucketsMax = 128

  /// The age bucket with number n is at index n modulo their count. There are none before the first
  /// value.
  var ages: [NativeHistogram] = []
  /// The number of the newest age bucket: how many have begun since second 0.
  var newest = 0
  /// The first age bucket that has changed since it was saved; `Int.max` if none has.
  package internal(set) var unsavedFrom = Int.max

  package init() {}

  /// Adds `weight` observations of `value`, made in the second `second`. A second earlier than in a
  /// previous call counts as that one.
  ///
  /// - Complexity: that of `NativeHistogram.add`.
  package mutating func add(
    _ value: Double, weight: Double, second: UInt32, _ options: SummaryOptions
  ) {
    rotate(toSecond: second, options)
    if ages.isEmpty {
      let age = NativeHistogram(schema: SummaryWindow.schema)
      ages = [NativeHistogram](repeating: age, count: options.ageBuckets)
    }
    ages[newest % ages.count].add(value, weight: weight, bucketsMax: SummaryWindow.bucketsMax)
    unsavedFrom = min(unsavedFrom, newest)
  }

  /// Notes that all age buckets are saved.
  package mutating func noteSaved() { unsavedFrom = .max }

  /// Removes what is too old in the second `second`.
  package mutating func rotate(toSecond second: UInt32, _ options: SummaryOptions) {
    let number = Int(second) * options.ageBuckets / options.maxAgeSeconds
    guard number > newest else { return }
    for begun in (newest + 1)..<(newest + 1 + min(number - newest, ages.count)) {
      ages[begun % ages.count] = NativeHistogram(schema: SummaryWindow.schema)
    }
    if ages.allSatisfy(\.isEmpty) { ages = [] }
    newest = number
  }

  /// All observations of the window, in the coarsest schema of its age buckets.
  ///
  /// - Complexity: O(buckets).
  package var observations: NativeHistogram {
    var all = NativeHistogram(schema: SummaryWindow.schema)
    for age in ages where !age.isEmpty { all.merge(age, bucketsMax: .max) }
    return all
  }

  /// Memory beside the value itself, without what the allocator adds.
  var bytesHeld: Int {
    ages.reduce(ages.capacity * MemoryLayout<NativeHistogram>.stride) { $0 + $1.bytesHeld }
  }
}
