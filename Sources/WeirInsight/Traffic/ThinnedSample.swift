/// Some of many things, each with the number of things that it stands for.
///
/// When it is full, every second one leaves and the others stand for twice as many. So it is bounded, and sums of
/// weights stay right on average, however much arrives.
package struct ThinnedSample<Element: Sendable>: Sendable {
  package struct Entry: Sendable {
    package let element: Element
    package var weight: Double
  }

  package let capacity: Int
  package private(set) var entries: [Entry] = []
  /// One of so many things is taken now.
  private var stride = 1
  /// Things since the last one that was taken.
  private var skipped = 0

  package init(capacity: Int) { self.capacity = max(2, capacity) }

  package var isEmpty: Bool { entries.isEmpty }

  /// Takes a thing in, or lets the next one stand for it.
  ///
  /// - Parameter weight: How many things it stands for already.
  package mutating func add(_ element: @autoclosure () -> Element, weight: Double = 1) {
    skipped += 1
    guard skipped >= stride else { return }
    skipped = 0
    if entries.count == capacity { thin() }
    entries.append(Entry(element: element(), weight: weight * Double(stride)))
  }

  private mutating func thin() {
    var kept: [Entry] = []
    kept.reserveCapacity(capacity)
    for index in Swift.stride(from: 1, to: entries.count, by: 2) {
      kept.append(Entry(element: entries[index].element, weight: entries[index].weight * 2))
    }
    entries = kept
    stride *= 2
  }

  /// Takes the entries out, and begins again.
  package mutating func take() -> [Entry] {
    defer {
      entries = []
      stride = 1
      skipped = 0
    }
    return entries
  }
}
