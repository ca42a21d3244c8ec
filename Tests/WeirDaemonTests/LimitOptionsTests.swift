import Testing
import WeirConfiguration
import WeirMetrics

@testable import WeirDaemon

@Suite("The limits of the command line")
struct LimitOptionsTests {
  @Test("are set by a flag each")
  func mapping() throws {
    let flags = LimitName.allCases.enumerated().map { index, limit in
      "--limit.\("\(limit.label)".replacing("_", with: "-"))=\(index + 1)"
    }
    let invocation = try Invocation.parse(flags + ["--limit.overflow=series"], cores: 1)
    guard case .run(let options) = invocation else {
      Issue.record("\(flags) does not run")
      return
    }
    let limits = options.limits
    #expect(LimitName.allCases.map { limits[$0] } == Array(1...LimitName.allCases.count))
    #expect(limits.overflow == .series)
  }
}
