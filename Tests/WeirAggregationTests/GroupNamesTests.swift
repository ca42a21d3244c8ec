import Synchronization
import Testing
import WeirMetrics

@testable import WeirAggregation

@Suite("Names of pushed groups")
struct GroupNamesTests {
  private func group(_ name: String, _ type: FamilyType) -> GroupName {
    GroupName(Array(name.utf8), type)
  }

  @Test("are all taken, or none")
  func whole() throws {
    let aggregator = Aggregator()
    let refused = aggregator.exchangeGroupNames(
      released: [], taken: [group("a", .gauge), group("up", .gauge)])
    #expect(refused == "the name up is Weir's own, or Prometheus' own")
    // The first was not taken either.
    #expect(
      aggregator.exchangeGroupNames(released: [], taken: [group("a", .counter)]) == nil)
    #expect(
      aggregator.exchangeGroupNames(
        released: [Array("a".utf8)], taken: [group("a", .gauge), group("weir_x", .gauge)]) != nil)
    // It is still a counter.
    #expect(
      aggregator.exchangeGroupNames(released: [], taken: [group("a_sum", .gauge)]) == nil)
    #expect(
      aggregator.exchangeGroupNames(
        released: [Array("a".utf8)], taken: [group("a", .histogram)])
        == "a and a_sum can't be on one page: one of them is the name of a sample of the other")
    #expect(
      aggregator.exchangeGroupNames(
        released: [Array("a".utf8), Array("a_sum".utf8)], taken: [group("a", .histogram)]) == nil)
  }

  @Test("raise the epoch when they are given back, because a line may be accepted now")
  func epoch() {
    let aggregator = Aggregator()
    _ = aggregator.exchangeGroupNames(released: [], taken: [group("a", .gauge)])
    let before = aggregator.admissionEpoch.load(ordering: .relaxed)
    _ = aggregator.exchangeGroupNames(released: [Array("a".utf8)], taken: [])
    #expect(aggregator.admissionEpoch.load(ordering: .relaxed) == before + 1)
  }

  @Test(
    "may be a histogram's and its creation's, in any order",
    arguments: [["h", "h_created"], ["h_created", "h"]])
  func created(names: [String]) {
    let aggregator = Aggregator()
    let groups = names.map { group($0, $0 == "h" ? .histogram : .gauge) }
    #expect(aggregator.exchangeGroupNames(released: [], taken: groups) == nil)
    #expect(
      aggregator.exchangeGroupNames(released: [], taken: [group("h_bucket", .gauge)]) != nil)
    // Pages leave out a gauge only.
    for type in [FamilyType.counter, .unknown, .summary] {
      let other = names.map { group($0, $0 == "h" ? .histogram : type) }
      #expect(Aggregator().exchangeGroupNames(released: [], taken: other) != nil)
    }
  }
}
