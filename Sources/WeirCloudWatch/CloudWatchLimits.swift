/// The limits of PutMetricData, and those that keep within them.
package enum CloudWatchLimits {
  /// Metrics of a request.
  package static let metricsPerRequestMax = 1_000
  /// Bytes of a request before compression. CloudWatch takes 1 MB; libcurl asks first before it sends as much.
  package static let requestBytesMax = 900_000
  /// Different values of a metric in a request. More are sent as the same metric again, which adds up.
  package static let valuesMax = 150
  /// Dimensions of a metric.
  package static let dimensionsMax = 30
  /// Bytes of a metric's name, and of a dimension's value.
  package static let nameBytesMax = 255
  package static let dimensionBytesMax = 1_024
  /// The greatest absolute value: 2 to the power of 360.
  package static let magnitudeMax = 0x1p360
  /// Values nearer to 0 are refused, so that they are sent as 0.
  package static let magnitudeMin = 0x1p-360
}
