// Safety: `tables` points to `capacity` places of which the first `count` are initialised. It is owned by
// this type alone, and freed once, in `deinit` or when it is replaced. An index into it is below `count`:
// `subscript` checks it.

import WeirMetrics

/// The tables of a shard, found by the number of their class.
@safe
struct ClassTables: ~Copyable {
  private var tables: UnsafeMutablePointer<ClassTable>
  private var capacity: Int
  /// One more than the greatest class number that has a table.
  private(set) var count = 0
  private let countsGaugeSettings: Bool

  init(countsGaugeSettings: Bool = false) {
    self.countsGaugeSettings = countsGaugeSettings
    capacity = 8
    unsafe tables = .allocate(capacity: capacity)
  }

  deinit {
    unsafe tables.deinitialize(count: count)
    unsafe tables.deallocate()
  }

  var indices: Range<Int> { 0..<count }

  /// The table of a class.
  ///
  /// - Precondition: the shard has had a series of this class, or of one with a greater number.
  subscript(classID: ClassID) -> ClassTable {
    @inline(__always) unsafeAddress {
      precondition(classID.index < count)
      return unsafe UnsafePointer(tables + classID.index)
    }
    @inline(__always) unsafeMutableAddress {
      precondition(classID.index < count)
      return unsafe tables + classID.index
    }
  }

  /// Makes sure that the table of a class exists and has this class.
  ///
  /// A class number is given to another class when no series of the old class is left. Then the old
  /// table is empty, and is changed.
  mutating func prepare(_ numbered: NumberedClass) {
    let classID = numbered.id
    if classID.index >= capacity { grow(to: max(classID.index + 1, capacity * 2)) }
    while count <= classID.index {
      let table = ClassTable(numbered, countsGaugeSettings: countsGaugeSettings)
      unsafe (tables + count).initialize(to: table)
      count += 1
    }
    if self[classID].serial != numbered.serial { self[classID].reset(to: numbered) }
  }

  private mutating func grow(to newCapacity: Int) {
    let grown = UnsafeMutablePointer<ClassTable>.allocate(capacity: newCapacity)
    unsafe grown.moveInitialize(from: tables, count: count)
    unsafe tables.deallocate()
    unsafe tables = grown
    capacity = newCapacity
  }
}
