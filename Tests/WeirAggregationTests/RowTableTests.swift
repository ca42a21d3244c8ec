import TestSupport
import Testing

@testable import WeirAggregation

@Suite("A table of rows")
struct RowTableTests {
  @Test(
    "keeps the values of each series, and accepts no old lease",
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
    #expect(table.count <= most + table.rowsPerChunk)
    for tenant in tenants { table.free(tenant.lease.row) }
    #expect(table.count == 0 && table.chunksHeld == 0)
  }

  @Test("gives back empty chunks, also in the middle, and allocates them again")
  func chunks() {
    var table = RowTable(width: 2)
    var leases = (0..<5 * table.rowsPerChunk).map { _ in table.take(tick: 7) }
    #expect(table.chunksHeld == 5)
    let old = Array(leases[table.rowsPerChunk..<3 * table.rowsPerChunk])
    for lease in old { table.free(lease.row) }
    #expect(table.chunksHeld == 3)
    #expect(table.count == 5 * table.rowsPerChunk)
    for lease in old { #expect(!table.life(lease.row).isLive) }
    leases = old.map { _ in table.take(tick: 8) }
    #expect(Set(leases.map(\.row)) == Set(old.map(\.row)))
    for (lease, before) in zip(leases, leases.map { new in old.first { $0.row == new.row }! }) {
      #expect(lease.generation != before.generation)
    }
    #expect(table.chunksHeld == 5)
    for row in (table.rowsPerChunk..<5 * table.rowsPerChunk).reversed() { table.free(row) }
    #expect(table.chunksHeld == 1)
    #expect(table.count == table.rowsPerChunk)
  }

  @Test("takes little memory for few rows, and no more than a chunk of a few KiB for wide ones")
  func sizes() {
    for (width, rows) in [(4, 256), (19, 256), (20, 256), (21, 128), (204, 16), (4_000, 8)] {
      #expect(RowTable(width: width).rowsPerChunk == rows, "\(width)")
    }
    // The first chunk grows while it is the only one. Its content is moved.
    var table = RowTable(width: 204)
    var leases: [RowLease] = []
    for round in 0..<40 {
      let lease = table.take(tick: UInt32(round))
      var cells = table.row(lease.row)
      for cell in 1..<204 { cells[cell] = Double(round * 1_000 + cell) }
      leases.append(lease)
    }
    #expect(table.chunksHeld == 3 && Set(leases.map(\.row)).count == 40)
    for (round, lease) in leases.enumerated() {
      #expect(table.life(lease.row) == RowLife(generation: lease.generation, tick: UInt32(round)))
      for cell in 1..<204 where table.cell(cell, of: lease.row) != Double(round * 1_000 + cell) {
        Issue.record("row \(lease.row), cell \(cell)")
      }
    }
    // Without a row in use no memory is held, and no old lease becomes valid.
    for lease in leases { table.free(lease.row) }
    #expect(table.chunksHeld == 0 && table.count == 0)
    for _ in 0..<40 {
      let lease = table.take(tick: 0)
      #expect(!leases.contains(lease))
    }
  }

  @Test("can read rows of a first chunk that was given back while there were others")
  func firstChunk() {
    var table = RowTable(width: 204)
    var leases = (0..<32).map { _ in table.take(tick: 1) }
    for lease in leases.prefix(16) { table.free(lease.row) }
    #expect(table.chunksHeld == 1 && table.count == 32)
    for row in 0..<16 { #expect(!table.life(row).isLive) }
    leases = leases.suffix(16) + [table.take(tick: 2)]
    #expect(leases[16].row < 16 && table.chunksHeld == 2)
    for row in 0..<16 { #expect(table.life(row).isLive == (row == leases[16].row)) }
    for lease in leases { table.free(lease.row) }
    #expect(table.chunksHeld == 0)
  }

  @Test("takes rows of the chunks that are left once the last one was given back")
  func lastChunk() {
    var table = RowTable(width: 204)
    let rows = table.rowsPerChunk
    let leases = (0..<3 * rows).map { _ in table.take(tick: 1) }
    table.free(leases[rows + 3].row)
    for lease in leases.suffix(rows) { table.free(lease.row) }
    #expect(table.chunksHeld == 2 && table.count == 2 * rows)
    #expect(table.take(tick: 2).row == leases[rows + 3].row)
    #expect(table.take(tick: 2).row == 2 * rows && table.chunksHeld == 3)
  }
}
