import WeirBytes

/// Samples a stream at an interval: it chooses one of each `stride` things at random, so that senders who take turns
/// are chosen equally often.
///
/// It counts across batches. A batch without a chosen thing costs one comparison, and a random number is drawn only
/// for a chosen thing.
package struct SampleTurns: Sendable {
  /// The sampling interval. A chosen thing has this weight.
  package private(set) var stride = 1
  /// Things that come before the one that is chosen next.
  private var gap = 0
  /// Things of its stride that come after it.
  private var rest = 0
  private var random: KeyStream

  package init(random: KeyStream = KeyStream()) { self.random = random }

  /// Begins with a new sampling interval.
  package mutating func restart(stride: Int) {
    self.stride = max(1, stride)
    gap = place()
    rest = self.stride - 1 - gap
  }

  /// Whether the next thing is chosen.
  package mutating func choosesNext() -> Bool {
    guard gap == 0 else {
      gap -= 1
      return false
    }
    follow()
    return true
  }

  /// The first thing of some that is chosen; nil if none is, and then all of them have come.
  package mutating func next(in some: Range<Int>) -> Int? {
    guard gap < some.count else {
      gap -= some.count
      return nil
    }
    let chosen = some.lowerBound + gap
    follow()
    return chosen
  }

  private mutating func follow() {
    let place = place()
    gap = rest + place
    rest = stride - 1 - place
  }

  private mutating func place() -> Int {
    stride == 1 ? 0 : Int(truncatingIfNeeded: random.next() % UInt64(stride))
  }
}
