import WeirMetrics

/// The members of a class's sets, within a window, at the index of each set's row.
struct SetRows {
  let options: SetOptions
  private var windows: [SetWindow] = []

  init(_ options: SetOptions) {
    self.options = options
  }

  /// Prepares an empty set for the new series in `row`.
  mutating func begin(_ row: Int) {
    if row >= windows.count {
      windows.append(contentsOf: repeatElement(SetWindow(), count: row + 1 - windows.count))
    }
    windows[row] = SetWindow()
  }

  /// Replaces what a live row has.
  mutating func set(_ row: Int, _ window: SetWindow) { windows[row] = window }

  /// Adds a member that was seen in the second `second`.
  mutating func insert(hash: UInt64, row: Int, second: UInt32) {
    windows[row].insert(hash: hash, second: second, options)
  }

  /// Lets `body` add members of a step that ended `ago` seconds before the second `second`, or has
  /// not ended yet. Nothing is added if the window no longer covers that step.
  mutating func add(
    row: Int, endedSecondsAgo ago: Int, second: UInt32, _ body: (inout SetSketch) -> Void
  ) {
    windows[row].add(endedSecondsAgo: ago, second: second, options, body)
  }

  /// The window of a live row's set as it was at its last update.
  func window(_ row: Int) -> SetWindow { windows[row] }

  /// Notes that a live row's set is saved.
  mutating func noteSaved(_ row: Int) { windows[row].noteSaved() }

  /// Frees what the expired series in `row` had.
  mutating func free(_ row: Int) { windows[row] = SetWindow() }

  /// Gives back the memory after the last row.
  mutating func truncate(to rows: Int) {
    guard windows.count > rows else { return }
    windows.removeLast(windows.count - rows)
    windows.giveBackSpare()
  }

  /// The window of a live row's set in the second `second`. Members that are too old are removed.
  mutating func window(_ row: Int, second: UInt32) -> SetWindow {
    windows[row].drop(before: second, options)
    return windows[row]
  }
}
