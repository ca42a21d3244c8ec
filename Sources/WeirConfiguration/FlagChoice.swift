import WeirMetrics
import WeirWire

/// A value that a flag chooses by a word.
protocol FlagChoice: Sendable, Equatable {
  /// Every value with its word, in the order of `--help`.
  static var words: [(word: String, value: Self)] { get }
}

extension FlagChoice {
  /// The value that a word chooses; nil if it chooses none.
  init?(word: String) {
    guard let choice = Self.words.first(where: { $0.word == word }) else { return nil }
    self = choice.value
  }

  var word: String {
    guard let choice = Self.words.first(where: { $0.value == self }) else {
      preconditionFailure("every choice has a word")
    }
    return choice.word
  }

  /// The words, as a flag's usage shows them: `refuse|series`.
  static var usage: String { words.map(\.word).joined(separator: "|") }

  /// The value that a word chooses.
  ///
  /// - Throws: The sentence that lists the words.
  static func parse(_ word: String, flag: String) throws(UsageError) -> Self {
    if let value = Self(word: word) { return value }
    throw UsageError("--\(flag): \(word.quoted) is not a choice; write \(list(words.map(\.word)))")
  }
}

/// Words as a sentence lists them: `debug, info, warn or error`.
func list(_ words: [String]) -> String {
  let last = words.suffix(2).joined(separator: " or ")
  return (words.dropLast(2) + [last]).joined(separator: ", ")
}

extension FlagChoice where Self: RawRepresentable<String> & CaseIterable {
  static var words: [(word: String, value: Self)] { allCases.map { ($0.rawValue, $0) } }
}

extension LogLevel: FlagChoice {}
extension LogFormat: FlagChoice {}
extension Options.State.OnError: FlagChoice {}
extension Observe: FlagChoice {}
extension NativeHistograms: FlagChoice {}

extension NameStyle: FlagChoice {
  static var words: [(word: String, value: NameStyle)] {
    [("classic", .classic), ("joined-dashes", .joinedDashes), ("utf-8", .utf8)]
  }
}

extension StatsDOptions.GaugeSign: FlagChoice {
  static var words: [(word: String, value: StatsDOptions.GaugeSign)] {
    [("relative", .relative), ("absolute", .absolute)]
  }
}

extension StatsDOptions.ValuelessTags: FlagChoice {
  static var words: [(word: String, value: StatsDOptions.ValuelessTags)] {
    [("drop", .drop), ("true", .isTrue)]
  }
}

extension SeriesLimits.Overflow: FlagChoice {
  static var words: [(word: String, value: SeriesLimits.Overflow)] {
    [("refuse", .refuse), ("series", .series)]
  }
}

extension OwnerLimits.OlderInstances: FlagChoice {
  static var words: [(word: String, value: OwnerLimits.OlderInstances)] {
    [("baseline", .baseline), ("count", .count)]
  }
}
