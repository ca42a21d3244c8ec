import Testing

@testable import WeirMapping

@Suite("A template")
struct TemplateTests {
  /// The name, and what the groups of these tests are in it.
  static let name = Array("shop.cart.add".utf8)
  static let groups: [Range<Int>?] = [0..<13, 5..<9, 10..<13, nil]

  static func text(_ template: Template) -> String {
    String(decoding: template.expanded(groups, in: name.span), as: UTF8.self)
  }

  static let alike: [(String, String)] = [
    ("", ""), ("plain", "plain"), ("100%", "100%"), ("$1", "cart"), ("${1}", "cart"),
    ("$1$2", "cartadd"), ("$2-$1", "add-cart"), ("x$1", "xcart"), ("$1.$2", "cart.add"),
    ("$0", "shop.cart.add"), ("$1_total", ""), ("${1}_total", "cart_total"), ("$1total", ""),
    ("$3", ""), ("$4", ""), ("$99", ""), ("$10", ""), ("${1}0", "cart0"),
    ("$99999999999999999999999", ""), ("$", "$"), ("$$", "$"), ("$$1", "$1"), ("$$$1", "$cart"),
    ("a$", "a$"), ("$-", "$-"), ("${}", "${}"), ("$.1", "$.1"), ("$1}", "cart}"), ("$none", ""),
    ("${none}", ""), ("%s $1 %d", "%s cart %d"), ("/$1/$2", "/cart/add"),
  ]

  @Test("of a glob and of an expression read alike", arguments: alike)
  func readsAlike(_ source: String, _ expected: String) {
    #expect(Self.text(Template(glob: source)) == expected)
    #expect(Self.text(Template(expression: source, groupsByName: [:])) == expected)
  }

  @Test(
    "of an expression follows Go",
    arguments: [
      ("$word", "cart"), ("${word}", "cart"), ("$word-$1", "cart-cart"), ("$words", ""),
      ("$01", ""), ("$00", ""), ("${1", "${1"), ("${1-}", "${1-}"), ("$é", ""), ("$1é", ""),
      ("$٣", ""), ("$word$word", "cartcart"), ("${gone}x", "x"),
    ])
  func expression(_ source: String, _ expected: String) {
    let template = Template(expression: source, groupsByName: ["word": 1, "gone": 3])
    #expect(Self.text(template) == expected)
  }

  @Test(
    "of a glob follows statsd_exporter where Go differs",
    arguments: [
      ("$01", "cart"), ("${1", "cart"), ("${1-", "cart-"), ("${1_x", ""), ("$é", "$é"),
      ("$1é", "carté"),
    ])
  func glob(_ source: String, _ expected: String) {
    #expect(Self.text(Template(glob: source)) == expected)
  }

  @Test(arguments: [
    ("name", "name", true), ("name", "names", false), ("name", "nam", false), ("", "", true),
    ("", "x", false), ("a_$1", "a_x", true), ("a_$1", "a_", true), ("a_$1", "a", false),
    ("$1_x", "a_x", false), ("${1}_x", "a_x", true), ("${1}_x", "a_y", false),
    ("${1}_x", "_x", true), ("a_${1}_b_${2}_c", "a_1_b_2_c", true),
    ("a_${1}_b_${2}_c", "a_b_c", false), ("a_${1}_b_${2}_c", "a__b__c", true),
    ("a${1}aa", "aaa", true), ("a${1}aa", "aa", false), ("${1}ab${2}b", "abab", true),
    ("${1}ab${2}b", "ab", false), ("$1", "anything", true), ("$1", "", true),
    // A digit can't come first.
    ("$1", "_5", true), ("5", "_5", true), ("5", "5", true), ("5", "__5", false),
  ])
  func `knows which names can come of it`(_ source: String, _ name: String, _ can: Bool) {
    #expect(Template(glob: source).canGive(Array(name.utf8)) == can)
  }

  @Test func `knows the greatest group that it refers to`() {
    #expect(Template(glob: "plain $$").groupMax == nil)
    #expect(Template(glob: "$0").groupMax == 0)
    #expect(Template(glob: "$2 ${11} $3").groupMax == 11)
    #expect(Template(expression: "$a", groupsByName: ["a": 7]).groupMax == 7)
  }

  @Test func `makes no text without bounds`() {
    let name = [UInt8](repeating: UInt8(ascii: "x"), count: 65_536)
    let template = Template(glob: String(repeating: "$1", count: 10_000))
    let text = template.expanded([nil, 0..<name.count], in: name.span)
    #expect(text.count <= Template.expandedBytesMax + name.count)
  }
}
