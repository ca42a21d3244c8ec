/// What the state file keeps of a set.
extension SetWindow {
  /// The number of the newest step.
  package var newestStep: Int { newest }

  /// The steps from a number on that are not empty, in ascending order.
  ///
  /// - Complexity: O(steps).
  package func savedSteps(from first: Int) -> [(number: Int, members: SetSketch)] {
    let oldest = max(first, newest + 1 - steps.count, 0)
    return (oldest..<max(oldest, newest + 1)).compactMap { number in
      let step = steps[number % steps.count]
      return step.isEmpty ? nil : (number, step)
    }
  }
}
