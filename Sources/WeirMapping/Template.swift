/// The text from which a rule makes a name or the value of a label: `http_$2`, `${1}-$2`.
///
/// Each reference is replaced by what a group of the match stands for: a star of a glob, or a group of a
/// regular expression. It is empty if there is no such group. `$0` is the whole match, which is the
/// whole name with a glob. `$$` is a dollar sign. Where a reference does not end in a brace, it takes as
/// many letters, digits and underscores as follow, so that `$1_x` refers to a group `1_x`.
package struct Template: Sendable, Equatable {
  enum Piece: Sendable, Equatable {
    case text([UInt8])
    case group(Int)
  }

  /// The template as it was written.
  package let source: String
  let pieces: [Piece]

  /// A result is cut after this many bytes. No limit on names and labels admits as many, so that the
  /// sample is refused anyway.
  static let expandedBytesMax = 1 << 17

  /// What `source` means, read as Go's `Regexp.Expand` reads it.
  ///
  /// - Parameter groupsByName: The named groups of the expression.
  package init(expression source: String, groupsByName: [String: Int]) {
    self.init(source) { rest in
      let reference = GoReference(rest)
      return reference.map { ($0.length, $0.number ?? groupsByName[$0.name]) }
    }
  }

  /// What `source` means in the rule of a glob: as above, but as in statsd_exporter `$01` is `$1`, a
  /// brace need not be closed, and only ASCII letters belong to a reference. Nothing has a name.
  package init(glob source: String) {
    self.init(source) { rest in
      let isOpen = rest.first == UInt8(ascii: "{")
      let name = rest.dropFirst(isOpen ? 1 : 0).prefix(while: \.isWord)
      if name.isEmpty { return nil }
      let end = name.endIndex
      let isClosed = isOpen && rest.indices.contains(end) && rest[end] == UInt8(ascii: "}")
      return (
        end - rest.startIndex + (isClosed ? 1 : 0), Int(String(decoding: name, as: UTF8.self))
      )
    }
  }

  /// - Parameter reference: Of what follows a dollar sign, the number of bytes that belong to the
  ///   reference, and the group; nil if it is no reference.
  private init(
    _ source: String,
    reference: (ArraySlice<UInt8>) -> (length: Int, group: Int?)?
  ) {
    self.source = source
    var pieces: [Piece] = []
    var text: [UInt8] = []
    var rest = Array(source.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "$") else {
        text.append(byte)
        continue
      }
      if rest.first == UInt8(ascii: "$") {
        rest.removeFirst()
        text.append(byte)
      } else if let (length, group) = reference(rest) {
        rest.removeFirst(length)
        guard let group else { continue }
        if !text.isEmpty { pieces.append(.text(text)) }
        text.removeAll()
        pieces.append(.group(group))
      } else {
        text.append(byte)
      }
    }
    if !text.isEmpty { pieces.append(.text(text)) }
    self.pieces = pieces
  }

  /// The greatest group that is referred to; nil if none is.
  var groupMax: Int? {
    pieces.compactMap { if case .group(let group) = $0 { group } else { nil } }.max()
  }

  /// Whether `name` can come of it, once what Prometheus does not allow in names is replaced.
  ///
  /// - Complexity: O(name · pieces) at worst.
  func canGive(_ name: [UInt8]) -> Bool {
    if gives(name[...]) { return true }
    // A name that would begin with a digit begins with an underscore.
    return name.first == UInt8(ascii: "_") && name.count > 1 && name[1].isDigit
      && gives(name.dropFirst())
  }

  /// Whether its texts are in `name` in order, the first and the last one at its ends unless a
  /// reference is there. A reference may stand for anything.
  private func gives(_ name: ArraySlice<UInt8>) -> Bool {
    var rest = name
    var isAnchored = true
    for (index, piece) in pieces.enumerated() {
      guard case .text(let text) = piece else {
        isAnchored = false
        continue
      }
      if isAnchored {
        guard rest.starts(with: text) else { return false }
        rest = rest.dropFirst(text.count)
      } else if index == pieces.count - 1 {
        return rest.count >= text.count && rest.suffix(text.count).elementsEqual(text)
      } else {
        guard let found = rest.firstRange(of: text) else { return false }
        rest = rest[found.upperBound...]
      }
      isAnchored = true
    }
    return rest.isEmpty || !isAnchored
  }

  /// The text for a match.
  ///
  /// - Parameter groups: Where each group is in `name`, the whole match first.
  func expanded(_ groups: [Range<Int>?], in name: Span<UInt8>) -> [UInt8] {
    var output: [UInt8] = []
    for piece in pieces where output.count < Self.expandedBytesMax {
      switch piece {
      case .text(let text): output += text
      case .group(let group):
        guard groups.indices.contains(group), let range = groups[group] else { continue }
        for index in range { output.append(name[index]) }
      }
    }
    return output
  }
}

/// A reference as Go's library reads it, after the dollar sign: `1`, `{1}`, `name`, `{name}`.
private struct GoReference {
  let name: String
  /// Its bytes, with braces.
  let length: Int

  /// Nil if there is none: no name follows, or a brace is not closed.
  init?(_ rest: ArraySlice<UInt8>) {
    let isOpen = rest.first == UInt8(ascii: "{")
    let text = String(decoding: rest.dropFirst(isOpen ? 1 : 0), as: UTF8.self)
    let name = String(String.UnicodeScalarView(text.unicodeScalars.prefix(while: Self.belongs)))
    let end = rest.startIndex + name.utf8.count + (isOpen ? 1 : 0)
    guard !name.isEmpty,
      !isOpen || rest.indices.contains(end) && rest[end] == UInt8(ascii: "}")
    else { return nil }
    self.name = name
    length = name.utf8.count + (isOpen ? 2 : 0)
  }

  /// The number of the group; nil if it has a name. A number does not begin with a superfluous zero.
  var number: Int? {
    guard name.utf8.allSatisfy(\.isDigit), name.utf8.count == 1 || name.utf8.first != 0x30,
      name.utf8.count <= 8
    else { return nil }
    return Int(name)
  }

  private static func belongs(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .decimalNumber:
      true
    default: scalar == "_"
    }
  }
}
