import Dispatch
import Testing

@testable import WeirDaemon

@Suite("The pace of log lines")
struct LogPaceTests {
  @Test("is one in a minute, with how many were left out")
  func minute() {
    var pace = LogPace()
    let start = DispatchTime(uptimeNanoseconds: 1_000_000_000)
    #expect(pace.enter(at: start) == 0)
    for second in 1..<60 { #expect(pace.enter(at: start + .seconds(second)) == nil) }
    #expect(pace.enter(at: start + .seconds(60)) == 59)
    #expect(pace.enter(at: start + .seconds(61)) == nil)
    #expect(pace.enter(at: start + .seconds(600)) == 1)
  }
}
