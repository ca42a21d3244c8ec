import WeirHTTP

/// How long whoever scrapes will wait, as Prometheus says with every request.
struct ScrapeTimeout: Equatable {
  let duration: Duration

  /// More than any scrape may take; what is longer means as much.
  private static let secondsMax = 86_400.0

  /// nil where the request does not say, or says no length of time.
  init?(_ headers: HTTPHeaders) {
    guard let text = headers["X-Prometheus-Scrape-Timeout-Seconds"], let seconds = Double(text),
      seconds > 0
    else { return nil }
    duration = .seconds(min(seconds, ScrapeTimeout.secondsMax))
  }
}
