/// A Prometheus native histogram: weights counted in exponential buckets. Only buckets that are not
/// empty take memory.
///
/// If there are more than the caller allows, all become twice as wide until they fit: the schema is
/// the finest in which all observations so far fit. So it does not depend on the order of values or
/// merges. At the coarsest schema 144 buckets hold every number, and the limit no longer applies.
///
/// A bucket takes 12 bytes. A copy shares them until one of the two changes, and can be read while
/// the other is changed.
package struct NativeHistogram: Sendable, Equatable {
  /// A bucket that is not empty.
  package struct Bucket: Sendable, Equatable {
    /// Magnitudes in (base^(index - 1), base^index].
    package let index: Int32
    package let count: Double

    package init(index: Int32, count: Double) {
      self.index = index
      self.count = count
    }
  }

  package private(set) var schema: ExponentialSchema
  /// In ascending order, including the zero bucket's key.
  private(set) var keys: [Int32] = []
  /// For each key the count of its bucket, above 0.
  private(set) var counts: [Double] = []

  package init(schema: ExponentialSchema) {
    self.schema = schema
  }

  package var isEmpty: Bool { keys.isEmpty }

  /// Memory beside the value itself, without what the allocator adds.
  package var bytesHeld: Int {
    keys.capacity * MemoryLayout<Int32>.stride + counts.capacity * MemoryLayout<Double>.stride
  }

  /// Adds `weight` observations of `value`.
  ///
  /// A count saturates at the greatest finite double. NaN counts as zero, but no decoder accepts
  /// it.
  ///
  /// - Parameter bucketsMax: The most positive and negative buckets.
  /// - Precondition: `weight` is above 0 and finite.
  /// - Complexity: O(log buckets) and no allocation if the bucket exists; otherwise O(buckets).
  package mutating func add(_ value: Double, weight: Double, bucketsMax: Int) {
    let key = schema.key(of: value)
    let place = place(of: key)
    if place < keys.count, keys[place] == key {
      counts[place] = CompensatedSum.clamped(counts[place] + weight)
    } else {
      makeRoom(bucketsMax)
      keys.insert(key, at: place)
      counts.insert(weight, at: place)
      fit(bucketsMax)
    }
  }

  /// Adds everything in `other`, in the coarser schema of the two, or a coarser one if the buckets
  /// do not fit.
  ///
  /// - Complexity: O(buckets of both).
  package mutating func merge(_ other: NativeHistogram, bucketsMax: Int) {
    var other = other
    while schema.number > other.schema.number { widen() }
    while other.schema.number > schema.number { other.widen() }
    let own = self
    keys = []
    counts = []
    var next = 0
    for place in own.keys.indices {
      while next < other.keys.count, other.keys[next] < own.keys[place] {
        append(other.keys[next], other.counts[next])
        next += 1
      }
      append(own.keys[place], own.counts[place])
    }
    for place in next..<other.keys.count { append(other.keys[place], other.counts[place]) }
    fit(bucketsMax)
    giveBackSpare()
  }

  /// Adds to the bucket of `key`, which is the last one or comes after it.
  mutating func append(_ key: Int32, _ count: Double) {
    if keys.last == key {
      counts[counts.count - 1] = CompensatedSum.clamped(counts[counts.count - 1] + count)
    } else {
      keys.append(key)
      counts.append(count)
    }
  }

  /// The index of the first key that is not below `key`.
  ///
  /// Keys are distinct. So the number of keys below `key` is at most its distance to the first key,
  /// and the number of keys from it on at most its distance to the last. If no key is missing
  /// between them, nothing is left to search.
  /// - Complexity: O(log missing keys).
  private func place(of key: Int32) -> Int {
    guard let first = keys.first, let last = keys.last else { return 0 }
    var low = min(max(0, keys.count &- 1 &- Int(last &- key)), keys.count)
    var high = min(max(0, Int(key &- first)), keys.count)
    while low < high {
      let middle = (low &+ high) / 2
      if keys[middle] < key { low = middle &+ 1 } else { high = middle }
    }
    return low
  }

  /// Grows by half where an array would double, and not above the most buckets, because there may
  /// be a million histograms with unused capacity.
  private mutating func makeRoom(_ bucketsMax: Int) {
    guard keys.count == keys.capacity || counts.count == counts.capacity else { return }
    // Plus the zero bucket, and the one that is too many.
    let most = max(min(bucketsMax, .max - 2), ExponentialSchema.coarsestBuckets) + 2
    let room = max(keys.count + 1, min(keys.count + max(4, keys.count / 2), most))
    keys.reserveCapacity(room)
    counts.reserveCapacity(room)
  }

  /// Gives back unused memory: thousands of buckets may have become a few.
  mutating func giveBackSpare() {
    if keys.capacity > 2 * keys.count + 16 { keys = keys.map { $0 } }
    if counts.capacity > 2 * counts.count + 16 { counts = counts.map { $0 } }
  }

  mutating func fit(_ bucketsMax: Int) {
    while bucketCount > bucketsMax, schema != .coarsest { widen() }
  }

  /// Makes every bucket twice as wide, if there is a coarser schema.
  mutating func widen() {
    guard let coarser = schema.coarser else { return }
    schema = coarser
    var last = -1
    for place in keys.indices {
      let key = ExponentialSchema.halved(keys[place])
      if last >= 0, keys[last] == key {
        counts[last] = CompensatedSum.clamped(counts[last] + counts[place])
      } else {
        last += 1
        keys[last] = key
        counts[last] = counts[place]
      }
    }
    keys.removeLast(keys.count - last - 1)
    counts.removeLast(counts.count - last - 1)
  }
}

/// What a scrape reads.
extension NativeHistogram {
  package var zeroThreshold: Double { ExponentialSchema.zeroThreshold }

  /// Positive and negative buckets that are not empty.
  ///
  /// - Complexity: O(log buckets).
  package var bucketCount: Int {
    let zero = place(of: 0)
    return keys.count - (zero < keys.count && keys[zero] == 0 ? 1 : 0)
  }

  /// Whether a value below zero was observed.
  package var hasNegative: Bool { keys.first.map { $0 < 0 } ?? false }

  /// The weight of all observations.
  package var count: Double { CompensatedSum.clamped(counts.reduce(0, +)) }

  /// The greater of `count` and the sum that Prometheus compares with the count of a page. It adds
  /// the buckets of each sign by themselves, from zero outwards.
  package var countAsRead: Double {
    func sum(_ buckets: [Bucket]) -> Double { buckets.reduce(0) { $0 + $1.count } }
    return max(count, sum(negative) + sum(positive))
  }

  /// The weight of observations whose magnitude is at most `zeroThreshold`.
  package var zeroCount: Double {
    let zero = place(of: 0)
    return zero < keys.count && keys[zero] == 0 ? counts[zero] : 0
  }

  /// Buckets of values above zero, in ascending order of index.
  package var positive: [Bucket] {
    (place(of: 1)..<keys.count).map(bucket)
  }

  /// Buckets of values below zero, in ascending order of index, which is descending order of value.
  package var negative: [Bucket] {
    (0..<place(of: 0)).reversed().map(bucket)
  }

  /// Whether every count, and so their sum, is a whole number that a double represents exactly.
  /// Then a scrape may show integers.
  package var isWhole: Bool {
    count <= 0x1p53 && counts.allSatisfy { $0 == $0.rounded(.towardZero) }
  }

  private func bucket(_ place: Int) -> Bucket {
    Bucket(index: schema.index(ofKey: keys[place]), count: counts[place])
  }
}
