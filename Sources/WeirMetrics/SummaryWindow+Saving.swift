/// What the state file keeps of a summary.
extension SummaryWindow {
  /// The number of the newest age bucket.
  package var newestStep: Int { newest }

  /// The age buckets from a number on that are not empty, in ascending order.
  ///
  /// - Complexity: O(age buckets).
  package func savedSteps(from first: Int) -> [(number: Int, observations: NativeHistogram)] {
    let oldest = max(first, newest + 1 - ages.count, 0)
    return (oldest..<max(oldest, newest + 1)).compactMap { number in
      let age = ages[number % ages.count]
      return age.isEmpty ? nil : (number, age)
    }
  }
}
