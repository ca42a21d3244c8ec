// Safety: `start` is allocated for `capacity` elements and freed once, in `deinit` or when it is
// replaced. The first `count` elements are initialised. Every index is compared with `count` before
// use. Elements are plain bytes and need no destruction.

/// A list of plain values that one owner fills and empties for each batch.
///
/// It is noncopyable, so an append is a comparison and a store. An array also checks each time
/// whether its storage is shared.
///
/// ```
/// start                    start + count          start + capacity
/// ▼                        ▼                      ▼
/// | initialised elements   | uninitialised memory |
/// ```
@usableFromInline
@safe
package struct Column<Element: BitwiseCopyable>: ~Copyable {
  @usableFromInline var start: UnsafeMutablePointer<Element>
  @usableFromInline var capacity: Int
  @usableFromInline package var count = 0

  /// - Precondition: `capacity` is at least 1.
  @inlinable
  package init(capacity: Int) {
    precondition(capacity > 0, "capacity must be positive")
    self.capacity = capacity
    unsafe start = .allocate(capacity: capacity)
  }

  @inlinable
  deinit {
    unsafe start.deallocate()
  }

  @inlinable package var isEmpty: Bool { count == 0 }
  @inlinable package var indices: Range<Int> { 0..<count }

  /// - Complexity: O(1) amortised.
  @inlinable
  @inline(__always)
  package mutating func append(_ element: Element) {
    if count == capacity { grow() }
    unsafe (start + count).initialize(to: element)
    count &+= 1
  }

  @inlinable
  package subscript(index: Int) -> Element {
    @inline(__always) get {
      precondition(index >= 0 && index < count)
      return unsafe start[index]
    }
    @inline(__always) set {
      precondition(index >= 0 && index < count)
      unsafe start[index] = newValue
    }
  }

  @inlinable
  package var span: Span<Element> {
    @_lifetime(borrow self)
    get {
      let span = unsafe Span(_unsafeStart: start, count: count)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  /// A copy of all elements.
  package var elements: [Element] {
    var elements: [Element] = []
    elements.reserveCapacity(count)
    for index in indices { elements.append(self[index]) }
    return elements
  }

  /// Removes elements from the end, or appends copies of `element`, until there are `newCount`.
  ///
  /// - Precondition: `newCount` is not negative.
  @inlinable
  package mutating func resize(to newCount: Int, filling element: Element) {
    precondition(newCount >= 0, "count must not be negative")
    while capacity < newCount { grow() }
    if newCount > count {
      unsafe (start + count).initialize(repeating: element, count: newCount - count)
    }
    count = newCount
  }

  /// Removes the last `number` elements.
  @inlinable
  package mutating func removeLast(_ number: Int) {
    precondition(number >= 0 && number <= count)
    count &-= number
  }

  /// Empties the list and keeps its memory.
  @inlinable
  package mutating func removeAll() { count = 0 }

  @usableFromInline
  @inline(never)
  mutating func grow() {
    let wider = UnsafeMutablePointer<Element>.allocate(capacity: capacity * 2)
    unsafe wider.moveInitialize(from: start, count: count)
    unsafe start.deallocate()
    unsafe start = wider
    capacity *= 2
  }
}
