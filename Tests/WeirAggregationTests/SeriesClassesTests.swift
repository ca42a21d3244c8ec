import Testing
import WeirMetrics

@testable import WeirAggregation

@Suite("The classes of an aggregator")
struct SeriesClassesTests {
  private func name(_ number: Int) -> [UInt8] { Array("n\(number)".utf8) }

  private func bounds(_ number: Int) -> HistogramBounds {
    HistogramBounds(upper: [Double(number)])
  }

  @Test("exist once each, and are removed with their last name")
  func counts() {
    var classes = SeriesClasses(SeriesRules())
    let before = classes.count
    let first = classes.take(for: name(1), .histogram, pushed: bounds(1))
    let same = classes.take(for: name(2), .histogram, pushed: bounds(1))
    let other = classes.take(for: name(3), .histogram, pushed: bounds(2))
    #expect(first == same && first != other && classes.count == before + 2)
    #expect(
      classes[first].seriesClass.layout == bounds(1)
        && classes[other].seriesClass.layout == bounds(2))
    classes.release(first)
    #expect(classes.find(first)?.seriesClass.layout == bounds(1))
    classes.release(same)
    #expect(classes.find(first) == nil && classes.count == before + 1)
    // The number is reused.
    let next = classes.take(for: name(4), .histogram, pushed: bounds(3))
    #expect(next == first && classes[next].seriesClass.layout == bounds(3))
    // The classes of names without a rule stay.
    let plain = classes.take(for: name(5), .counter, pushed: nil)
    classes.release(plain)
    #expect(classes[plain].seriesClass == SeriesClass(.counter))
  }

  @Test("do not exceed the limit: further names get the class without the client's bounds")
  func limit() {
    var rules = SeriesRules()
    rules.defaultBounds = bounds(7)
    rules.lifetimesByName = [.init(NameGlob("rare"), 60)]
    var classes = SeriesClasses(rules)
    let common = classes.take(for: name(0), .histogram, pushed: nil)
    var number = 1_000
    while classes.count < ClassID.countMax {
      number += 1
      _ = classes.take(for: name(number), .histogram, pushed: bounds(number))
    }
    #expect(classes.namesWithoutOwnClass == 0)
    #expect(classes.take(for: name(1), .histogram, pushed: bounds(1)) == common)
    #expect(classes.namesWithoutOwnClass == 1)
    let rare = classes.take(for: Array("rare".utf8), .histogram, pushed: bounds(1))
    #expect(classes[rare].seriesClass == SeriesClass(.histogram))
    #expect(classes.namesWithoutOwnClass == 2 && classes.count == ClassID.countMax)
  }
}
