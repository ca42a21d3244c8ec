/// What an operator can choose about the meaning of StatsD lines.
package struct StatsDOptions: Sendable, Equatable {
  /// What a sign in front of a gauge's value means.
  package enum GaugeSign: Sendable {
    /// `+n` and `-n` change the gauge by n, as StatsD has it.
    case relative
    /// `-n` sets the gauge to minus n, as DogStatsD has it.
    case absolute
  }

  /// What becomes of a tag that has a name and no separator, such as `red` in `#red,size:2`.
  package enum ValuelessTags: Sendable {
    /// It is dropped and counted.
    case drop
    /// It is a label with the value `true`.
    case isTrue
  }

  package var tagStyles: TagStyles
  package var gaugeSign: GaugeSign
  package var valuelessTags = ValuelessTags.drop
  /// The label that the field `c:` becomes; nil where it becomes none.
  package var containerLabel: String?

  package init(tagStyles: TagStyles = .all, gaugeSign: GaugeSign = .relative) {
    self.tagStyles = tagStyles
    self.gaugeSign = gaugeSign
  }
}
