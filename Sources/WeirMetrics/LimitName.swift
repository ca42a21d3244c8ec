/// One of the `SeriesLimits`, as Weir's own metrics show it.
package enum LimitName: UInt8, Sendable, CaseIterable {
  case series
  case seriesPerName
  case names
  case sets
  case exposedBytes
  case labelsPerSeries
  case nameBytes
  case labelNameBytes
  case labelValueBytes
  case seriesBytes

  /// The limit on the size of a series that refuses it for this reason; nil if there is none.
  package init?(onSize refusal: Refusal) {
    switch refusal {
    case .tooManyLabels: self = .labelsPerSeries
    case .nameTooLong: self = .nameBytes
    case .labelNameTooLong: self = .labelNameBytes
    case .labelValueTooLong: self = .labelValueBytes
    case .seriesTooLong: self = .seriesBytes
    default: return nil
    }
  }

  /// Whether it limits a number of things, and not the size of one of them.
  package var isOnNumber: Bool {
    switch self {
    case .series, .seriesPerName, .names, .sets, .exposedBytes: true
    case .labelsPerSeries, .nameBytes, .labelNameBytes, .labelValueBytes, .seriesBytes: false
    }
  }

  /// Why a sample that exceeds it is refused.
  package var refusal: Refusal {
    switch self {
    case .series, .exposedBytes: .tooManySeries
    case .seriesPerName: .tooManySeriesOfName
    case .names: .tooManyNames
    case .sets: .tooManySets
    case .labelsPerSeries: .tooManyLabels
    case .nameBytes: .nameTooLong
    case .labelNameBytes: .labelNameTooLong
    case .labelValueBytes: .labelValueTooLong
    case .seriesBytes: .seriesTooLong
    }
  }

  /// The word in the metrics' `limit` label: that of the flag, with underscores.
  package var label: StaticString {
    switch self {
    case .series: "series"
    case .seriesPerName: "series_per_name"
    case .names: "names"
    case .sets: "sets"
    case .exposedBytes: "exposed_bytes"
    case .labelsPerSeries: "labels_per_series"
    case .nameBytes: "name_bytes"
    case .labelNameBytes: "label_name_bytes"
    case .labelValueBytes: "label_value_bytes"
    case .seriesBytes: "series_bytes"
    }
  }
}

extension SeriesLimits {
  /// The value of a limit.
  package subscript(_ limit: LimitName) -> Int {
    switch limit {
    case .series: seriesMax
    case .seriesPerName: seriesPerNameMax
    case .names: namesMax
    case .sets: setsMax
    case .exposedBytes: exposedBytesMax
    case .labelsPerSeries: labelsPerSeriesMax
    case .nameBytes: nameBytesMax
    case .labelNameBytes: labelNameBytesMax
    case .labelValueBytes: labelValueBytesMax
    case .seriesBytes: seriesBytesMax
    }
  }
}
