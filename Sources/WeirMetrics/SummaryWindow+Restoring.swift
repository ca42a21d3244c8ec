extension SummaryWindow {
  /// A window that was saved. All its age buckets count as not saved.
  ///
  /// - Parameter steps: Age buckets by their numbers. Those that are too old are left out.
  package init(
    newest: Int, _ steps: [(number: Int, value: NativeHistogram)], _ options: SummaryOptions
  ) {
    self.init()
    self.newest = newest
    let count = options.ageBuckets
    for step in steps where step.number > newest - count && (0...newest).contains(step.number) {
      if ages.isEmpty {
        let age = NativeHistogram(schema: SummaryWindow.schema)
        ages = [NativeHistogram](repeating: age, count: count)
      }
      ages[step.number % count] = step.value
      unsavedFrom = min(unsavedFrom, step.number)
    }
  }
}
