import TestSupport
import Testing
import WeirMetrics

@testable import WeirGroups

@Suite("Groups in the state file")
struct GroupCodecTests {
  private let limits: GroupLimits = {
    var limits = GroupLimits()
    limits.addsUp = true
    return limits
  }()

  private func fill(_ harness: GroupsHarness) {
    let text = """
      # HELP c Counts "it"\\\\ and\\nmore.
      # TYPE c counter
      c{x="a\\"b\\\\\\n"} 5.25
      # TYPE g gauge
      g NaN
      u -Inf
      # TYPE h histogram
      h_bucket{le="0.1"} 3
      h_bucket{le="1e+06"} 4
      h_bucket{le="+Inf"} 9
      h_sum -0.5
      h_count 9
      # TYPE s summary
      s{quantile="0.5"} NaN
      s{quantile="0.99"} 3
      s_sum 1
      s_count 2

      """
    for start in 1...20 {
      let head = "# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds \(start)\n"
      #expect(harness.push(head + text, [("job", "a/b é\"\\"), ("empty", "")]) == nil)
    }
    #expect(harness.push(text, [("job", "k")]) == nil)
    harness.clock.set(1_700_000_000.125)
    #expect(harness.push("a 1 1\n", [("job", "l")]) != nil)
  }

  @Test("come back as they were, with their runs")
  func roundTrip() {
    let first = GroupsHarness(limits)
    fill(first)
    let second = GroupsHarness(limits)
    first.groups.markAll()
    let payloads = first.groups.takeChanged()
    #expect(payloads.count == 3)
    for payload in payloads {
      #expect(second.groups.restore(payload, limits: SeriesLimits()))
    }
    #expect(second.all() == first.all())
    #expect(second.groups.totals == first.groups.totals)
    #expect(
      second.groups.all().sorted(by: { $0.lexicographicallyPrecedes($1) })
        == payloads.sorted(by: { $0.lexicographicallyPrecedes($1) }))
    // A run goes on, and one that became part of the sum is known.
    let again = { (start: Int) in
      "# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds \(start)\n"
        + "# TYPE c counter\nc{x=\"new\"} 1\n"
    }
    for harness in [first, second] {
      harness.clock.set(1_700_000_001)
      let key = [("job", "a/b é\"\\"), ("empty", "")]
      #expect(harness.push(again(20), key, replaces: false) == nil)
      #expect(harness.push(again(2), key) != nil)
    }
    #expect(second.all() == first.all())
  }

  @Test("show the sum where runs are not added up any more, and the next push replaces it")
  func withoutRuns() throws {
    let first = GroupsHarness(limits)
    fill(first)
    let second = GroupsHarness()
    for payload in first.groups.all() {
      #expect(second.groups.restore(payload, limits: SeriesLimits()))
    }
    #expect(second.all() == first.all())
    // The runs are forgotten.
    #expect(second.groups.totals.series == first.groups.totals.series)
    #expect(second.groups.totals.bytes < first.groups.totals.bytes)
    #expect(second.push("# TYPE c counter\nc 1\n", [("job", "k")]) == nil)
    #expect(second.lines().contains("c{instance=\"\",job=\"k\"} 1"))
  }

  @Test("are written when they have changed")
  func changes() {
    let harness = GroupsHarness()
    harness.push("a 1\n")
    harness.push("a 1\n", [("job", "k")])
    // Nobody has asked for them yet, as without a state.
    #expect(harness.groups.takeChanged().isEmpty)
    harness.groups.markAll()
    #expect(harness.groups.takeChanged().count == 2)
    #expect(harness.groups.takeChanged().isEmpty)
    harness.push("a 2\n")
    #expect(harness.groups.takeChanged().count == 1)
    harness.groups.delete(GroupsHarness.key([("job", "k")]))
    let removed = harness.groups.takeChanged()
    #expect(removed.count == 1)
    #expect(removed.first?.last == 0)
    #expect(!harness.groups.restore(removed[0], limits: SeriesLimits()))
    harness.groups.markAll()
    #expect(harness.groups.takeChanged().count == 1)
  }

  @Test("that are damaged or beyond a limit do not come back", arguments: 1...4)
  func damage(seed: Int) throws {
    let harness = GroupsHarness(limits)
    fill(harness)
    var generator = SeededGenerator(seed: UInt64(seed))
    for payload in harness.groups.all() {
      for end in stride(from: 0, to: payload.count, by: 137) {
        #expect(
          !GroupsHarness(limits).groups.restore(Array(payload[..<end]), limits: SeriesLimits()))
      }
      for _ in 0..<100 {
        var changed = payload
        let place = Int.random(in: changed.indices, using: &generator)
        changed[place] = UInt8.random(in: 0...255, using: &generator)
        let other = GroupsHarness(limits)
        // It crashes nothing, and what comes back can be shown.
        if other.groups.restore(changed, limits: SeriesLimits()) { _ = other.all() }
      }
    }
    var short = SeriesLimits()
    short.nameBytesMax = 3
    let payload = try #require(harness.groups.all().first { $0.count > 200 })
    #expect(!GroupsHarness(limits).groups.restore(payload, limits: short))
  }
}
