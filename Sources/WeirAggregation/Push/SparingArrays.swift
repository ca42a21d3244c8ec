/// Arrays whose capacity is close to their count.
extension Array {
  /// Makes room for `number` more elements. It grows by a quarter where an array would double,
  /// because there may be a million arrays with unused capacity.
  mutating func reserveSparingly(_ number: Int) {
    guard count + number > capacity else { return }
    reserveCapacity(count + Swift.max(number, count / 4, 4))
  }

  /// Gives memory back when three quarters of it are not used.
  ///
  /// - Complexity: O(count) when it does.
  mutating func giveBackSpare() {
    guard capacity > 64, count < capacity / 4 else { return }
    var smaller: [Element] = []
    smaller.reserveCapacity(count)
    smaller.append(contentsOf: self)
    self = smaller
  }
}

extension Dictionary {
  /// Gives memory back when three quarters of it are not used.
  ///
  /// - Complexity: O(count) when it does.
  mutating func giveBackSpare() {
    guard capacity > 64, count < capacity / 4 else { return }
    var smaller: [Key: Value] = [:]
    smaller.reserveCapacity(count)
    for (key, value) in self { smaller[key] = value }
    self = smaller
  }
}
