import WeirBytes

/// How many columns of a terminal a text takes.
///
/// It is never less than what a terminal shows: where terminals differ, as for flags made of two letters, the
/// greater width counts.
package enum DisplayWidth {
  /// Marks over or under one character. Further ones are left out, because they would cover other lines.
  package static let marksMax = 3

  /// The columns of a character: 0 for a mark that combines, 2 for a wide one, else 1.
  package static func of(_ scalar: Unicode.Scalar) -> Int {
    if scalar.value < 0x300 { return 1 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark: return 0
    default: break
    }
    return isWide(scalar) ? 2 : 1
  }

  /// The columns of a text of characters that are seen.
  ///
  /// - Complexity: O(characters)
  package static func of(_ text: String) -> Int {
    text.unicodeScalars.reduce(0) { $0 + of($1) }
  }

  /// Foreign text, written out where it would drive the terminal, and cut to a number of columns.
  ///
  /// - Parameters:
  ///   - columns: The most columns. A longer text ends in an ellipsis.
  ///   - style: Whether the terminal shows UTF-8.
  /// - Complexity: O(`columns`): of a long text only the beginning is read.
  package static func cut(foreign text: String, to columns: Int, _ style: Style) -> String {
    // No character takes less than one column but marks, of which `marksMax` stay, and four bytes each.
    let read = text.utf8.prefix((max(0, columns) + 1) * (marksMax + 1) * 4 + 4)
    var bytes = Array(read)
    // Not in the middle of a character.
    if read.count < text.utf8.count {
      while let last = bytes.last, last & 0xc0 == 0x80 { bytes.removeLast() }
      if let last = bytes.last, last >= 0xc0 { bytes.removeLast() }
    }
    return cut(ShownText.of(bytes, onlyASCII: !style.isUTF8), to: columns, style)
  }

  /// A text cut to a number of columns. Marks without a character before them are written out.
  package static func cut(_ text: String, to columns: Int, _ style: Style) -> String {
    let ellipsis = style.ellipsis
    let room = columns - of(ellipsis)
    var result = ""
    var width = 0
    var marks = 0
    // What fits together with the ellipsis.
    var fitting = ""
    for scalar in text.unicodeScalars {
      let own = of(scalar)
      var piece = String(scalar)
      var pieceWidth = own
      if own == 0 {
        if result.isEmpty {
          piece = "\\u{" + String(scalar.value, radix: 16) + "}"
          pieceWidth = piece.count
        } else {
          marks += 1
          if marks > marksMax { continue }
        }
      } else {
        marks = 0
      }
      if width + pieceWidth > columns {
        return room >= 0 ? fitting + ellipsis : ""
      }
      width += pieceWidth
      result += piece
      if width <= room { fitting = result }
    }
    return result
  }

  /// The words of a text in lines of at most `columns`. A word that is longer is cut into pieces.
  package static func wrapped(_ text: String, to columns: Int) -> [String] {
    guard columns > 0 else { return [] }
    var lines: [String] = []
    var line = ""
    var width = 0
    for word in text.split(separator: " ") {
      var word = word[...]
      let wordWidth = of(String(word))
      if width > 0, width + 1 + wordWidth > columns {
        lines.append(line)
        (line, width) = ("", 0)
      }
      while width == 0, of(String(word)) > columns {
        let piece = pieceOf(word, columns)
        guard !piece.isEmpty else { return lines }
        lines.append(String(piece))
        word = word[piece.endIndex...]
      }
      guard !word.isEmpty else { continue }
      line += width > 0 ? " \(word)" : String(word)
      width += of(String(word)) + (width > 0 ? 1 : 0)
    }
    if width > 0 { lines.append(line) }
    return lines
  }

  private static func pieceOf(_ word: Substring, _ columns: Int) -> Substring {
    var width = 0
    var end = word.unicodeScalars.startIndex
    for index in word.unicodeScalars.indices {
      width += of(word.unicodeScalars[index])
      if width > columns { break }
      end = word.unicodeScalars.index(after: index)
    }
    return word[..<end]
  }

  /// East Asian wide and fullwidth characters, and pictures that are shown as such.
  private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
    guard scalar.value >= 0x1100 else { return false }
    return wide.contains { $0.contains(scalar.value) } || scalar.properties.isEmojiPresentation
  }

  /// Blocks of UAX #11 in which all or nearly all are wide.
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115f, 0x2329...0x232a, 0x2e80...0x303e, 0x3041...0x4dbf, 0x4e00...0xa4cf,
    0xa960...0xa97f, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe10...0xfe19, 0xfe30...0xfe6f,
    0xff00...0xff60, 0xffe0...0xffe6, 0x16fe0...0x18dff, 0x1aff0...0x1b2ff, 0x1d300...0x1d37f,
    0x1f000...0x1faff, 0x20000...0x3fffd,
  ]
}
