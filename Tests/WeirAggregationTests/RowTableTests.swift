import TestSupport
import Testing

@testable import WeirAggregation

@Suite("A table of rows")
struct RowTableTests {
  @Test(
    "keeps each tenant's values, and lets nobody in under an old lease",
    arguments: [2, 4, 19], [1, 2] as [UInt64])
  func model(width: Int, seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var table = RowTable(width: width)
    var tenants: [(lease: RowLease, value: Double)] = []
    var former: [RowLease] = []
    var most = 0
    for round in 0..<12_000 {
      if generator.oneIn(round % 4_000 < 2_000 ? 4 : 2), !tenants.isEmpty {
        let tenant = tenants.remove(at: Int.random(in: tenants.indices, using: &generator))
        table.free(tenant.lease.row)
        former.append(tenant.lease)
      } else {
        let lease = table.take(tick: UInt32(round))
        #expect(table.life(lease.row) == RowLife(generation: lease.generation, tick: UInt32(round)))
        var cells = table.row(lease.row)
        for cell in 1..<width where cells[cell] != 0 { Issue.record("a row is not empty") }
        for cell in 1..<width { cells[cell] = Double(round) }
        tenants.append((lease, Double(round)))
      }
      most = max(most, tenants.count)
    }
    for tenant in tenants {
      #expect(table.life(tenant.lease.row).generation == tenant.lease.generation)
      for cell in 1..<width where table.cell(cell, of: tenant.lease.row) != tenant.value {
        Issue.record("\(tenant) has lost its values")
      }
    }
    for lease in former {
      if lease.row < table.count && table.life(lease.row).generation == lease.generation {
        Issue.record("\(lease) is not void")
      }
    }
    let lives = (0..<table.count).filter { table.life($0).isLive }
    #expect(Set(lives) == Set(tenants.map(\.lease.row)))
    #expect(table.count <= most + RowTable.rowsPerChunk)
    for tenant in tenants { table.free(tenant.lease.row) }
    #expect(table.count == 0 && table.chunksHeld == 0)
  }

  @Test("gives back chunks that stand empty, in the middle too, and takes them again")
  func chunks() {
    var table = RowTable(width: 2)
    var leases = (0..<5 * RowTable.rowsPerChunk).map { _ in table.take(tick: 7) }
    #expect(table.chunksHeld == 5)
    let old = Array(leases[RowTable.rowsPerChunk..<3 * RowTable.rowsPerChunk])
    for lease in old { table.free(lease.row) }
    #expect(table.chunksHeld == 3)
    #expect(table.count == 5 * RowTable.rowsPerChunk)
    for lease in old { #expect(!table.life(lease.row).isLive) }
    leases = old.map { _ in table.take(tick: 8) }
    #expect(Set(leases.map(\.row)) == Set(old.map(\.row)))
    for (lease, before) in zip(leases, leases.map { new in old.first { $0.row == new.row }! }) {
      #expect(lease.generation != before.generation)
    }
    #expect(table.chunksHeld == 5)
    for row in (RowTable.rowsPerChunk..<5 * RowTable.rowsPerChunk).reversed() { table.free(row) }
    #expect(table.chunksHeld == 1)
    #expect(table.count == RowTable.rowsPerChunk)
  }
}
