import WeirMetrics

extension Options {
  /// Where Prometheus scrapes: `--web.*`.
  package struct Web: Sendable, Equatable {
    /// TCP addresses to listen on, as written; never empty.
    package var listenAddresses = ["127.0.0.1:9102"]

    /// Paths that answer a scrape; never empty, no duplicates, none of them in `serverPages`.
    package var telemetryPaths = ["/metrics", "/api/metrics/prometheus"]

    /// The web configuration file, in the exporters' form; nil serves plain HTTP without users.
    package var configFile: String?

    /// Whether the pages for probes require a password like all other pages.
    package var authenticatesHealth = true

    /// Whether a request may reload or stop the server.
    package var enablesLifecycle = false

    /// Whether OpenMetrics shows with `_created` when a series was first seen.
    package var writesCreated = false

    /// Whether OpenMetrics is offered to scrapers that accept it.
    package var offersOpenMetrics = true

    /// How `le` and `quantile` are written in the text format.
    package var boundStyle = BoundStyle.canonical

    /// Whether Weir's own metrics are also shown under the names that they have in statsd_exporter.
    package var showsExporterMetrics = false

    /// Whether the page and its API are served.
    package var servesPage = true

    /// Whether lines of senders are shown in the API and on `/debug/refused`.
    package var showsLines = true

    /// Names of this server, besides localhost, that requests for the page may use where Weir listens on
    /// loopback alone.
    package var hosts: [String] = []

    /// Limits on clients. `WeirHTTP.HTTPLimits` gives the reason for each default.
    package var connectionsMax = 512
    package var headerBytesMax = 8 * 1024
    package var headersMax = 100
    package var idleMilliseconds = 120_000
    package var readHeaderMilliseconds = 10_000

    /// The pages for probes.
    package static let healthPages = ["/-/healthy", "/-/ready"]

    /// The server's own pages, which no telemetry path may hide.
    /// The page of links is at `/`, or at `/ui/` if `/` is a telemetry path.
    package static let serverPages = [
      "/ui/", "/-/healthy", "/-/ready", "/-/reload", "/-/quit", "/debug/refused",
      "/debug/instances", "/debug/mapping", "/api/v1/push", "/api/v1/statsd", "/api/v1/forget",
    ]

    /// What the paths of the page's files and of the API begin with.
    package static let serverPrefixes = ["/ui/", "/api/v1/"]
  }
}
