import WeirWire

/// Listeners whose gauges have a sign of their own: `--statsd.gauge-sign=ADDRESS=…`.
package struct GaugeSigns: Sendable, Equatable {
  /// By a listener's address as written.
  private var signs: [String: StatsDOptions.GaugeSign] = [:]

  package init() {}

  /// The sign of a listener, by its address as written; nil if it has none of its own.
  package subscript(listener: String) -> StatsDOptions.GaugeSign? {
    get { signs[listener] }
    set { signs[listener] = newValue }
  }

  /// Addresses of listeners that have a sign of their own, sorted.
  package var listeners: [String] { signs.keys.sorted() }
}
