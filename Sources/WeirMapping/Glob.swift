/// A pattern of dot-separated components. A star is exactly one component, which may be empty; every other
/// component is itself.
package struct Glob: Sendable, Equatable {
  enum Component: Sendable, Equatable {
    case star
    case literal([UInt8])
  }

  let components: [Component]

  /// Components of a glob: no name has more that the usual limit on names admits.
  package static let componentsMax = 512

  /// Nil if the text is not a glob: the first component is a star or begins with a letter or `_`, all
  /// others are stars or begin with a letter, a digit or `_`, and go on with these and `-`.
  package init?(_ text: String) {
    var components: [Component] = []
    for part in text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
      if part.elementsEqual("*".utf8) {
        components.append(.star)
        continue
      }
      guard let first = part.first, first.isWord, !(components.isEmpty && first.isDigit),
        part.allSatisfy({ $0.isWord || $0 == UInt8(ascii: "-") })
      else { return nil }
      components.append(.literal(Array(part)))
    }
    guard components.count <= Self.componentsMax else { return nil }
    self.components = components
  }

  /// The number of stars.
  package var stars: Int { components.count { $0 == .star } }

  /// The whole name and what each star stands for, of a name that the glob matches.
  func groups(of name: Span<UInt8>) -> [Range<Int>?] {
    var groups: [Range<Int>?] = [0..<name.count]
    var start = 0
    for component in components {
      var end = start
      while end < name.count, name[end] != UInt8(ascii: ".") { end += 1 }
      if component == .star { groups.append(start..<end) }
      start = end + 1
    }
    return groups
  }
}

extension UInt8 {
  /// Whether it is an ASCII digit.
  var isDigit: Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= self }

  /// Whether it is an ASCII letter, a digit or `_`.
  var isWord: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "_"):
      true
    default: isDigit
    }
  }
}
