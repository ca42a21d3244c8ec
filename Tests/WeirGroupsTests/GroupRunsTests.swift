import TestSupport
import Testing
import WeirMetrics

@testable import WeirGroups

@Suite("The runs of a job")
struct GroupRunsTests {
  private let harness: GroupsHarness

  init() {
    var limits = GroupLimits()
    limits.addsUp = true
    harness = GroupsHarness(limits)
  }

  private func push(_ start: Int?, _ text: String, replaces: Bool = true) -> String? {
    let head = start.map {
      "# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds \($0)\n"
    }
    return harness.push((head ?? "") + text, replaces: replaces)
  }

  private func value(_ name: String) -> Double? {
    harness.lines().first { $0.hasPrefix(name + "{") }
      .flatMap { Double($0.split(separator: " ").last ?? "") }
  }

  private static let counter = "# TYPE c counter\nc "

  @Test("are added up: counters and histograms; of everything else the last value counts")
  func sum() {
    let text = { (count: Int) in
      """
      # TYPE c counter
      c \(count)
      # TYPE g gauge
      g \(count)
      # TYPE h histogram
      h_bucket{le="1"} \(count)
      h_bucket{le="+Inf"} \(2 * count)
      h_sum \(3 * count)
      h_count \(2 * count)
      # TYPE s summary
      s_sum \(count)
      s_count \(count)

      """
    }
    for (start, count) in [(1, 5), (2, 7), (1, 6), (3, 1), (2, 7)] {
      #expect(push(start, text(count)) == nil)
    }
    #expect(value("c") == 14)
    #expect(value("g") == 7)
    #expect(
      harness.lines().filter { $0.hasPrefix("h_") } == [
        "h_bucket{instance=\"\",job=\"j\",le=\"1.0\"} 14",
        "h_bucket{instance=\"\",job=\"j\",le=\"+Inf\"} 28", "h_sum{instance=\"\",job=\"j\"} 42",
        "h_count{instance=\"\",job=\"j\"} 28",
      ])
    #expect(value("s_sum") == 7)
    #expect(value("process_start_time_seconds") == 2)
  }

  @Test("keep what others have counted when they have no such series, and replace only their own")
  func replacing() {
    #expect(push(1, "# TYPE c counter\nc{x=\"1\"} 1\n# TYPE d counter\nd 5\n") == nil)
    #expect(push(2, "# TYPE c counter\nc{x=\"2\"} 2\n") == nil)
    #expect(
      harness.lines().filter { !$0.hasPrefix("process") } == [
        "c{instance=\"\",job=\"j\",x=\"1\"} 1", "c{instance=\"\",job=\"j\",x=\"2\"} 2",
        "d{instance=\"\",job=\"j\"} 5",
      ])
    #expect(push(2, "# TYPE d counter\nd 1\n", replaces: false) == nil)
    #expect(value("d") == 6)
    #expect(push(2, "# TYPE d counter\nd 2\n") == nil)
    #expect(value("d") == 7)
    #expect(harness.lines().filter { $0.hasPrefix("c{") }.count == 1)
    harness.groups.delete(GroupsHarness.key([("job", "j")]))
    #expect(push(3, "# TYPE d counter\nd 2\n") == nil)
    #expect(value("d") == 2)
  }

  @Test("without a start are one run")
  func nameless() {
    #expect(push(nil, Self.counter + "5\n") == nil)
    #expect(push(nil, Self.counter + "7\n") == nil)
    #expect(push(1, Self.counter + "1\n") == nil)
    #expect(push(nil, Self.counter + "8\n") == nil)
    #expect(value("c") == 9)
  }

  @Test("are refused if they can't be added up")
  func refused() {
    let histogram = { (bound: Int) in
      "# TYPE h histogram\nh_bucket{le=\"\(bound)\"} 1\nh_count 1\n"
    }
    #expect(push(1, Self.counter + "5\n" + histogram(1)) == nil)
    #expect(
      push(2, histogram(2))
        == "the histogram h had other bounds in an earlier run of this group; delete the group first"
    )
    #expect(
      push(2, "# TYPE c gauge\nc 1\n")
        == "c had another type in an earlier run of this group; delete the group first")
    #expect(value("c") == 5)
    // Its own earlier push is replaced.
    #expect(push(1, Self.counter + "5\n" + histogram(2)) == nil)
  }

  @Test("give the same sum in any order, however many there are", arguments: 1...5)
  func oracle(seed: Int) {
    var generator = SeededGenerator(seed: UInt64(seed))
    var counts: [Int: Int] = [:]
    var last: [Int] = []
    var folded: Set<Int> = []
    for _ in 0..<400 {
      let start = generator.oneIn(3) ? Int.random(in: 0...60, using: &generator) : last.last ?? 0
      let count = counts[start, default: 0] + Int.random(in: 0...5, using: &generator)
      let answer = push(start, Self.counter + "\(count)\n", replaces: generator.oneIn(2))
      guard !folded.contains(start) else {
        #expect(answer != nil)
        continue
      }
      #expect(answer == nil)
      counts[start] = count
      last.removeAll { $0 == start }
      last.append(start)
      if last.count > GroupRuns.runsMax { folded.insert(last.removeFirst()) }
      #expect(value("c") == Double(counts.values.reduce(0, +)))
    }
    #expect(!folded.isEmpty)
  }
}
