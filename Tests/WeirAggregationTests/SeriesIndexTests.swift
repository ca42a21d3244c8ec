import TestSupport
import Testing

@testable import WeirAggregation

@Suite("The index of series")
struct SeriesIndexTests {
  @Test(
    "finds the same rows as a dictionary, whatever is added and removed",
    // The fewer bits a hash has, the longer are the runs that a removal has to close.
    arguments: [64, 33, 8, 3, 0], [1, 2] as [UInt64])
  func model(hashBits: Int, seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var index = SeriesIndex()
    var model: [Int: UInt64] = [:]
    var rows = Array(0..<300)
    for round in 0..<3_000 {
      // Grows, then shrinks, then grows again.
      let grows = round % 1_000 < 500
      if grows == !generator.oneIn(4), !rows.isEmpty {
        let row = rows.remove(at: Int.random(in: rows.indices, using: &generator))
        // The kept half of the hash loses bits at its upper end, where its home comes from.
        let low = generator.next() & 0xFFFF_FFFF
        let hash =
          hashBits > 32
          ? generator.next() : (hashBits == 0 ? 0xFFFF_FFFF : low << UInt64(32 - hashBits))
        index.insert(row: row, hash: hash)
        model[row] = hash
      } else if let (row, hash) = model.sorted(by: { $0.key < $1.key }).first {
        index.remove(row: row, hash: hash)
        model[row] = nil
        rows.append(row)
      }
      if generator.oneIn(100) || round % 1_000 == 999 { expect(index, holds: model) }
    }
    for (row, hash) in model { index.remove(row: row, hash: hash) }
    #expect(index.count == 0)
    #expect(index.capacity == 16)
  }

  private func expect(_ index: borrowing SeriesIndex, holds model: [Int: UInt64]) {
    #expect(index.count == model.count)
    #expect(index.capacity <= max(16, model.count * 8))
    for (row, hash) in model where index.find(hash: hash, where: { $0 == row }) != row {
      Issue.record("row \(row) is not found")
    }
    for row in 0..<300 where model[row] == nil {
      for hash in Set(model.values) where index.find(hash: hash, where: { $0 == row }) != nil {
        Issue.record("row \(row) is found")
      }
    }
  }
}
