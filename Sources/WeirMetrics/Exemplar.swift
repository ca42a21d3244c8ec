/// One observation as an example, usually with the trace that it came from.
package struct Exemplar: Sendable, Equatable {
  /// As in a series' spelling, with the braces: `{trace_id="4bf9"}`.
  package var labels: [UInt8]
  package var value: Double
  package var unixSeconds: Double?

  /// Characters that OpenMetrics allows for the names and values of an exemplar's labels together.
  package static let labelCharactersMax = 128

  package init(labels: [UInt8], value: Double, unixSeconds: Double? = nil) {
    self.labels = labels
    self.value = value
    self.unixSeconds = unixSeconds
  }
}
