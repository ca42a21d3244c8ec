import Testing
import WeirConfiguration
import WeirMetrics

@testable import WeirDaemon

@Suite("The limits of the command line")
struct LimitOptionsTests {
  @Test("are by default those that the aggregator has by itself")
  func defaults() {
    #expect(Limits(Options(cores: 1).limit) == Limits())
  }

  @Test("reach the aggregator, each its own")
  func mapping() throws {
    let flags = Limit.allCases.enumerated().map { index, limit in
      "--limit.\("\(limit.label)".replacing("_", with: "-"))=\(index + 1)"
    }
    let invocation = try Invocation.parse(flags + ["--limit.overflow=series"], cores: 1)
    guard case .run(let options) = invocation else {
      Issue.record("\(flags) does not run")
      return
    }
    let limits = Limits(options.limit)
    #expect(Limit.allCases.map { limits[$0] } == Array(1...Limit.allCases.count))
    #expect(limits.overflow == .series)
  }
}
