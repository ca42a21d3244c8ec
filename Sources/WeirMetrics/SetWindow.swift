/// The distinct members of a sliding window. It has several steps, and the oldest is dropped when
/// its time is over.
///
/// With a window of 5 minutes there are 5 steps of a minute. The count covers the current step and
/// the four before it: members seen in the last 4 to 5 minutes.
///
///     steps   3    4    0    1    2        step n is at n modulo 5
///             ├────┼────┼────┼────┼──▶ now
///            the oldest      newest
///
/// *Memory.* A sketch for each step, of up to 4 KiB: 20 KiB at most. A window without members takes
/// 16 bytes. Where all members since the start are kept there is one sketch.
package struct SetWindow: Sendable {
  /// One sketch for each step, or none before the first member.
  var steps: [SetSketch] = []
  /// The number of the current step: how many steps have begun since second 0.
  var newest = 0
  /// The first step that has changed since it was saved; `Int.max` if none has.
  package internal(set) var unsavedFrom = Int.max
  /// Whether there was ever a member.
  package internal(set) var isBegun = false

  package init() {}

  /// Adds a member, by its 64-bit hash, that was seen in the second `second`.
  ///
  /// - Complexity: that of `SetSketch.insert`.
  package mutating func insert(hash: UInt64, second: UInt32, _ options: SetOptions) {
    rotate(toSecond: second, options)
    steps[newest % steps.count].insert(hash: hash)
    unsavedFrom = min(unsavedFrom, newest)
    isBegun = true
  }

  /// Adds members of a sender's step that ended `ago` seconds before the second `second`; 0 if it
  /// has not ended. They are ignored where the window no longer covers that time.
  ///
  /// - Parameter body: Adds the members to the sketch of their step.
  package mutating func add(
    endedSecondsAgo ago: Int, second: UInt32, _ options: SetOptions,
    _ body: (inout SetSketch) -> Void
  ) {
    rotate(toSecond: second, options)
    // Members seen before second 0 belong to the first step while it counts.
    let number = SetWindow.number(ofSecond: max(0, Int(second) - ago), options)
    guard
      options.windowSeconds == 0
        || ago < options.windowSeconds && number > newest - SetOptions.steps
    else { return }
    body(&steps[number % steps.count])
    unsavedFrom = min(unsavedFrom, number)
    isBegun = isBegun || !steps[number % steps.count].isEmpty
  }

  /// Notes that all steps are saved.
  package mutating func noteSaved() { unsavedFrom = .max }

  /// The members of a step, and how many seconds later it ends, negative if it has ended; nil where all members
  /// since the start are kept.
  package typealias Step = (members: SetSketch, endsInSeconds: Int?)

  /// The newest steps that have members, as of the second `second`, the older ones first.
  ///
  /// - Parameter latest: How many steps are looked at.
  package func steps(second: UInt32, _ options: SetOptions, latest: Int) -> [Step] {
    guard options.windowSeconds > 0 else {
      return steps.filter { !$0.isEmpty }.map { ($0, nil) }
    }
    let first = max(0, newest - min(latest, steps.count) + 1)
    guard !steps.isEmpty, first <= newest else { return [] }
    return (first...newest).compactMap { number in
      let members = steps[number % steps.count]
      if members.isEmpty { return nil }
      // The first second of the next step, because `number(ofSecond:)` rounds down.
      let end = ((number + 1) * options.windowSeconds + SetOptions.steps - 1) / SetOptions.steps
      return (members, end - Int(second))
    }
  }

  /// Drops the members that are too old in the second `second`.
  package mutating func drop(before second: UInt32, _ options: SetOptions) {
    guard !steps.isEmpty else { return }
    rotate(toSecond: second, options)
    if steps.allSatisfy(\.isEmpty) { steps = [] }
  }

  /// The number of distinct members: exact up to `SetSketch.exactMax`, otherwise an estimate as a
  /// whole number.
  ///
  /// - Complexity: O(steps · registers).
  package var count: Double {
    guard var all = steps.first else { return 0 }
    for step in steps.dropFirst() where !step.isEmpty { all.merge(step) }
    return all.count
  }

  private mutating func rotate(toSecond second: UInt32, _ options: SetOptions) {
    if steps.isEmpty {
      let count = options.windowSeconds == 0 ? 1 : SetOptions.steps
      steps = [SetSketch](repeating: SetSketch(), count: count)
    }
    let number = SetWindow.number(ofSecond: Int(second), options)
    guard number > newest else { return }
    for begun in (newest + 1)..<(newest + 1 + min(number - newest, steps.count)) {
      steps[begun % steps.count] = SetSketch()
    }
    newest = number
  }

  static func number(ofSecond second: Int, _ options: SetOptions) -> Int {
    options.windowSeconds == 0 ? 0 : second * SetOptions.steps / options.windowSeconds
  }
}
