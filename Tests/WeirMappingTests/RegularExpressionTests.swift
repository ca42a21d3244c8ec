import Testing

@testable import WeirMapping

@Suite("A regular expression")
struct RegularExpressionTests {
  /// The groups of a match as texts, `-` for one that took no part; nil if there is no match.
  static func found(_ pattern: String, _ name: [UInt8]) throws -> [String]? {
    let expression = try RegularExpression(pattern)
    let match = expression.match(name, groupsWanted: 100)
    #expect(expression.matches(name) == (match != nil))
    return match?.map { $0.map { String(decoding: name[$0], as: UTF8.self) } ?? "-" }
  }

  static let table: [(String, String, [String]?)] = [
    ("", "abc", [""]), ("b", "abc", ["b"]), ("^b", "abc", nil), ("b$", "abc", nil),
    ("^abc$", "abc", ["abc"]), ("a.c", "xabcx", ["abc"]), ("a.c", "aéc", ["aéc"]),
    ("^.$", "é", ["é"]), ("^..$", "é", nil), ("é+", "caféé.x", ["éé"]),
    // The leftmost match, then the first of the choices.
    ("a|ab", "ab", ["a"]), ("ab|a", "ab", ["ab"]), ("(a+)(b+)?", "caad", ["aa", "aa", "-"]),
    ("(a*?)(a*)", "aaa", ["aaa", "", "aaa"]), ("(?U)(a*)(a*)", "aaa", ["", "", ""]),
    ("(a)|(b)", "b", ["b", "-", "b"]), ("(?i)App", "APP", ["APP"]), ("(?i:a)b", "Ab", ["Ab"]),
    (#"\w+"#, "é.ab_1-c", ["ab_1"]), (#"\bop\b"#, "a.op.b", ["op"]), (#"\bop\b"#, "a.top", nil),
    (#"\pL+"#, "1éa2", ["éa"]), (#"[[:alpha:]]+"#, "1éab2", ["ab"]), (#"x{2,3}"#, "xxxx", ["xxx"]),
    ("(?m)^b$", "a\nb\nc", ["b"]), ("a.b", "a\nb", nil), ("(?s)a.b", "a\nb", ["a\nb"]),
    ("(?P<svc>[^.]+)", "a.b", ["a", "a"]), ("(?<svc>[^.]+)", "a.b", ["a", "a"]),
    (#"a\_b"#, "a_b", ["a_b"]), (#"[\_-]"#, "a-b", ["-"]), (#"\Qa.b\E."#, "a.bc", ["a.bc"]),
    (#"\Q(?<n>\_\E"#, #"(?<n>\_"#, [#"(?<n>\_"#]), (#"\Qa\\E."#, #"a\b"#, [#"a\b"#]),
    ("[]a]+", "x]a", ["]a"]), ("[^]a]+", "]xa", ["x"]), ("[(?<]+", "(?<", ["(?<"]),
    (#"\x{e9}"#, "é", ["é"]), (#"\0"#, "a\0b", ["\0"]), ("a\0b", "a\0b", ["a\0b"]),
    ("$^", "", [""]),
  ]

  @Test("finds what Go's library finds", arguments: table)
  func finds(_ pattern: String, _ name: String, _ expected: [String]?) throws {
    let groups = try Self.found(pattern, Array(name.utf8))
    #expect(groups == expected)
  }

  @Test(
    "is refused as in Go",
    arguments: [
      "(", ")", "a**", "*", "+a", "[a", "[z-a]", "(?=a)", "(?!a)", "(?<=a)b", "(?<!a)b", "(?>a)",
      "a++", #"\1"#, #"(a)\1"#, #"\8"#, #"\C"#, #"\h"#, #"\Z"#, #"\pX"#, #"\p{Foo}"#, "[[:foo:]]",
      #"a\"#, "(?x)a", "(?P=n)", "(?P<n>a)(?P<n>b)", "(?P<>a)", "(?P<a-b>c)", "a{1001}", "a{2,1}",
      "(a{100}){100}", #"\x{110000}"#, #"\x{zz}"#, "(?i", "(?#c)", "(?a)", #"\é"#,
    ])
  func refused(_ pattern: String) {
    #expect(throws: ExpressionError.self) { try RegularExpression(pattern) }
  }

  @Test func `is refused with a reason`() {
    #expect(throws: ExpressionError("missing ): a(b")) { try RegularExpression("a(b") }
    #expect(throws: ExpressionError("invalid escape sequence: \\C")) {
      try RegularExpression("\\C")
    }
  }

  @Test func `knows its groups`() throws {
    let expression = try RegularExpression("(?P<a>x)(y)(?<c_3>z)(?:w)")
    #expect(expression.groups == 3)
    #expect(expression.groupsByName == ["a": 1, "c_3": 3])
  }

  @Test(
    "reads each byte of a bad scalar as one",
    arguments: [
      // An overlong form, a lone continuation, a scalar that is cut off, a surrogate.
      ([0x61, 0xC0, 0xAF, 0x62], 2), ([0x61, 0x80, 0x62], 1), ([0x61, 0xE2, 0x82, 0x62], 2),
      ([0x61, 0xED, 0xA0, 0x80, 0x62], 3), ([0x61, 0xFF, 0xC3, 0xA9, 0x62], 2),
    ] as [([UInt8], Int)])
  func badScalars(_ name: [UInt8], _ count: Int) throws {
    let expression = try RegularExpression("^a(.{\(count)})(b)$")
    let match = try #require(expression.match(name, groupsWanted: 2))
    #expect(match == [0..<name.count, 1..<name.count - 1, name.count - 1..<name.count])
    #expect(try !RegularExpression("^a.{\(count + 1)}b$").matches(name))
    #expect(try RegularExpression("^a[^b]+b$").matches(name))
    #expect(try RegularExpression(#"\x{FFFD}"#).matches(name))
  }

  @Test(
    "takes linear time where others take exponential time",
    arguments: [
      "(a*)*b", "(a+)+$b", "(a|aa)+$b", "(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)=", "(a?){100}a{100}b",
      "(x+x+)+y", "^(([a-z])+.)+[A-Z]([a-z])+$", "(.*a){12}b", "(a|b)*a(a|b){60}c",
    ])
  func linear(_ pattern: String) throws {
    let expression = try RegularExpression(pattern)
    let name = [UInt8](repeating: UInt8(ascii: "a"), count: 65_536)
    #expect(expression.match(name, groupsWanted: 20) == nil)
  }

  @Test func `searches on where its states do not fit into memory`() throws {
    // The states of this one double with each digit, so that they are thrown away again and again.
    let expression = try RegularExpression("[ab]*a[ab]{18}c([ab]+)$")
    var name: [UInt8] = []
    var bits: UInt32 = 1
    for _ in 0..<60_000 {
      bits ^= bits << 13
      bits ^= bits >> 17
      bits ^= bits << 5
      name.append(bits & 1 == 0 ? UInt8(ascii: "a") : UInt8(ascii: "b"))
    }
    #expect(!expression.matches(name))
    name += Array("aabababababababababcab".utf8)
    let match = expression.match(name, groupsWanted: 1)
    #expect(match?[1] == name.count - 2..<name.count)
  }

  @Test func `is used by several threads at once`() async throws {
    let expression = try RegularExpression("^(a+)([^.]*)[.](.*)$")
    await withTaskGroup(of: Bool.self) { group in
      for task in 0..<8 {
        group.addTask {
          (0..<500).allSatisfy { number in
            let head = "aaa\(task)x\(number)"
            let name = Array("\(head).tail".utf8)
            let match = expression.match(name, groupsWanted: 3)
            return match == [
              0..<name.count, 0..<3, 3..<head.utf8.count, head.utf8.count + 1..<name.count,
            ]
          }
        }
      }
      for await isRight in group { #expect(isRight) }
    }
  }

  @Test func `of more than a megabyte gets more memory, and is refused beyond`() throws {
    #expect(try RegularExpression(#"^\pL{60}$"#).matches(Array(repeating: 0x61, count: 60)))
    #expect(throws: ExpressionError.self) { try RegularExpression(#"(\pL{500}){2}"#) }
  }
}
