/// The choices of an operator about the meaning of StatsD lines.
package struct StatsDOptions: Sendable, Equatable {
  /// The meaning of a sign before a gauge's value.
  package enum GaugeSign: Sendable {
    /// `+n` and `-n` change the gauge by n, as in StatsD.
    case relative
    /// `-n` sets the gauge to minus n, as in DogStatsD.
    case absolute
  }

  /// What happens to a tag that has a name and no separator, such as `red` in `#red,size:2`.
  package enum ValuelessTags: Sendable {
    /// It is dropped and counted.
    case drop
    /// It is a label with the value `true`.
    case isTrue
  }

  package var tagStyles: TagStyles
  package var gaugeSign: GaugeSign
  package var valuelessTags = ValuelessTags.drop
  /// The label that the field `c:` becomes; nil if it becomes none.
  package var containerLabel: String?
  /// Whether a bracket with tags that does not close belongs to the name; else the line is refused.
  package var keepsUnclosedBrackets = false
  /// Whether counters may have values below 0, because a rule may make gauges of them.
  package var takesNegativeCounters = false

  package init(tagStyles: TagStyles = .all, gaugeSign: GaugeSign = .relative) {
    self.tagStyles = tagStyles
    self.gaugeSign = gaugeSign
  }
}
