import TestSupport
import Testing

@testable import WeirBytes

@Suite("A column")
struct ColumnTests {
  @Test("behaves like an array", arguments: 1..<6)
  func array(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var column = Column<UInt32>(capacity: 1)
    var array: [UInt32] = []
    for _ in 0..<2_000 {
      switch Int.random(in: 0..<20, using: &generator) {
      case 0:
        column.removeAll()
        array.removeAll()
      case 1:
        let count = Int.random(in: 0...array.count, using: &generator)
        column.removeLast(count)
        array.removeLast(count)
      case 2:
        let count = Int.random(in: 0..<60, using: &generator)
        column.resize(to: count, filling: 7)
        array =
          Array(array.prefix(count)) + [UInt32](repeating: 7, count: max(0, count - array.count))
      case 3 where !array.isEmpty:
        let index = Int.random(in: array.indices, using: &generator)
        column[index] = 9
        array[index] = 9
      default:
        let element = UInt32.random(in: 0...100, using: &generator)
        column.append(element)
        array.append(element)
      }
      let (elements, count, isEmpty) = (column.elements, column.count, column.isEmpty)
      #expect(elements == array && count == array.count && isEmpty == array.isEmpty)
    }
    let last = column.span.count
    #expect(last == array.count)
  }

  @Test("checks its bounds")
  func bounds() async {
    await #expect(processExitsWith: .failure) {
      var column = Column<Int>(capacity: 4)
      column.append(1)
      column[1] = 2
    }
    await #expect(processExitsWith: .failure) {
      var column = Column<Int>(capacity: 4)
      column.append(1)
      column.removeLast(2)
    }
  }
}
