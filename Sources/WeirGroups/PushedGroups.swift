import WeirBytes
import WeirExposition
import WeirMetrics

/// What was pushed in the way of the Pushgateway: groups, each replaced as a whole or by name.
///
///     key {job="backup"}   ─▶ PushedGroup ─ families, times ──┐
///     key {job="import"}   ─▶ PushedGroup ─ families, times ──┴─▶ by name, merged and sorted: GroupPage
///
/// What is taken can always be shown: a name has one type, here and among all other series, and no series is there
/// twice. Everything else is refused as a whole.
package final class PushedGroups: Sendable {
  /// Takes names for groups, and gives others back: nil, or why one can't be taken; then nothing has changed.
  package typealias Names =
    @Sendable (_ released: [[UInt8]], _ taken: [GroupName]) -> String?

  /// The names of each group's two times, which are for groups alone.
  package static let timeNames = ["push_time_seconds", "push_failure_time_seconds"]

  private let state: Locked<GroupsState>
  package let limits: GroupLimits
  private let seconds: @Sendable () -> Double

  /// - Parameter seconds: The wall clock, in seconds since 1970.
  package init(
    limits: GroupLimits = GroupLimits(), names: @escaping Names = { _, _ in nil },
    seconds: @escaping @Sendable () -> Double
  ) {
    self.limits = limits
    self.seconds = seconds
    state = Locked(GroupsState(limits, names))
  }

  /// Puts a body's families into a group.
  ///
  /// - Parameters:
  ///   - pushed: Read with the key's labels; or why the body was refused, which is noted in the group.
  ///   - replaces: Whether the group's other families go.
  /// - Throws: Why nothing was taken.
  /// - Complexity: O(series of the group and of the push).
  package func push(
    _ pushed: Result<[PushedFamily], PushedBodyMistake>, to key: GroupKey, replaces: Bool
  ) throws(PushedBodyMistake) {
    let now = seconds()
    let mistake = state.withLock { state -> PushedBodyMistake? in
      state.removeExpired(at: now)
      do throws(PushedBodyMistake) {
        try state.push(try pushed.get(), to: key, replaces: replaces, at: now)
        return nil
      } catch {
        if !error.isMalformed { state.noteFailure(of: key, at: now) }
        return error
      }
    }
    if let mistake { throw mistake }
  }

  /// Removes a group, if there is one.
  package func delete(_ key: GroupKey) { state.withLock { $0.delete(key) } }

  /// What all groups show, as of now.
  ///
  /// - Complexity: O(families); O(n log n) in the series of names that have changed.
  package func page() -> GroupPage {
    let now = seconds()
    return state.withLock { state in
      state.removeExpired(at: now)
      return state.page()
    }
  }

  package var totals: GroupTotals { state.withLock { $0.totals } }

  // The state file.

  /// Makes the next call of `takeChanged` return all groups. Before the first call of this, changes are not kept.
  package func markAll() { state.withLock { $0.markAll() } }

  /// The groups that have changed since the last call, as payloads of the state file.
  package func takeChanged() -> [[UInt8]] {
    let changed = state.withLock { $0.takeChanged() }
    return changed.map { key, group in GroupCodec.payload(of: key, group) }
  }

  /// All groups, as payloads of the state file.
  package func all() -> [[UInt8]] {
    state.withLock { Array($0.all) }.map { GroupCodec.payload(of: $0.key, $0) }
  }

  /// Takes in a group of the state file.
  ///
  /// - Returns: False if it can't be shown any more, or the payload is wrong.
  package func restore(_ payload: [UInt8], limits series: SeriesLimits) -> Bool {
    guard let group = GroupCodec.group(in: payload, limits: series, seriesMax: limits.seriesMax)
    else { return false }
    return state.withLock { $0.restore(group) }
  }
}

/// What groups take.
package struct GroupTotals: Sendable, Equatable {
  package var groups = 0
  package var series = 0
  package var bytes = 0

  package init() {}
}
