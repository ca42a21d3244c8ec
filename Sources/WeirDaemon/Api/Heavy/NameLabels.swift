import WeirBytes
import WeirInsight
import WeirMetrics

/// The labels of a name's series, counted.
struct NameLabels: Sendable {
  /// Series of the name that are read.
  static let seriesMax = 100_000

  struct Row: Sendable {
    let label: LabelBreakdown.Label
    /// Series that would be left without the label.
    let seriesWithout: Int

    fileprivate var choice: LabelAdvice.Choice {
      LabelAdvice.Choice(
        label: ShownText.of(label.name), seriesWithout: seriesWithout,
        isExact: label.seriesWithout.isExact)
    }
  }

  let counted: LabelBreakdown
  /// Those that would save most series first.
  let rows: [Row]
  /// Whether every series and every label was counted.
  let isComplete: Bool

  /// Counts the labels of a family.
  ///
  /// - Complexity: O(bytes of its series), until the deadline of the work.
  init(of family: HeavyFamily, _ work: HeavyWork) async {
    var generator = SystemRandomNumberGenerator()
    var counted = LabelBreakdown(hash: .random(using: &generator), hasDetails: true)
    var reader = work.reader(seriesMax: NameLabels.seriesMax)
    await reader.readSpellings(family) { counted.add($0, nameLength: family.name.count) }
    rows = counted.labels.map {
      Row(label: $0, seriesWithout: min($0.seriesWithout.count, counted.series))
    }
    .sorted {
      $0.seriesWithout == $1.seriesWithout
        ? $0.label.name.lexicographicallyPrecedes($1.label.name)
        : $0.seriesWithout < $1.seriesWithout
    }
    self.counted = counted
    isComplete = reader.isComplete && !counted.isLabelMissing
  }

  /// The family of a name; nil if it has none now.
  ///
  /// - Parameter name: Without quotes and escapes.
  static func family(_ name: [UInt8], _ questions: HeavyQuestions) async -> HeavyFamily? {
    let source = await questions.scraper.heavySource()
    var spelled: [UInt8] = []
    SpelledName.append(name, colons: true, to: &spelled)
    return HeavyFamily.all(source.catalog, source.groups).first { $0.name == spelled }
  }

  /// The label that makes most series, and what would be left without it; nil if none stands out.
  var advice: (label: String, sentence: String)? {
    guard let best = LabelAdvice.best(series: counted.series, rows.map(\.choice)) else {
      return nil
    }
    return (best.label, LabelAdvice.sentence(series: counted.series, best))
  }
}
