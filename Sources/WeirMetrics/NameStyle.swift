/// How names are kept that Prometheus did not allow before version 3.
package enum NameStyle: Sendable {
  /// Each scalar outside `[a-zA-Z0-9_]` becomes `_`.
  case classic
  /// The same, but a run of dashes becomes one `_`, as in statsd_exporter.
  case joinedDashes
  /// Names stay as they were sent.
  case utf8

  /// Whether no name needs quotes.
  package var isClassic: Bool { self != .utf8 }
}
