/// Some of many things, each with the number of things that it stands for.
///
/// When it is full, one of each two leaves, by chance, and the other stands for both. So it is bounded, and sums of
/// weights stay right, however much arrives.
package struct ThinnedSample<Element: Sendable>: Sendable {
  @frozen
  @usableFromInline
  package struct Entry: Sendable {
    @usableFromInline package let element: Element
    @usableFromInline package var weight: Double

    @inlinable
    package init(element: Element, weight: Double) {
      self.element = element
      self.weight = weight
    }
  }

  @usableFromInline let capacity: Int
  @usableFromInline package internal(set) var entries: [Entry] = []
  /// One of so many things is taken now.
  @usableFromInline var stride = 1
  /// Things of the stride that have come, and which of them is taken.
  @usableFromInline var position = 0
  @usableFromInline var chosen = 0

  @inlinable
  package init(capacity: Int) { self.capacity = max(2, capacity) }

  /// Takes a thing in, or lets another one of the same stride stand for it.
  ///
  /// - Parameter weight: How many things it stands for already.
  @inlinable
  package mutating func add(_ element: @autoclosure () -> Element, weight: Double) {
    if position == 0 { chosen = stride > 1 ? Int.random(in: 0..<stride) : 0 }
    let isTaken = position == chosen
    position = position + 1 == stride ? 0 : position + 1
    guard isTaken else { return }
    if entries.count == capacity { thin() }
    entries.append(Entry(element: element(), weight: weight * Double(stride)))
  }

  @usableFromInline
  mutating func thin() {
    var kept: [Entry] = []
    kept.reserveCapacity(capacity)
    for index in Swift.stride(from: 0, to: entries.count - 1, by: 2) {
      // In proportion to their weights, so that sums stay right.
      let (first, second) = (entries[index], entries[index + 1])
      let sum = first.weight + second.weight
      let isFirst = Double.random(in: 0..<max(sum, .leastNormalMagnitude)) < first.weight
      kept.append(Entry(element: isFirst ? first.element : second.element, weight: sum))
    }
    if !entries.count.isMultiple(of: 2), let last = entries.last { kept.append(last) }
    entries = kept
    stride *= 2
    position = 0
  }

  /// Takes the entries out, and begins again.
  package mutating func take() -> [Entry] {
    defer {
      entries = []
      // What was too dense stays so, as a rule.
      stride = max(1, stride / 2)
      position = 0
    }
    return entries
  }
}
