import WeirConfiguration
import WeirExposition
import WeirMetrics

/// What flags say about how pages of metrics look.
struct ScrapeStyle: Sendable {
  /// Whether OpenMetrics says when a series was first seen.
  var writesCreated = false
  /// Whether OpenMetrics may be chosen.
  var offersOpenMetrics = true
  /// Whether Weir's own metrics are also shown under the names that they have in statsd_exporter.
  var showsExporterMetrics = false
  /// How bounds and quantiles are written in the text format.
  var boundStyle = BoundStyle.canonical

  init() {}

  init(_ options: Options.Web) {
    writesCreated = options.writesCreated
    offersOpenMetrics = options.offersOpenMetrics
    showsExporterMetrics = options.showsExporterMetrics
    boundStyle = options.boundStyle
  }

  /// How bounds and quantiles are written in a format.
  func bounds(in format: ExpositionFormat) -> BoundStyle {
    format.isOpenMetrics ? .canonical : boundStyle
  }
}
