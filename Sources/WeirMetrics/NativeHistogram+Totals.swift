extension NativeHistogram {
  /// The most buckets of a total: twice what a series keeps, so that a client may be finer than
  /// Weir. Above it, buckets become twice as wide.
  package static let totalBucketsMax = 320

  /// A histogram with these buckets, each index once and ascending within its sign.
  ///
  /// - Precondition: `schema.indices` contains every index, and no count is negative.
  package init(
    schema: ExponentialSchema, zeroCount: Double, positive: [Bucket], negative: [Bucket]
  ) {
    self.init(schema: schema)
    for bucket in negative.reversed() where bucket.count > 0 {
      append(-schema.key(ofIndex: bucket.index), bucket.count)
    }
    if zeroCount > 0 { append(0, zeroCount) }
    for bucket in positive where bucket.count > 0 {
      append(schema.key(ofIndex: bucket.index), bucket.count)
    }
  }

  /// Raises each bucket to the greater of its own count and `other`'s, in the coarser schema of the
  /// two, or a coarser one if the buckets do not fit.
  ///
  /// - Returns: The gain of each bucket, in that schema.
  /// - Complexity: O(buckets of both).
  package mutating func raise(to other: NativeHistogram) -> NativeHistogram {
    var other = other
    while schema.number > other.schema.number { widen() }
    while other.schema.number > schema.number { other.widen() }
    var gain = NativeHistogram(schema: schema)
    var raised = NativeHistogram(schema: schema)
    var next = 0
    for place in other.keys.indices {
      let (key, count) = (other.keys[place], other.counts[place])
      while next < keys.count, keys[next] < key {
        raised.append(keys[next], counts[next])
        next += 1
      }
      var known = 0.0
      if next < keys.count, keys[next] == key {
        known = counts[next]
        next += 1
      }
      raised.append(key, max(known, count))
      if count > known { gain.append(key, count - known) }
    }
    for place in next..<keys.count { raised.append(keys[place], counts[place]) }
    raised.fit(NativeHistogram.totalBucketsMax)
    raised.giveBackSpare()
    self = raised
    return gain
  }

  /// The bytes of one bucket.
  package static let bucketBytes = MemoryLayout<Int32>.stride + MemoryLayout<Double>.stride

  /// The bytes of all buckets, without spare room.
  package var bytesOfBuckets: Int { keys.count * NativeHistogram.bucketBytes }

  /// How many more bytes the buckets would take after `raise` with `other`.
  ///
  /// - Complexity: O(buckets of both).
  package func bytesGained(by other: NativeHistogram) -> Int {
    var raised = self
    _ = raised.raise(to: other)
    return max(0, raised.keys.count - keys.count) * NativeHistogram.bucketBytes
  }

  /// Passes the count of each bucket to the body, with the value that represents the bucket when it
  /// is folded into buckets with other bounds: its upper bound, or the greatest finite number.
  package func forEachBucket(_ body: (_ value: Double, _ count: Double) -> Void) {
    for place in keys.indices {
      let key = keys[place]
      if key == 0 {
        body(0, counts[place])
      } else if key > 0 {
        let bound = schema.upperBound(of: schema.index(ofKey: key))
        body(min(bound, .greatestFiniteMagnitude), counts[place])
      } else {
        // A bucket of negative values ends at the bound nearest to zero.
        body(-schema.upperBound(of: schema.index(ofKey: key) - 1), counts[place])
      }
    }
  }
}
