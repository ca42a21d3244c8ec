/// Why a line, or one sample of it, was refused.
///
/// These are the values of the `reason` label of `weir_lines_refused_total`. The error carries
/// nothing, so that throwing it costs no allocation on the receive path.
package enum Refusal: UInt8, Error, Sendable, CaseIterable {
  /// The line is not well-formed UTF-8.
  case invalidUTF8
  /// The first colon has nothing before it, or nothing is left of the name without its tags.
  case emptyName
  /// There is no colon, or no value between it and the first `|`.
  case missingValue
  /// There is no `|` after the value, or nothing after that.
  case missingType
  /// The type is none of `c g ms h d s`.
  case unknownType
  /// The value is no decimal number.
  case badValue
  /// The value is NaN.
  case notANumber
  /// The value is infinite, or exceeds the range of a double after the sample rate is applied.
  case infinite
  /// A counter with a value below zero.
  case negativeCounter
  /// The sample rate is not a number above the smallest that has a finite inverse.
  case badRate
  /// The sample rate is 0.
  case zeroRate
  /// The sample rate is below 0.
  case negativeRate
  /// The sample rate is above 1.
  case rateAboveOne
  /// `|T` is not followed by a whole number of seconds.
  case badTimestamp
  /// Sample rate or tags are on the line twice.
  case repeatedField
  /// Tags of two styles on one line.
  case mixedTagStyles
  /// SignalFx tags whose bracket does not close, or that have a second bracket.
  case unclosedTags
  /// Several samples on one line, in the classic form, with DogStatsD tags after them.
  case taggedMultiSample
  /// The name already has another type, or is one that a histogram generates.
  case typeClash
  /// The name begins with `weir_` or `statsd_exporter_`, is one of Weir's own `process_` series, or is one that
  /// Prometheus itself writes.
  case reservedName
  /// The series has more labels than `SeriesLimits.labelsPerSeriesMax`.
  case tooManyLabels
  /// The name is longer than `SeriesLimits.nameBytesMax`.
  case nameTooLong
  /// A label's name is longer than `SeriesLimits.labelNameBytesMax`.
  case labelNameTooLong
  /// A label's value is longer than `SeriesLimits.labelValueBytesMax`.
  case labelValueTooLong
  /// Name and labels are longer than `SeriesLimits.seriesBytesMax`, or, as sent, than `identityBytesMax`.
  case seriesTooLong
  /// There are already `SeriesLimits.seriesMax` series, or `SeriesLimits.exposedBytesMax` bytes of their names.
  case tooManySeries
  /// The name already has `SeriesLimits.seriesPerNameMax` series.
  case tooManySeriesOfName
  /// The name is new, and there are already `SeriesLimits.namesMax`.
  case tooManyNames
  /// There are already `SeriesLimits.setsMax` sets.
  case tooManySets
  /// The line is longer than `SampleBatch.lineBytesMax`. No datagram can hold such a line.
  case lineTooLong

  /// The word in the metric's `reason` label.
  package var label: StaticString {
    switch self {
    case .invalidUTF8: "invalid_utf8"
    case .emptyName: "empty_name"
    case .missingValue: "missing_value"
    case .missingType: "missing_type"
    case .unknownType: "unknown_type"
    case .badValue: "bad_value"
    case .notANumber: "not_a_number"
    case .infinite: "infinite"
    case .negativeCounter: "negative_counter"
    case .badRate: "bad_rate"
    case .zeroRate: "zero_rate"
    case .negativeRate: "negative_rate"
    case .rateAboveOne: "rate_above_one"
    case .badTimestamp: "bad_timestamp"
    case .repeatedField: "repeated_field"
    case .mixedTagStyles: "mixed_tag_styles"
    case .unclosedTags: "unclosed_tags"
    case .taggedMultiSample: "tagged_multi_sample"
    case .typeClash: "type_clash"
    case .reservedName: "reserved_name"
    case .tooManyLabels: "too_many_labels"
    case .nameTooLong: "name_too_long"
    case .labelNameTooLong: "label_name_too_long"
    case .labelValueTooLong: "label_value_too_long"
    case .seriesTooLong: "series_too_long"
    case .tooManySeries: "too_many_series"
    case .tooManySeriesOfName: "too_many_series_of_name"
    case .tooManyNames: "too_many_names"
    case .tooManySets: "too_many_sets"
    case .lineTooLong: "line_too_long"
    }
  }
}
