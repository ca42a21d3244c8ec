import WeirBytes

/// Builds the canonical spelling of a series, `name{label="value",…}`. Names are converted to
/// Prometheus' classic form, or quoted if they are kept as sent (`SpelledName`). Labels are sorted
/// by name, and values are escaped. Two lines that mean the same series build the same bytes.
///
/// A receiver uses one builder all the time, so that a series that is seen for the first time costs
/// only the allocations of its own storage.
package struct SeriesBuilder: ~Copyable {
  /// The finished series, as a scrape shows it.
  package private(set) var series: [UInt8] = []
  /// The length of the metric's name in `series`.
  package private(set) var nameLength = 0
  /// Tags that became no label: empty, without a value, or followed by another of the same name.
  package private(set) var tagsDropped = 0
  /// Tags that are meant only for Datadog's agent, and became no label.
  package private(set) var tagsInternal = 0

  /// Label names as sanitised and label values as sent, one after another.
  private var text: [UInt8] = []
  private var labels: [Label] = []
  private let limits: SeriesLimits
  /// The rules decide which label a histogram's own lines have.
  private let rules: SeriesRules
  private let defaultOwnLabel: [UInt8]

  private static let ownPrefix = Array("weir_".utf8)
  private static let renamed = Array("exported_".utf8)

  private struct Label {
    var start: Int
    var nameEnd: Int
    var valueEnd: Int
    var isOfRule = false
  }

  private let names: NameStyle

  package init(
    limits: SeriesLimits = SeriesLimits(), rules: SeriesRules = SeriesRules(),
    names: NameStyle = .classic
  ) {
    self.limits = limits
    self.rules = rules
    self.names = names
    defaultOwnLabel = Array(rules.defaultObserver.ownLabel.utf8)
  }

  /// Which of the labels `le` and `quantile` the series that was finished last has: those of a histogram's
  /// and of a summary's own lines.
  package var lineLabels: [String] {
    ["le", "quantile"].filter { own in labels.contains { name(of: $0).elementsEqual(own.utf8) } }
  }

  /// Whether the series that was finished last has labels.
  package var hasLabels: Bool { !labels.isEmpty }

  /// Starts a new series.
  package mutating func begin() {
    series.removeAll(keepingCapacity: true)
    text.removeAll(keepingCapacity: true)
    labels.removeAll(keepingCapacity: true)
    nameLength = 0
    tagsDropped = 0
    tagsInternal = 0
  }

  /// Appends a piece of the metric's name. In classic names every scalar that Prometheus does not
  /// allow becomes `_`, and a `_` is put before a leading digit.
  ///
  /// If a piece makes the name too long, it is read only far enough to see that.
  package mutating func appendName(_ bytes: Span<UInt8>, from start: Int, to end: Int) {
    // A scalar of four bytes becomes one `_`.
    let most = 4 * (limits.nameBytesMax + 1)
    names.append(bytes, from: start, to: min(end, start + most), to: &series, first: 0)
    nameLength = series.count
  }

  /// Adds a tag. A tag with an empty name or value is dropped and counted. A name that begins with
  /// `weir_` gets the prefix `exported_`, because such labels are Weir's own.
  ///
  /// - Throws: `tooManyLabels`, `labelNameTooLong`, `labelValueTooLong`.
  package mutating func addTag(
    _ bytes: Span<UInt8>, nameFrom nameStart: Int, to nameEnd: Int, valueFrom valueStart: Int,
    to valueEnd: Int
  ) throws(Refusal) {
    try addTag(bytes, name: nameStart..<nameEnd, bytes, value: valueStart..<valueEnd)
  }

  /// The same for a tag whose name and value are in different bytes.
  package mutating func addTag(
    _ nameBytes: Span<UInt8>, name: Range<Int>, _ valueBytes: Span<UInt8>, value: Range<Int>
  ) throws(Refusal) {
    guard !name.isEmpty, !value.isEmpty else { return dropTag() }
    guard labels.count < limits.labelsPerSeriesMax else { throw .tooManyLabels }
    guard value.count <= limits.labelValueBytesMax else { throw .labelValueTooLong }
    let start = text.count
    let nameEnd = try appendLabelName(nameBytes, name)
    for index in value { text.append(valueBytes[index]) }
    labels.append(Label(start: start, nameEnd: nameEnd, valueEnd: text.count))
  }

  /// Adds a label that a rule gives. Of a tag and a label of one name the later one stays. A label without a value
  /// takes the tag away.
  ///
  /// - Throws: As `addTag`.
  package mutating func addLabel(name: [UInt8], value: [UInt8]) throws(Refusal) {
    guard labels.count < limits.labelsPerSeriesMax else { throw .tooManyLabels }
    guard value.count <= limits.labelValueBytesMax else { throw .labelValueTooLong }
    let start = text.count
    let nameEnd = try appendLabelName(name.span, name.indices)
    text.append(contentsOf: value)
    labels.append(
      Label(start: start, nameEnd: nameEnd, valueEnd: text.count, isOfRule: true))
  }

  /// Appends a label's name as it is shown, unless it is the own label of a histogram.
  ///
  /// - Returns: Its end.
  private mutating func appendLabelName(
    _ bytes: Span<UInt8>, _ name: Range<Int>
  ) throws(Refusal) -> Int {
    let start = text.count
    names.append(bytes, from: name.lowerBound, to: name.upperBound, to: &text, first: start)
    // Two leading underscores are reserved by Prometheus; a label `__name__` would break the
    // scrape.
    let lead = text[start...].prefix { $0 == UInt8(ascii: "_") }.count
    if lead > 1 { text.removeSubrange(start..<start + lead - 1) }
    guard text.count - start <= limits.labelNameBytesMax else { throw .labelNameTooLong }
    if text[start...].starts(with: SeriesBuilder.ownPrefix) {
      text.insert(contentsOf: SeriesBuilder.renamed, at: start)
    }
    return text.count
  }

  /// Counts a tag that becomes no label.
  package mutating func dropTag() {
    tagsDropped += 1
  }

  /// Counts a tag that is meant only for Datadog's agent.
  package mutating func dropInternalTag() {
    tagsInternal += 1
  }

  /// Sorts the labels and writes `series`. The later of two labels with one name wins.
  ///
  /// - Parameter asked: What is asked of the class of the series.
  /// - Throws: `emptyName`, `nameTooLong`, `seriesTooLong`.
  /// - Complexity: O(bytes + labels²). There are few labels.
  package mutating func finish(
    kind: MetricKind, asked: AskedClass = .nothing
  ) throws(Refusal) {
    guard nameLength > 0 else { throw .emptyName }
    guard nameLength <= limits.nameBytesMax else { throw .nameTooLong }
    if names == .utf8 { quoteName() }
    if kind == .histogram { renameOwnLabel(asked) }
    sortLabels()
    // Only rules give empty ones.
    labels.removeAll { $0.nameEnd == $0.valueEnd }
    for (index, label) in labels.enumerated() {
      series.append(index == 0 ? UInt8(ascii: "{") : UInt8(ascii: ","))
      switch names {
      case .classic, .joinedDashes: series.append(contentsOf: name(of: label))
      case .utf8: SpelledName.append(name(of: label), to: &series)
      }
      series.append(UInt8(ascii: "="))
      series.append(UInt8(ascii: "\""))
      for byte in text[label.nameEnd..<label.valueEnd] {
        series.appendEscaped(byte)
      }
      series.append(UInt8(ascii: "\""))
    }
    if hasLabels { series.append(UInt8(ascii: "}")) }
    guard series.count <= limits.seriesBytesMax else { throw .seriesTooLong }
  }

  private mutating func quoteName() {
    guard !SpelledName.isClassic(series, colons: true) else { return }
    let name = series
    series.removeAll(keepingCapacity: true)
    SpelledName.append(name, to: &series)
    nameLength = series.count
  }

  /// A histogram's own `le` label, or a summary's `quantile`, would clash with a sender's.
  private mutating func renameOwnLabel(_ asked: AskedClass) {
    let ownLabel =
      rules.hasOneObserver && asked == .nothing
      ? defaultOwnLabel
      : Array(asked.observer(of: SpelledName.raw(series), rules).ownLabel.utf8)
    for index in labels.indices {
      let label = labels[index]
      guard text[label.start..<label.nameEnd].elementsEqual(ownLabel) else { continue }
      let start = text.count
      text.append(contentsOf: SeriesBuilder.renamed)
      text.append(contentsOf: ownLabel)
      let nameEnd = text.count
      text.append(contentsOf: text[label.nameEnd..<label.valueEnd])
      labels[index] = Label(
        start: start, nameEnd: nameEnd, valueEnd: text.count, isOfRule: label.isOfRule)
    }
  }

  /// An insertion sort that drops the earlier of two equal names.
  private mutating func sortLabels() {
    var sorted = 0
    for index in labels.indices {
      let label = labels[index]
      let name = text[label.start..<label.nameEnd]
      var place = sorted
      while place > 0, name.lexicographicallyPrecedes(self.name(of: labels[place - 1])) {
        place -= 1
      }
      if place > 0, self.name(of: labels[place - 1]).elementsEqual(name) {
        // A tag and a rule's label of one name are both meant.
        if !labels[place - 1].isOfRule, !label.isOfRule { dropTag() }
        labels[place - 1] = label
        continue
      }
      var shifted = sorted
      while shifted > place {
        labels[shifted] = labels[shifted - 1]
        shifted -= 1
      }
      labels[place] = label
      sorted += 1
    }
    labels.removeLast(labels.count - sorted)
  }

  private func name(of label: Label) -> ArraySlice<UInt8> { text[label.start..<label.nameEnd] }
}

