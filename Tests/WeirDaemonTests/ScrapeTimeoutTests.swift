import Testing
import WeirHTTP

@testable import WeirDaemon

@Suite("The time that a scrape is granted")
struct ScrapeTimeoutTests {
  @Test(
    "is what Prometheus says, and none where that is no length of time",
    arguments: [
      ("10", .seconds(10)), ("0.25", .milliseconds(250)), ("1e9", .seconds(86_400)),
      ("inf", .seconds(86_400)), ("0", nil), ("-1", nil), ("nan", nil), ("", nil), ("10s", nil),
    ] as [(String, Duration?)])
  func header(text: String, duration: Duration?) {
    let headers: HTTPHeaders = ["X-Prometheus-Scrape-Timeout-Seconds": text]
    #expect(ScrapeTimeout(headers)?.duration == duration)
  }

  @Test("is not limited where nothing is said")
  func absent() {
    #expect(ScrapeTimeout([:]) == nil)
  }
}
