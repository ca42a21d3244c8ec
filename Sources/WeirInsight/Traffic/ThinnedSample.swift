import WeirBytes

/// Some of many things, each with the number of things that it stands for.
///
/// When it is full, one of each two leaves, by chance, and the other stands for both. So it is bounded, and sums of
/// weights stay right, however much arrives.
@usableFromInline
package struct ThinnedSample<Element: Sendable>: Sendable {
  @usableFromInline
  package struct Entry: Sendable {
    @usableFromInline package let element: Element
    @usableFromInline package let weight: Double

    @inlinable
    init(element: Element, weight: Double) {
      self.element = element
      self.weight = weight
    }
  }

  @usableFromInline let capacity: Int
  @usableFromInline var entries: [Entry] = []
  private var random = KeyStream()

  package init(capacity: Int) { self.capacity = max(2, capacity) }

  @inlinable package var count: Int { entries.count }

  /// Takes a thing in.
  ///
  /// - Parameter weight: How many things it stands for.
  /// - Returns: Whether it was full before. Then half as many should come from now on.
  @inlinable
  package mutating func add(_ element: Element, weight: Double) -> Bool {
    let isFull = entries.count == capacity
    if isFull { thin() }
    entries.append(Entry(element: element, weight: weight))
    return isFull
  }

  @usableFromInline
  mutating func thin() {
    var kept: [Entry] = []
    kept.reserveCapacity(capacity)
    for index in stride(from: 0, to: entries.count - 1, by: 2) {
      // In proportion to their weights, so that sums stay right.
      let (first, second) = (entries[index], entries[index + 1])
      let sum = first.weight + second.weight
      let part = Double(random.next() >> 11) / Double(1 << 53)
      let isFirst = part * sum < first.weight
      kept.append(Entry(element: isFirst ? first.element : second.element, weight: sum))
    }
    if !entries.count.isMultiple(of: 2), let last = entries.last { kept.append(last) }
    entries = kept
  }

  /// Takes the entries out, and begins again with room for as many.
  @inlinable
  package mutating func take() -> [Entry] {
    var next: [Entry] = []
    next.reserveCapacity(min(entries.count, capacity))
    swap(&next, &entries)
    return next
  }
}
