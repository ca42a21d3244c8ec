import Testing
import WeirAggregation
import WeirConfiguration
import WeirMetrics

@testable import WeirDaemon

@Suite("The lifetimes of the command line")
struct LifetimeOptionsTests {
  @Test("reach the aggregator, each its own, and 0 as never")
  func mapping() throws {
    let flags = ["counter=1m", "gauge=0", "histogram=3m", "set=4m"].map { "--series.ttl=\($0)" }
    guard case .run(let options) = try Invocation.parse(flags, cores: 1) else {
      Issue.record("\(flags) does not run")
      return
    }
    let lifetimes = SeriesLifetimes(options.series.ttl)
    #expect(MetricKind.allCases.map { lifetimes[$0] } == [60, nil, 180, 240])
  }
}
