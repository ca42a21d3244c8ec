import WeirMetrics

/// What CloudWatch tells metrics of a namespace apart by, and bills: a name and dimensions.
package struct CloudWatchMetric: Hashable, Sendable, CustomStringConvertible {
  package struct Dimension: Hashable, Sendable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  package let name: String
  /// In the order of `--cloudwatch.dimensions`.
  package let dimensions: [Dimension]

  package init(_ name: String, _ dimensions: [Dimension] = []) {
    self.name = name
    self.dimensions = dimensions
  }

  /// `name` or `name{label="value",…}`, as a scrape would show it.
  package var description: String {
    guard !dimensions.isEmpty else { return name }
    let labels = dimensions.map { "\($0.name)=\"\($0.value)\"" }
    return "\(name){\(labels.joined(separator: ","))}"
  }

  /// The first 100 bytes of a series' name, as the log shows it.
  static func shownName(of spelling: [UInt8]) -> String {
    let name = SpelledName.raw(spelling[..<SpelledName.length(in: spelling.span)])
    return CloudWatchText.ascii(name.prefix(100))
  }
}

/// The labels that become dimensions. All others are summed away.
package struct DimensionLabels: Sendable {
  private let labels: [(name: String, spelled: [UInt8])]

  /// - Parameter names: Of labels, as they were sent.
  package init(_ names: [String]) {
    labels = names.map { name in
      var spelled: [UInt8] = []
      SpelledName.append(Array(name.utf8), to: &spelled)
      return (name, spelled)
    }
  }

  /// The metric that a series is a part of; nil if CloudWatch can't take its name.
  ///
  /// - Parameter spelling: `name` or `name{label="value",…}`.
  package func metric(of spelling: [UInt8]) -> CloudWatchMetric? {
    let length = SpelledName.length(in: spelling.span)
    let name = CloudWatchText.ascii(SpelledName.raw(spelling[..<length]))
    guard !name.isEmpty, name.utf8.count <= CloudWatchLimits.nameBytesMax else { return nil }
    guard length < spelling.count else { return CloudWatchMetric(name) }
    return CloudWatchMetric(
      name,
      labels.compactMap { label in
        let value = CloudWatchText.ascii(
          SeriesSelector.value(of: label.spelled, in: spelling, from: length))
        // A value of spaces alone is refused.
        guard value.utf8.contains(where: { $0 != 0x20 }) else { return nil }
        return .init(label.name, String(value.prefix(CloudWatchLimits.dimensionBytesMax)))
      })
  }
}

/// The unit of a metric's values, from the ending of its name.
package enum CloudWatchUnit: String, Sendable {
  case count = "Count"
  case seconds = "Seconds"
  case milliseconds = "Milliseconds"
  case microseconds = "Microseconds"
  case bytes = "Bytes"
  case percent = "Percent"
  case none = "None"

  private static let endings: [(ending: String, unit: CloudWatchUnit)] = [
    ("_seconds", .seconds), ("_milliseconds", .milliseconds), ("_microseconds", .microseconds),
    ("_bytes", .bytes), ("_percent", .percent),
  ]

  /// - Parameter counts: Whether the metric is a counter.
  package init(name: String, counts: Bool) {
    let stem = name.hasSuffix("_total") ? String(name.dropLast("_total".count)) : name
    self =
      CloudWatchUnit.endings.first { stem.hasSuffix($0.ending) }?.unit
      ?? (counts ? .count : .none)
  }
}

enum CloudWatchText {
  /// The text in printable ASCII, which is all that CloudWatch takes. Other bytes become `%C3` and the like. `%`
  /// stays, so that few texts change.
  static func ascii(_ bytes: some Collection<UInt8>) -> String {
    var text = ""
    for byte in bytes {
      if 0x20..<0x7F ~= byte {
        text.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        text += percent(byte)
      }
    }
    return text
  }

  static func percent(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16, uppercase: true)
    return digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
  }
}
