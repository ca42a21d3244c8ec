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
    let first = classes.take(for: name(1), .histogram, asked: .bounds(bounds(1))).classID
    let same = classes.take(for: name(2), .histogram, asked: .bounds(bounds(1))).classID
    let other = classes.take(for: name(3), .histogram, asked: .bounds(bounds(2))).classID
    #expect(first == same && first != other && classes.count == before + 2)
    #expect(
      classes[first].seriesClass.layout == bounds(1)
        && classes[other].seriesClass.layout == bounds(2))
    classes.release(first)
    #expect(classes.find(first)?.seriesClass.layout == bounds(1))
    classes.release(same)
    #expect(classes.find(first) == nil && classes.count == before + 1)
    // The number is reused.
    let next = classes.take(for: name(4), .histogram, asked: .bounds(bounds(3))).classID
    #expect(next == first && classes[next].seriesClass.layout == bounds(3))
    // The classes of names without a rule stay.
    let plain = classes.take(for: name(5), .counter).classID
    classes.release(plain)
    #expect(classes[plain].seriesClass == SeriesClass(.counter))
  }

  @Test("leave room for the classes of rules, however many bounds clients have")
  func limit() {
    var rules = SeriesRules()
    rules.defaultBounds = bounds(7)
    rules.lifetimes[.histogram] = 90
    rules.lifetimesByName = [.init(NameGlob("rare"), 60)]
    rules.observers = [.init(NameGlob("s*"), .summary(SummaryOptions()))]
    var classes = SeriesClasses(rules)
    let before = classes.count
    var pushed = 0
    while classes.take(for: name(pushed), .histogram, asked: .bounds(bounds(1_000 + pushed))).isOwn
    {
      pushed += 1
    }
    #expect(pushed == 500 && classes.count == before + 500)
    // Without the client's bounds, but as the rules say.
    let plain = classes.take(for: name(1), .histogram, asked: .bounds(bounds(1)))
    #expect(
      !plain.isOwn && classes[plain.classID].seriesClass == rules.defaultClass(of: .histogram))
    let rare = classes.take(for: Array("rare".utf8), .histogram, asked: .bounds(bounds(1)))
    #expect(!rare.isOwn && classes[rare.classID].seriesClass.lifetimeSeconds == 60)
    let summary = classes.take(for: Array("s".utf8), .histogram, asked: .bounds(bounds(1)))
    #expect(summary.isOwn && classes[summary.classID].seriesClass.observer.summary != nil)
    // A client whose bounds are in use already has them.
    #expect(classes.take(for: name(2), .histogram, asked: .bounds(bounds(1_002))).isOwn)
    // Rules that can make all classes leave none to clients.
    rules.bounds = (0..<1_000).map { .init(NameGlob("b\($0)"), bounds($0)) }
    var full = SeriesClasses(rules)
    #expect(!full.take(for: name(1), .histogram, asked: .bounds(bounds(5_000))).isOwn)
  }

  @Test("that are kept without names are those of the current rules")
  func defaults() {
    var classes = SeriesClasses(SeriesRules())
    var rules = SeriesRules()
    rules.lifetimes[.gauge] = 5
    classes.use(rules)
    #expect(classes.count == MetricKind.allCases.count)
    let gauge = classes.take(for: name(1), .gauge).classID
    #expect(classes[gauge].seriesClass.lifetimeSeconds == 5 && classes.count == 4)
  }
}
