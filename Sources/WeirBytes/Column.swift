// Safety: `start` is allocated for `capacity` elements and freed once, in `deinit` or when it is
// replaced; the first `count` are initialised. Every index is compared with `count` before use.
// Elements are plain bytes, so that nothing needs to be destroyed.

/// A list of plain values that one owner appends to and empties again, batch after batch.
///
/// It can't be copied. So an append is a comparison and a store, where an array's also asks each
/// time whether somebody shares its memory.
@usableFromInline
@safe
package struct Column<Element: BitwiseCopyable>: ~Copyable {
  @usableFromInline var start: UnsafeMutablePointer<Element>
  @usableFromInline var capacity: Int
  @usableFromInline package var count = 0

  /// - Precondition: room for one element at least.
  @inlinable
  package init(capacity: Int) {
    precondition(capacity > 0)
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

  /// Leaves `newCount` elements; those that there were not before are `element`.
  @inlinable
  package mutating func resize(to newCount: Int, filling element: Element) {
    while capacity < newCount { grow() }
    if newCount > count {
      unsafe (start + count).initialize(repeating: element, count: newCount - count)
    }
    count = newCount
  }

  /// Takes the last `number` elements away.
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
