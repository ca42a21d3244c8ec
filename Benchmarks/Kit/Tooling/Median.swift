extension Collection<Double> {
  /// The middle of the values, or the mean of the two in the middle; NaN where there is none.
  package var median: Double {
    let sorted = sorted()
    if sorted.isEmpty { return .nan }
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }
}
