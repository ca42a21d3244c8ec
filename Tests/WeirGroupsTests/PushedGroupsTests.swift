import Testing
import WeirBytes
import WeirExposition
import WeirMetrics

@testable import WeirGroups

/// Groups with a clock that tests set.
final class GroupsHarness: Sendable {
  let groups: PushedGroups
  private let now: Locked<Double>

  init(_ limits: GroupLimits = GroupLimits(), names: @escaping PushedGroups.Names = { _, _ in nil })
  {
    let clock = SharedClock()
    now = Locked(0)
    groups = PushedGroups(limits: limits, names: names, seconds: { clock.seconds })
    self.clock = clock
  }

  let clock: SharedClock

  static func key(_ labels: [(String, String)]) -> GroupKey {
    GroupKey(labels.map { GroupKey.Label(Array($0.0.utf8), Array($0.1.utf8)) })
  }

  /// Pushes text; returns why it was refused.
  @discardableResult
  func push(_ text: String, _ labels: [(String, String)] = [("job", "j")], replaces: Bool = true)
    -> String?
  {
    let key = Self.key(labels)
    let read: Result<[PushedFamily], PushedBodyMistake>
    do throws(PushedBodyMistake) {
      read = .success(
        try PushedBody.read(
          Array(text.utf8), .text, labels: key.pushedLabels,
          limits: PushedBodyLimits(seriesMax: 100_000)))
    } catch {
      read = .failure(error)
    }
    do throws(PushedBodyMistake) {
      try groups.push(read, to: key, replaces: replaces)
      return nil
    } catch {
      return error.sentence
    }
  }

  /// The lines of a page without comments and without the times of groups.
  func lines(_ groups: PushedGroups? = nil) -> [String] {
    all(groups).filter { !$0.hasPrefix("push_") && !$0.hasPrefix("#") }
  }

  func all(_ groups: PushedGroups? = nil) -> [String] {
    var encoder = ExpositionEncoder(.text)
    for family in (groups ?? self.groups).page().families {
      encoder.beginFamily(FamilyHead(family.name, help: family.help, type: family.type))
      for series in family.series {
        PushedFamily.write(series, nameLength: family.name.count, into: &encoder) {
          BucketLabels($0)
        }
      }
    }
    return String(decoding: encoder.take(), as: UTF8.self).split(separator: "\n").map(String.init)
  }
}

final class SharedClock: Sendable {
  private let now = Locked(1_000.0)
  var seconds: Double {
    now.withLock { $0 }
  }
  func set(_ seconds: Double) { now.withLock { $0 = seconds } }
}

@Suite("Pushed groups")
struct PushedGroupsTests {
  private let harness = GroupsHarness()

