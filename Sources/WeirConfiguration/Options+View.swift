import WeirMetrics
import WeirWire

extension Options {
  /// What decides what a view of a cluster makes of a message. A view is made from this alone, so that nodes which
  /// agree in it show the same.
  package struct View: Sendable, Equatable {
    package let rules: SeriesRules
    package let limits: SeriesLimits
    package let owners: OwnerLimits
    package let names: NameStyle
    package let zeroFirstSeconds: UInt32
  }

  package var view: View {
    View(
      rules: rules, limits: limits, owners: push.limits, names: statsd.names,
      zeroFirstSeconds: series.zeroFirstSeconds)
  }
}

extension Flag {
  /// The flags that change `Options.view`, in the order of `--help`: all nodes of a cluster must have the same. All
  /// other flags only matter where lines and frames come in, or where pages are read. `--compat` is none of them,
  /// because it changes the defaults of these.
  static let namesOfView: [String] = all.map(\.name).filter { ofView.contains($0) }

  private static let ofView: Set<String> = [
    "statsd.names",
    "observe", "histogram.bounds", "histogram.native", "histogram.native-factor",
    "histogram.native-max-buckets", "summary.quantiles", "summary.max-age", "summary.age-buckets",
    "set.window",
    "limit.series", "limit.series-per-name", "limit.names", "limit.sets", "limit.exposed-bytes",
    "limit.overflow", "limit.labels-per-series", "limit.name-bytes", "limit.label-name-bytes",
    "limit.label-value-bytes", "limit.series-bytes",
    "series.ttl", "series.zero-first",
    "push.gauge-ttl", "push.owner-ttl", "push.older-instances",
    "limit.push-instances", "limit.push-totals", "limit.push-totals-per-instance",
    "limit.push-totals-per-forwarder",
  ]
}
