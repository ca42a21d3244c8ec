import Testing
import WeirHTTP

@testable import WeirDaemon

@Suite("The timeout of a scrape")
struct ScrapeTimeoutTests {
  @Test(
    "is what Prometheus sends, and missing if that is not a duration",
    arguments: [
      ("10", .seconds(10)), ("0.25", .milliseconds(250)), ("1e9", .seconds(86_400)),
      ("inf", .seconds(86_400)), ("0", nil), ("-1", nil), ("nan", nil), ("", nil), ("10s", nil),
    ] as [(String, Duration?)])
  func header(text: String, duration: Duration?) {
    let headers: HTTPHeaders = ["X-Prometheus-Scrape-Timeout-Seconds": text]
    #expect(ScrapeTimeout(headers)?.duration == duration)
  }

  @Test("is missing without the header")
  func absent() {
    #expect(ScrapeTimeout([:]) == nil)
  }
}