  @Test("are replaced as a whole by one method and by name by the other")
  func methods() {
    #expect(harness.push("a 1\nb{x=\"1\"} 2\nb{x=\"2\"} 3\n") == nil)
    #expect(
      harness.lines() == [
        "a{instance=\"\",job=\"j\"} 1", "b{instance=\"\",job=\"j\",x=\"1\"} 2",
        "b{instance=\"\",job=\"j\",x=\"2\"} 3",
      ])
    #expect(harness.push("b{x=\"3\"} 4\nc 5\n", replaces: false) == nil)
    #expect(
      harness.lines() == [
        "a{instance=\"\",job=\"j\"} 1", "b{instance=\"\",job=\"j\",x=\"3\"} 4",
        "c{instance=\"\",job=\"j\"} 5",
      ])
    // Another group is left alone.
    #expect(harness.push("a 7\n", [("job", "j"), ("host", "h")]) == nil)
    #expect(harness.push("c 6\n") == nil)
    #expect(
      harness.lines() == [
        "a{host=\"h\",instance=\"\",job=\"j\"} 7", "c{instance=\"\",job=\"j\"} 6",
      ])
    // An empty push by name changes nothing but the time, and as a whole removes all.
    harness.clock.set(2_000)
    #expect(harness.push("", replaces: false) == nil)
    #expect(harness.lines().count == 2)
    #expect(harness.push("") == nil)
    #expect(harness.lines() == ["a{host=\"h\",instance=\"\",job=\"j\"} 7"])
    #expect(harness.all().contains("push_time_seconds{instance=\"\",job=\"j\"} 2000"))
    harness.groups.delete(GroupsHarness.key([("job", "j"), ("host", "h")]))
    harness.groups.delete(GroupsHarness.key([("job", "none")]))
    #expect(harness.lines() == [])
    #expect(harness.groups.totals.groups == 1)
    harness.groups.delete(GroupsHarness.key([("job", "j")]))
    #expect(harness.all() == [])
    #expect(harness.groups.totals == GroupTotals())
  }

  @Test("show when they were pushed to, and when that failed")
  func times() {
    harness.push("push_time_seconds 5\na 1\n")
    let succeeded = [
      "# HELP push_failure_time_seconds When metrics for this group were refused last.",
      "# TYPE push_failure_time_seconds gauge",
      "push_failure_time_seconds{instance=\"\",job=\"j\"} 0",
      "# HELP push_time_seconds When metrics were pushed to this group last.",
      "# TYPE push_time_seconds gauge", "push_time_seconds{instance=\"\",job=\"j\"} 1000",
    ]
    #expect(harness.all().filter { $0.contains("push_") } == succeeded)
    harness.clock.set(1_500)
    #expect(harness.push("a 1 5\n") != nil)
    // What can't be read changes nothing.
    harness.clock.set(1_600)
    #expect(harness.push("a") != nil)
    #expect(harness.push("# TYPE a counter\na -1\n", [("job", "k")]) != nil)
    let times = harness.all().filter { $0.hasPrefix("push_") }
    #expect(
      times == [
        "push_failure_time_seconds{instance=\"\",job=\"j\"} 1500",
        "push_failure_time_seconds{instance=\"\",job=\"k\"} 1600",
        "push_time_seconds{instance=\"\",job=\"j\"} 1000",
        "push_time_seconds{instance=\"\",job=\"k\"} 0",
      ])
    #expect(harness.lines() == ["a{instance=\"\",job=\"j\"} 1"])
  }

  @Test("show the last help of a name that is not empty")
  func help() {
    let harness = GroupsHarness()
    func help() -> [String] { harness.all().filter { $0.hasPrefix("# HELP a ") } }
    harness.push("# HELP a First.\n# TYPE a gauge\na 1\n")
    harness.push("# TYPE a gauge\na 1\n", [("job", "k")])
    #expect(help() == ["# HELP a First."])
    harness.push("# HELP a Third.\n# TYPE a gauge\na 1\n", [("job", "l")])
    #expect(help() == ["# HELP a Third."])
    // The first group has none any more, and the others still have the name.
    harness.push("# TYPE a gauge\na 2\n")
    #expect(help() == ["# HELP a Third."])
  }

  @Test("have one type for each name and no series twice, or a push is refused as a whole")
  func conflicts() {
    let other = [("job", "j"), ("instance", "i")]
    #expect(harness.push("# TYPE a gauge\na 1\n") == nil)
    let before = harness.lines()
    #expect(
      harness.push("b 2\n# TYPE a counter\na 2\n", other)
        == "a has the type counter here, and gauge in another group")
    #expect(
      harness.push("b 2\n# TYPE a gauge\na 2\n# TYPE c gauge\nc{instance=\"i\"} 1\n", other) == nil)
    #expect(
      harness.push("# TYPE c gauge\nc{instance=\"i\"} 1\n")
        == "the group {instance=\"i\",job=\"j\"} has the series c{instance=\"i\",job=\"j\"} already"
    )
    #expect(Set(before).isSubset(of: harness.lines()))
    // The only group of a name may change its type.
    #expect(
      harness.push("# TYPE a counter\na 1\n")
        == "a has the type counter here, and gauge in another group"
    )
    harness.groups.delete(GroupsHarness.key(other))
    #expect(harness.push("# TYPE a counter\na 1\n") == nil)
    #expect(harness.all().contains("# TYPE a counter"))
    #expect(harness.push("# TYPE h histogram\nh_sum 1\n", [("job", "j"), ("le", "1")]) != nil)
    #expect(harness.push("# TYPE s summary\ns_sum 1\n", [("job", "j"), ("quantile", "1")]) != nil)
  }

  @Test("take and give back names once, however many groups have them")
  func names() {
    let log = Locked<[String]>([])
    let harness = GroupsHarness(names: { released, taken in
      let text =
        released.map { "-" + String(decoding: $0, as: UTF8.self) }
        + taken.map { "+\($0.type) " + String(decoding: $0.name, as: UTF8.self) }
      if taken.contains(where: { $0.name.elementsEqual("bad".utf8) }) { return "bad is taken" }
      log.withLock { $0 = text.sorted() }
      return nil
    })
    func last() -> [String] {
      log.withLock { last in
        defer { last = [] }
        return last
      }
    }
    harness.push("a 1\n")
    #expect(
      last() == ["+gauge push_failure_time_seconds", "+gauge push_time_seconds", "+unknown a"])
    harness.push("a 1\n", [("job", "k")])
    #expect(last() == [])
    harness.push("b 1\n")
    #expect(last() == ["+unknown b"])
    harness.push("# TYPE b gauge\nb 1\n", [("job", "k")])
    #expect(last() == [])
    harness.push("c 1\n", [("job", "k")])
    #expect(last() == ["+unknown c", "-a"])
    harness.push("# TYPE c gauge\nc 1\n", [("job", "k")])
    #expect(last() == ["+gauge c", "-c"])
    let before = harness.lines()
    #expect(harness.push("bad 1\nfine 1\n", [("job", "k")]) == "bad is taken")
    #expect(harness.lines() == before)
    harness.groups.delete(GroupsHarness.key([("job", "k")]))
    #expect(last() == ["-c"])
  }

  @Test("are bounded, and what does not grow is always taken")
  func limits() {
    var limits = GroupLimits()
    limits.groupsMax = 2
    limits.seriesMax = 10
    limits.bytesMax = 20_000
    let harness = GroupsHarness(limits)
    #expect(harness.push("a 1\n") == nil)
    #expect(harness.push("a 1\n", [("job", "k")]) == nil)
    #expect(
      harness.push("a 1\n", [("job", "l")])
        == "there are as many groups as --limit.pushgateway-groups allows, 2; delete some first")
    let many = (0..<5).map { "b{x=\"\($0)\"} 1\n" }.joined()
    #expect(harness.push(many) == nil)
    #expect(harness.groups.totals.series == 10)
    #expect(
      harness.push(many + "c 1\n")
        == "all groups would have more series than --limit.pushgateway-series allows, 10; delete some "
        + "first")
    #expect(harness.push(many) == nil)
    let long = "d{x=\"\(String(repeating: "y", count: 4_000))\"} 1\n"
    #expect(harness.push(long) == nil)
    let longer = "# HELP d \(String(repeating: "z", count: 20_000))\n" + long
    #expect(
      harness.push(longer)
        == "all groups would have more bytes than --limit.pushgateway-bytes allows, 20000; delete some "
        + "first")
  }

  @Test("count at least the bytes of what they show, and of what the state file has of them")
  func bytes() {
    let label = String(repeating: "x", count: 3_000)
    let buckets = (0..<200).map { "h_bucket{l=\"\(label)\",le=\"\($0)\"} 1.5e-300\n" }.joined()
    let quantiles = (0..<16).map { "s{l=\"\(label)\",quantile=\"0.\($0)1\"} 1.5e-300\n" }.joined()
    let help = String(repeating: "\\n", count: 5_000)
    for body in [
      "# TYPE h histogram\n" + buckets, "# TYPE s summary\n" + quantiles, "# HELP a \(help)\na 1\n",
    ] {
      let harness = GroupsHarness()
      #expect(harness.push(body) == nil)
      #expect(harness.groups.totals.bytes > harness.groups.all()[0].count)
    }
    var limits = GroupLimits()
    limits.bytesMax = 600_000
    #expect(
      GroupsHarness(limits).push("# TYPE h histogram\n" + buckets)
        == "all groups would have more bytes than --limit.pushgateway-bytes allows, 600000; delete some "
        + "first")
  }

  @Test("go after their lifetime, if they have one")
  func lifetime() {
    var limits = GroupLimits()
    limits.lifetimeSeconds = 100
    let harness = GroupsHarness(limits)
    harness.push("a 1\n")
    harness.clock.set(1_090)
    harness.push("a 1\n", [("job", "k")])
    harness.clock.set(1_100)
    #expect(harness.lines().count == 2)
    harness.clock.set(1_101)
    #expect(harness.lines() == ["a{instance=\"\",job=\"k\"} 1"])
    harness.clock.set(1_191)
    #expect(harness.all() == [])
  }
}
