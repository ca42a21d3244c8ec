/// What a sign before a gauge's value means, by listener: `--statsd.gauge-sign`.
package struct GaugeSigns: Sendable, Equatable {
  /// What was given for all listeners.
  private var general: GaugeSign?
  /// What was given for one listener, by its address as written, which matters more.
  private var own: [String: GaugeSign] = [:]

  package init() {}

  /// The meaning for all listeners that have none of their own.
  package var sign: GaugeSign { general ?? .relative }

  /// The meaning for a listener, by its address as written.
  package func sign(of listener: String) -> GaugeSign { own[listener] ?? sign }

  /// Addresses that were given a meaning of their own, sorted.
  package var listeners: [String] { own.keys.sorted() }

  package static func == (left: GaugeSigns, right: GaugeSigns) -> Bool {
    left.sign == right.sign && left.own == right.own
  }

  /// Sets the meaning for a listener, or, without one, for all those that have none of their own.
  ///
  /// - Returns: False where that was done before.
  mutating func set(_ sign: GaugeSign, for listener: String?) -> Bool {
    if let listener { return own.updateValue(sign, forKey: listener) == nil }
    defer { general = sign }
    return general == nil
  }
}
