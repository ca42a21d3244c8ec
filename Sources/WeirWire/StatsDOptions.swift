/// What an operator can choose about the meaning of StatsD lines.
package struct StatsDOptions: Sendable {
  /// What a sign in front of a gauge's value means.
  package enum GaugeSign: Sendable {
    /// `+n` and `-n` change the gauge by n, as StatsD has it.
    case relative
    /// `-n` sets the gauge to minus n, as DogStatsD has it.
    case absolute
  }

  package var tagStyles: TagStyles
  package var gaugeSign: GaugeSign

  package init(tagStyles: TagStyles = .all, gaugeSign: GaugeSign = .relative) {
    self.tagStyles = tagStyles
    self.gaugeSign = gaugeSign
  }
}
