import TestSupport
import Testing
import WeirMetrics

@testable import WeirAggregation

@Suite("The catalog")
struct CatalogTests {
  @Test(
    "is in the order of a full sort after every update", arguments: [1, 2] as [UInt64], [1, 8])
  func order(seed: UInt64, shards: Int) {
    var generator = SeededGenerator(seed: seed)
    let aggregator = Aggregator(shards: shards)
    var ingest = Ingest(aggregator)
    var catalog = Catalog()
    let names = ["a", "aa", "a_b", "a_", "B", "b", "_", "z", "ab", "a1"]
    for _ in 0..<25 {
      let lines = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
        let index = Int.random(in: names.indices, using: &generator)
        let tag = generator.pick([
          "", "|#k:\(Int.random(in: 0..<30, using: &generator))", "|#k:é", "|#j:1,k:2", "|#kk:\"",
        ])
        return "\(names[index]):1|\(["c", "g", "h", "s"][index % 4])\(tag)"
      }
      ingest.apply(lines)
      catalog.update(from: aggregator)
      expectSorted(catalog, aggregator)
    }
    #expect(ingest.totals.refused.isEmpty)
    var afresh = Catalog()
    afresh.update(from: aggregator)
    #expect(afresh.families.map(\.name) == catalog.families.map(\.name))
    #expect(afresh.families.map(\.series) == catalog.families.map(\.series))
    catalog.update(from: aggregator)
    expectSorted(catalog, aggregator)
  }

  @Test("of nothing is empty")
  func empty() {
    var catalog = Catalog()
    catalog.update(from: Aggregator())
    #expect(catalog.families.isEmpty)
  }

  private func expectSorted(_ catalog: Catalog, _ aggregator: Aggregator) {
    let names = catalog.families.map(\.name)
    #expect(names == names.sorted { $0.lexicographicallyPrecedes($1) })
    #expect(Set(names).count == names.count)
    var seen = 0
    for family in catalog.families {
      let spellings = aggregator.spellings(of: family).map { Array($0.utf8) }
      #expect(!spellings.isEmpty)
      #expect(spellings == spellings.sorted { $0.lexicographicallyPrecedes($1) })
      #expect(Set(spellings).count == spellings.count)
      for spelling in spellings {
        #expect(Array(spelling.prefix { $0 != UInt8(ascii: "{") }) == family.name)
      }
      seen += spellings.count
    }
    #expect(seen == MetricKind.allCases.reduce(0) { $0 + aggregator.counts().series($1) })
  }
}
