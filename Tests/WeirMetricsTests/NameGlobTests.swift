import TestSupport
import Testing

@testable import WeirMetrics

@Suite("A pattern for names")
struct NameGlobTests {
  @Test(
    "matches the names that have its form, and no others",
    arguments: [
      ("llm_tokens", "llm_tokens", true), ("llm_tokens", "llm_tokens_", false),
      ("llm_tokens", "llm_token", false), ("*", "", true), ("*", "anything", true),
      ("llm_*", "llm_", true), ("llm_*", "llm_tokens", true), ("llm_*", "xllm_tokens", false),
      ("*_seconds", "a_seconds", true), ("*_seconds", "_seconds", true),
      ("*_seconds", "a_seconds_b", false), ("a*c", "abc", true), ("a*c", "ac", true),
      ("a*c", "abcd", false), ("a*a", "a", false), ("a*a", "aa", true),
      ("a*b*c", "a_b_b_c", true), ("a*b*c", "acb", false), ("*ab*ab*", "abab", true),
      ("*ab*ab*", "aab", false), ("a**b", "ab", true), ("", "", true), ("", "a", false),
      ("*ü*", "Grüße", true),
    ])
  func matches(glob: String, name: String, isMatch: Bool) {
    #expect(NameGlob(glob).matches(Array(name.utf8)) == isMatch)
    #expect(NameGlob(glob).description == glob)
  }

  @Test("agrees with a naive twin on random names", arguments: 0..<20)
  func twin(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    func word(_ letters: String, upTo count: Int) -> String {
      String(
        (0..<Int.random(in: 0...count, using: &generator)).map { _ in
          letters.randomElement(using: &generator) ?? "a"
        })
    }
    var matched = 0
    for _ in 0..<500 {
      let (glob, name) = (word("ab*", upTo: 6), word("ab", upTo: 8))
      let expected = Self.naive(Array(glob.utf8)[...], Array(name.utf8)[...])
      if expected { matched += 1 }
      #expect(NameGlob(glob).matches(Array(name.utf8)) == expected, "\(glob) \(name)")
    }
    #expect(matched > 20)
  }

  private static func naive(_ glob: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>) -> Bool {
    guard let first = glob.first else { return name.isEmpty }
    if first == UInt8(ascii: "*") {
      return naive(glob.dropFirst(), name) || !name.isEmpty && naive(glob, name.dropFirst())
    }
    return name.first == first && naive(glob.dropFirst(), name.dropFirst())
  }
}
