/// Why a pushed body is refused.
package struct PushedBodyMistake: Error, Equatable {
  /// Whether it can't be read. Otherwise it can, and what it says can't be shown on a page.
  package let isMalformed: Bool
  /// One sentence that the sender is answered.
  package let sentence: String

  static func malformed(_ sentence: String, line: Int? = nil) -> PushedBodyMistake {
    PushedBodyMistake(isMalformed: true, sentence: at(line) + sentence)
  }

  static func inconsistent(_ sentence: String, line: Int? = nil) -> PushedBodyMistake {
    PushedBodyMistake(isMalformed: false, sentence: at(line) + sentence)
  }

  package init(isMalformed: Bool, sentence: String) {
    self.isMalformed = isMalformed
    self.sentence = sentence
  }

  private static func at(_ line: Int?) -> String { line.map { "line \($0): " } ?? "" }

  /// Bytes of a name or a value in a sentence.
  static func shown(_ bytes: some Collection<UInt8>) -> String {
    let text = String(decoding: bytes.prefix(64), as: UTF8.self)
    return "\"\(text)\(bytes.count > 64 ? "…" : "")\""
  }

  static let timestamp =
    "the body has a timestamp, and what is shown has the time of the scrape; leave timestamps out"
}
