extension ExponentialSchema {
  /// How far, in ratio, a quantile may be off: (base - 1) / (base + 1), which is 4.3 % at schema 3,
  /// and twice as much, as good as, in each coarser one.
  package var relativeError: Double { (base - 1) / (base + 1) }

  /// The number that is as far off, in ratio, from one end of a bucket as from the other.
  func middle(of index: Int32) -> Double {
    // From the lower bound, for the upper one may be infinite.
    upperBound(of: index - 1) * (2 * base / (base + 1))
  }
}

extension NativeHistogram {
  /// An estimate of the value that no more than `fraction` of all observations lie below: NaN where
  /// there are none.
  ///
  /// With n observations of weight 1 it is the ⌈n · fraction⌉th of them in ascending order, the first
  /// for 0, off by `schema.relativeError` at most; what counts as zero is estimated as 0.
  ///
  /// - Complexity: O(buckets).
  package func quantile(_ fraction: Double) -> Double {
    guard let last = keys.last else { return .nan }
    let target = count * fraction
    var below = 0.0
    for (place, key) in keys.enumerated() {
      below += counts[place]
      if below >= target { return estimate(key) }
    }
    return estimate(last)
  }

  private func estimate(_ key: Int32) -> Double {
    if key == 0 { return 0 }
    let middle = schema.middle(of: schema.index(ofKey: key))
    return key > 0 ? middle : -middle
  }
}
