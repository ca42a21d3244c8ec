import TestSupport
import Testing
import WeirBytes
import WeirMetrics

@testable import WeirAggregation

@Suite("The registry of names")
struct FamilyRegistryTests {
  private static let hash = KeyedHash(firstKey: 1, secondKey: 2)

  private func series(_ name: String, _ labels: String, _ kind: MetricKind) -> NewSeries {
    NewSeries(
      name: HashedName(name.utf8, Self.hash), kind: kind, hasLabels: !labels.isEmpty,
      bytes: name.utf8.count + labels.utf8.count)
  }

  private func registry(_ limits: SeriesLimits) -> FamilyRegistry {
    FamilyRegistry(
      limits: limits, rules: .all(bounds: HistogramBounds(upper: [1, 2])),
      hash: Self.hash)
  }

  private func denial(_ admission: Result<ClassID, Denial>) -> Denial? {
    if case .failure(let denial) = admission { denial } else { nil }
  }

  @Test(
    "has released everything after all series are gone, in any order",
    arguments: [SeriesLimits.Overflow.refuse, .series], [1, 2, 3] as [UInt64])
  func release(overflow: SeriesLimits.Overflow, seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var limits = SeriesLimits()
    limits.overflow = overflow
    limits.seriesMax = 30
    limits.seriesPerNameMax = 6
    limits.setsMax = 5
    limits.namesMax = 7
    limits.exposedBytesMax = 3_000
    var registry = registry(limits)
    registry.reserve(Array("n0".utf8), kind: .counter)
    // With the labels of each admitted series; none for the overflow series.
    var held: [(series: NewSeries, isOverflow: Bool)] = []
    var overflowing: Set<String> = []
    for _ in 0..<4 {
      for _ in 0..<200 {
        if generator.oneIn(3), !held.isEmpty {
          let gone = held.remove(at: Int.random(in: held.indices, using: &generator))
          if gone.isOverflow {
            overflowing.remove(String(decoding: gone.series.name.bytes, as: UTF8.self))
          }
          registry.release(gone.series, isOverflow: gone.isOverflow)
          continue
        }
        let index = Int.random(in: 0..<10, using: &generator)
        let (name, kind) = ("n\(index)", MetricKind.allCases[index % 4])
        let new = series(name, generator.pick(["{k}", "{kk}", "{kkkkkk}"]), kind)
        let admission = registry.admit(new)
        if denial(admission) == nil {
          held.append((new, false))
        } else if !overflowing.contains(name) || generator.oneIn(4),
          // If there is one already, it has expired and is still to be released.
          registry.admitOverflow(for: new) != nil
        {
          overflowing.insert(name)
          held.append((new, true))
        }
        for (limit, used) in registry.used { #expect(used <= limits[limit]) }
      }
      #expect(overflow == .series || overflowing.isEmpty)
      for gone in held.shuffled(using: &generator) {
        registry.release(gone.series, isOverflow: gone.isOverflow)
      }
      held = []
      overflowing = []
      #expect(registry.used.allSatisfy { $0.count == 0 })
    }
  }

  @Test("keeps a name whose overflow series came back before the expired one was released")
  func overflowComesBack() {
    var limits = SeriesLimits()
    limits.overflow = .series
    var registry = registry(limits)
    let (one, other) = (series("n", "{k}", .counter), series("n", "{k}", .gauge))
    for _ in 0..<2 {
      let overflow = registry.admitOverflow(for: one)
      #expect(overflow != nil)
    }
    registry.release(one, isOverflow: true)
    let before = denial(registry.admit(other))
    #expect(before == .refused(.typeClash))
    registry.release(one, isOverflow: true)
    let after = denial(registry.admit(other))
    #expect(after == nil)
  }

  @Test("releases a name's type with its last series, but never the type of Weir's own names")
  func types() {
    var limits = SeriesLimits()
    limits.overflow = .series
    limits.seriesPerNameMax = 2
    var registry = registry(limits)
    registry.reserve(Array("own".utf8), kind: .counter)
    for name in ["own", "theirs"] {
      let (one, other) = (series(name, "{k}", .counter), series(name, "{k}", .gauge))
      let admission = denial(registry.admit(one))
      let overflow = registry.admitOverflow(for: one)
      #expect(admission == nil && overflow != nil)
      registry.release(one, isOverflow: false)
      let before = denial(registry.admit(other))
      #expect(before == .refused(.typeClash))
      registry.release(one, isOverflow: true)
      let after = denial(registry.admit(other))
      #expect(after == (name == "own" ? .refused(.typeClash) : nil))
    }
  }

  @Test("takes no class for a series that it refuses")
  func refusedClass() {
    var limits = SeriesLimits()
    limits.namesMax = 2
    limits.seriesPerNameMax = 1
    var registry = registry(limits)
    let before = registry.classes.count
    let first = registry.admit(series("a", "", .histogram))
    #expect(denial(first) == nil)
    for number in 1...600 {
      var other = series("b", "{k}", .histogram)
      other.asked = .bounds(HistogramBounds(upper: [Double(number) * 100]))
      // Of its own label, which its lines have.
      other.lineLabels = ["le"]
      let refused = registry.admit(other)
      #expect(denial(refused) == .refused(.typeClash))
      var second = series("a", "{k}", .histogram)
      second.asked = other.asked
      let exceeding = registry.admit(second)
      #expect(denial(exceeding) == .exceeds(.seriesPerName))
    }
    #expect(registry.classes.count == before && registry.classes.namesWithoutOwnClass == 0)
    registry.release(series("a", "", .histogram), isOverflow: false)
    #expect(registry.classes.count == before && registry.used.allSatisfy { $0.count == 0 })
  }
}
