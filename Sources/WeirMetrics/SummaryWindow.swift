/// The observations of the last minutes in age buckets, each a native histogram, of which the oldest
/// is emptied when its time is over. What the quantiles of a summary are computed from.
///
/// With a max age of 10 minutes and 5 age buckets they tell of the last 8 to 10 minutes.
///
/// *Error.* At schema 5 the bounds of buckets are γ = 2^(1/32) apart in ratio, and 2γ/(γ + 1) times its
/// lower bound is off by no more than (γ - 1)/(γ + 1) = 1.1 % from anything in a bucket. So is a
/// quantile, while the values of each age bucket lie in no more than 128 exponential buckets. Where
/// they lie in more they are kept coarser: 2.2 %, then 4.3 %, and on. So it is 1.1 % for values that are
/// up to 16 apart in ratio, 2.2 % up to 256 and 4.3 % up to 65,536, however dense they lie. What is
/// coarse for the sake of a few wild values is fine again when they are too old.
///
/// *Memory.* 12 bytes for each exponential bucket with something in it, of which an age bucket has 144
/// at most, as at the coarsest schema: 1.7 KiB, or 8.6 KiB for five. A window that holds nothing takes
/// 16 bytes.
package struct SummaryWindow: Sendable {
  /// The finest that an age bucket is in.
  package static let schema = ExponentialSchema(5)
  /// Exponential buckets of one age bucket.
  package static let bucketsMax = 128

  /// The age bucket with number n is at n modulo their count. There are none before the first value.
  private var ages: [NativeHistogram] = []
  /// The number of the newest age bucket: how many have begun since second 0.
  private var newest = 0

  package init() {}

  /// Adds `weight` observations of `value`, made in the second `second`; one that is earlier than was
  /// told before counts as made then.
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
  }

  /// Lets go of what is too old in the second `second`.
  package mutating func rotate(toSecond second: UInt32, _ options: SummaryOptions) {
    let number = Int(second) * options.ageBuckets / options.maxAgeSeconds
    guard number > newest else { return }
    for begun in (newest + 1)..<(newest + 1 + min(number - newest, ages.count)) {
      ages[begun % ages.count] = NativeHistogram(schema: SummaryWindow.schema)
    }
    if ages.allSatisfy(\.isEmpty) { ages = [] }
    newest = number
  }

  /// Everything that the window holds, in the coarsest schema of its age buckets.
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
