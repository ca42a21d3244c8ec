/// What becomes of names that Prometheus had no place for before version 3.
package enum NameStyle: Sendable {
  /// Each scalar outside `[a-zA-Z0-9_]` becomes `_`.
  case classic
  /// They stay as they were sent.
  case utf8
}
