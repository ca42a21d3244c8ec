extension ExponentialSchema {
  /// The greatest relative error of a quantile: (base - 1) / (base + 1). It is 4.3 % at schema 3,
  /// and roughly twice as much in each coarser one.
  package var relativeError: Double { (base - 1) / (base + 1) }

  /// The number with the same relative distance to both ends of a bucket.
  func middle(of index: Int32) -> Double {
    // Computed from the lower bound, because the upper one may be infinite.
    upperBound(of: index - 1) * (2 * base / (base + 1))
  }
}

extension NativeHistogram {
  /// An estimate of the value that has at most `fraction` of all observations below it: NaN if
  /// there are none.
  ///
  /// With n observations of weight 1 it is the ⌈n · fraction⌉th of them in ascending order, the
  /// first for 0, with a relative error of `schema.relativeError` at most. What counts as zero is
  /// estimated as 0.
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
