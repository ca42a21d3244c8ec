import WeirHTTP

/// How long the scraper waits, which Prometheus sends with every request.
struct ScrapeTimeout: Equatable {
  let duration: Duration

  /// Longer values are reduced to this.
  private static let secondsMax = 86_400.0

  /// Nil if the request does not have the header, or its value is not a duration.
  init?(_ headers: HTTPHeaders) {
    guard let text = headers["X-Prometheus-Scrape-Timeout-Seconds"], let seconds = Double(text),
      seconds > 0
    else { return nil }
    duration = .seconds(min(seconds, ScrapeTimeout.secondsMax))
  }
}
