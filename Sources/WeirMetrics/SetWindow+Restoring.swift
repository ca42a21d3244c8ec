extension SetSketch {
  /// A sketch of a few members.
  ///
  /// - Precondition: the hashes ascend, and are no more than `exactMax`.
  package init(hashes: [UInt64]) {
    precondition(hashes.count <= SetSketch.exactMax)
    self.init()
    self.hashes = hashes
  }

  /// A sketch of many members.
  ///
  /// - Precondition: there are `registerCount` ranks, none above `rankMax`.
  package init(registers: [UInt8]) {
    precondition(registers.count == SetSketch.registerCount)
    self.init()
    self.registers = registers
  }
}

extension SetWindow {
  /// A window that was saved. All its steps count as not saved.
  ///
  /// - Parameters:
  ///   - steps: By their numbers. Those that a window of `options` does not cover are left out.
  ///   - tick: The second of its last update.
  ///   - second: Now. If the steps cannot be of a window of `options`, because its length was
  ///     another one, the members are left out.
  package init(
    newest: Int, _ steps: [(number: Int, value: SetSketch)], isBegun: Bool, updated tick: UInt32,
    second: UInt32, _ options: SetOptions
  ) {
    self.init()
    self.isBegun = isBegun
    let least = SetWindow.number(ofSecond: Int(tick), options)
    let most = SetWindow.number(ofSecond: Int(second), options)
    guard (least...max(least, most)).contains(newest), !steps.isEmpty else { return }
    let count = options.windowSeconds == 0 ? 1 : SetOptions.steps
    self.steps = [SetSketch](repeating: SetSketch(), count: count)
    self.newest = newest
    for step in steps where step.number > newest - count && (0...newest).contains(step.number) {
      self.steps[step.number % count] = step.value
      unsavedFrom = min(unsavedFrom, step.number)
    }
  }
}
