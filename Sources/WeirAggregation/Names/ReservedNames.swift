/// Names that senders may not use.
enum ReservedNames {
  /// The second is that of `--web.statsd-exporter-metrics`.
  private static let ownPrefixes = ["weir_", "statsd_exporter_"].map { Array($0.utf8) }

  /// Prometheus itself writes these for each target or for alerts. A scraped series of the same
  /// name would replace its own.
  private static let prometheusNames = Set(
    [
      "up", "ALERTS", "ALERTS_FOR_STATE", "scrape_duration_seconds", "scrape_samples_scraped",
      "scrape_samples_post_metric_relabeling", "scrape_series_added", "scrape_timeout_seconds",
      "scrape_sample_limit", "scrape_body_size_bytes",
    ].map { Array($0.utf8) })

  static func contains(_ name: [UInt8]) -> Bool {
    ownPrefixes.contains { name.starts(with: $0) } || prometheusNames.contains(name)
  }
}
