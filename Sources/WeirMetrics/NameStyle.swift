/// How names are kept that Prometheus did not allow before version 3.
package enum NameStyle: Sendable {
  /// Each scalar outside `[a-zA-Z0-9_]` becomes `_`.
  case classic
  /// Names stay as they were sent.
  case utf8
}
