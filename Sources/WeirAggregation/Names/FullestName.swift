/// The greatest number of series of one name. It is kept up to date without looking at other names.
struct FullestName {
  /// For each number of series, how many names have it.
  private var names: [Int] = [0]
  private(set) var count = 0

  /// Notes that a name now has `after` series instead of `before`.
  ///
  /// - Complexity: O(1), amortised.
  mutating func change(from before: Int, to after: Int) {
    if after >= names.count {
      names += [Int](repeating: 0, count: after + 1 - names.count)
    }
    if before > 0 { names[before] -= 1 }
    if after > 0 { names[after] += 1 }
    count = max(count, after)
    while count > 0, names[count] == 0 { count -= 1 }
    // No longer than twice what is needed.
    if names.count > 64, count * 4 < names.count { names.removeLast(names.count - 2 * (count + 1)) }
  }
}