extension NameStyle {
  fileprivate func append(
    _ bytes: Span<UInt8>, from start: Int, to end: Int, to output: inout [UInt8], first: Int
  ) {
    switch self {
    case .classic, .joinedDashes:
      appendSanitised(
        bytes, from: start, to: end, to: &output, first: first,
        joinsDashes: self == .joinedDashes)
    case .utf8:
      // Prometheus fails on a page that has a null byte in a name.
      for index in start..<end {
        output.append(bytes[index] == 0 ? UInt8(ascii: "_") : bytes[index])
      }
    }
  }
}

/// Copies a name, with `_` for each scalar outside `[a-zA-Z0-9_]`. `first` is where the whole name
/// begins in `output`; a `_` is put before a digit there. With `joinsDashes`, a run of dashes becomes one `_`.
private func appendSanitised(
  _ bytes: Span<UInt8>, from start: Int, to end: Int, to output: inout [UInt8], first: Int,
  joinsDashes: Bool
) {
  for index in start..<end {
    let byte = bytes[index]
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "_"):
      output.append(byte)
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      if output.count == first { output.append(UInt8(ascii: "_")) }
      output.append(byte)
    case UInt8(ascii: "-") where joinsDashes && index > start && bytes[index - 1] == byte:
      break
    case 0x80...0xBF:
      break  // The rest of a scalar whose first byte became `_`.
    default:
      output.append(UInt8(ascii: "_"))
    }
  }
}

extension [UInt8] {
  /// Appends one byte of a label's value as the text formats escape it: `\\`, `\"` and `\n`.
  package mutating func appendEscaped(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\\"), UInt8(ascii: "\""):
      append(UInt8(ascii: "\\"))
      append(byte)
    case 0x0A:
      append(UInt8(ascii: "\\"))
      append(UInt8(ascii: "n"))
    default:
      append(byte)
    }
  }
}
