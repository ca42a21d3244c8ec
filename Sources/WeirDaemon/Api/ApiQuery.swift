import WeirBytes
import WeirHTTP

/// The parameters of a request to the API, whose names and values are checked.
struct ApiQuery: Sendable {
  /// The most elements of an answer.
  static let limitMax = 1_000

  private var values: [String: [String]] = [:]

  /// - Parameter known: The names of parameters that the path has.
  /// - Throws: `ApiFailure` for a parameter that there is not, or that is not well encoded.
  init(_ query: String?, known: [String]) throws(ApiFailure) {
    for pair in NameFilter.allPairs(query) {
      guard let pair, let value = String(validating: pair.value, as: UTF8.self) else {
        throw ApiFailure("a parameter is not name=value in percent encoding; correct the query")
      }
      guard known.contains(pair.key) else {
        let choice = known.isEmpty ? "the path has none" : "write \(known.joined(separator: ", "))"
        throw ApiFailure("there is no parameter \(Self.quoted(pair.key)); \(choice)")
      }
      values[pair.key, default: []].append(value)
    }
  }

  /// The values of a parameter that may be repeated.
  func all(_ name: String) -> [String] { values[name] ?? [] }

  /// The value of a parameter; nil if it is not given, or empty.
  func text(_ name: String) throws(ApiFailure) -> String? {
    let given = all(name)
    guard given.count < 2 else {
      throw ApiFailure("the parameter \(name) is given twice; leave one of them out")
    }
    return given.first.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The value of a parameter that is a whole number.
  func integer(
    _ name: String, in range: ClosedRange<Int>, default usual: Int
  ) throws(ApiFailure) -> Int {
    guard let text = try text(name) else { return usual }
    guard let number = Int(text), range.contains(number) else {
      throw ApiFailure(
        "\(name)=\(Self.quoted(text)) is not a whole number from \(range.lowerBound) to "
          + "\(range.upperBound); correct it")
    }
    return number
  }

  /// The value of `limit`.
  func limit(default usual: Int) throws(ApiFailure) -> Int {
    try integer("limit", in: 1...ApiQuery.limitMax, default: usual)
  }

  /// The value of a parameter that is one of some words; the first is the default.
  func choice(_ name: String, of words: [String]) throws(ApiFailure) -> String {
    guard let text = try text(name) else { return words[0] }
    guard words.contains(text) else {
      throw ApiFailure(
        "\(name)=\(Self.quoted(text)) is unknown; write \(words.joined(separator: ", "))")
    }
    return text
  }

  /// At most 64 bytes of a foreign text, in quotes.
  static func quoted(_ text: String) -> String { quoted(Array(text.utf8)) }

  static func quoted(_ text: [UInt8]) -> String {
    "\"\(ShownText.of(Array(text.prefix(64))))\""
  }
}
