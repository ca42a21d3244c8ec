import WeirBytes
import WeirMetrics

/// Spells the series of a body: its labels and those of the group, sorted.
///
///     text     job web │ path /a method GET …      names and escaped values, one after another
///               given  │ of the series
struct SeriesSpeller {
  private struct Place {
    var name: Range<Int>
    var value: Range<Int>
  }

  private let labels: PushedLabels
  private let limits: SeriesLimits
  private var text: [UInt8] = []
  private var places: [Place] = []
  /// Which of the given labels the series has too, as bits.
  private var replaced: UInt64 = 0
  private let givenText: Int

  init(_ labels: PushedLabels, _ limits: SeriesLimits) {
    self.labels = labels
    self.limits = limits
    for label in labels.given {
      let start = text.count
      text += label.name + label.value
      let nameEnd = start + label.name.count
      places.append(Place(name: start..<nameEnd, value: nameEnd..<text.count))
    }
    givenText = text.count
  }

  mutating func begin() {
    text.removeSubrange(givenText...)
    places.removeSubrange(labels.given.count...)
    replaced = 0
  }

  /// Adds a label of the body.
  ///
  /// - Parameters:
  ///   - value: Its bytes; valid UTF-8.
  ///   - isEscaped: Whether it has the escapes of the text format already.
  /// - Throws: What is wrong, as a sentence without its place.
  mutating func add(
    _ bytes: Span<UInt8>, name: Range<Int>, value: Range<Int>, isEscaped: Bool
  ) throws(SpellingMistake) {
    guard places.count < limits.labelsPerSeriesMax else {
      throw SpellingMistake(
        "a series has more labels than --limit.labels-per-series allows, "
          + "\(limits.labelsPerSeriesMax)")
    }
    let start = text.count
    text.append(bytes, name)
    let nameEnd = text.count
    guard name.count <= limits.labelNameBytesMax else {
      throw SpellingMistake("a label's name is longer than --limit.label-name-bytes allows")
    }
    guard PushedLabels.isName(text[start...]) else {
      throw SpellingMistake(
        "\(PushedBodyMistake.shown(text[start...])) can't be the name of a label")
    }
    guard value.count <= limits.labelValueBytesMax else {
      throw SpellingMistake("a label's value is longer than --limit.label-value-bytes allows")
    }
    if let given = labels.given.firstIndex(where: { $0.name.elementsEqual(text[start...]) }) {
      guard replaced & (1 << UInt64(given)) == 0 else { throw twice(text[start...]) }
      replaced |= 1 << UInt64(given)
      text.removeSubrange(start...)
      return
    }
    if isEscaped {
      text.append(bytes, value)
    } else {
      for index in value { text.appendEscaped(bytes[index]) }
    }
    places.append(Place(name: start..<nameEnd, value: nameEnd..<text.count))
  }

  /// The spelling of the series.
  ///
  /// - Complexity: O(bytes + labels²). There are few labels.
  mutating func finish(name: [UInt8]) throws(SpellingMistake) -> [UInt8] {
    if labels.addsInstance,
      !places.contains(where: { text[$0.name].elementsEqual(PushedLabels.instance) })
    {
      let start = text.count
      text += PushedLabels.instance
      places.append(Place(name: start..<text.count, value: text.count..<text.count))
    }
    let sorted = try sortedPlaces()
    var spelling = name
    spelling.reserveCapacity(name.count + text.count + 4 * sorted.count + 1)
    for (index, place) in sorted.enumerated() {
      spelling.append(index == 0 ? UInt8(ascii: "{") : UInt8(ascii: ","))
      spelling += text[place.name]
      spelling.append(UInt8(ascii: "="))
      spelling.append(UInt8(ascii: "\""))
      spelling += text[place.value]
      spelling.append(UInt8(ascii: "\""))
    }
    if !sorted.isEmpty { spelling.append(UInt8(ascii: "}")) }
    guard spelling.count <= limits.seriesBytesMax else {
      throw SpellingMistake(
        "a series' name and labels have more bytes than --limit.series-bytes allows, "
          + "\(limits.seriesBytesMax)")
    }
    return spelling
  }

  private func sortedPlaces() throws(SpellingMistake) -> [Place] {
    let sorted = places.sorted { text[$0.name].lexicographicallyPrecedes(text[$1.name]) }
    for (place, next) in zip(sorted, sorted.dropFirst())
    where text[place.name].elementsEqual(text[next.name]) { throw twice(text[next.name]) }
    return sorted
  }

  private func twice(_ name: ArraySlice<UInt8>) -> SpellingMistake {
    SpellingMistake("a series has the label \(PushedBodyMistake.shown(name)) twice")
  }
}

/// What is wrong with a series, as a sentence without its place in the body.
struct SpellingMistake: Error {
  let sentence: String

  init(_ sentence: String) { self.sentence = sentence }
}

extension [UInt8] {
  mutating func append(_ span: borrowing Span<UInt8>, _ range: Range<Int>) {
    for index in range { append(span[index]) }
  }
}
