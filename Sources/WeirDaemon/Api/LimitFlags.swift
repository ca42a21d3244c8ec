import WeirConfiguration

/// Which flags set the limits that Weir's own metrics show.
enum LimitFlags {
  /// The flag of a limit, as it is written; nil if it has none.
  static func flag(of limit: String) -> String? {
    if limit == "http_connections" { return "--web.max-connections" }
    let name = "limit.\(limit.split(separator: "_").joined(separator: "-"))"
    return FlagTable.daemon.contains(name) ? "--\(name)" : nil
  }
}
