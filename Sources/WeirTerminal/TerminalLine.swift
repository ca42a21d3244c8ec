/// A line of a screen: texts with a tint each. Foreign text has been written out before.
package struct TerminalLine: Sendable, Equatable {
  package private(set) var pieces: [(text: String, tint: Style.Tint)] = []

  package init() {}

  package init(_ text: String, _ tint: Style.Tint = .plain) { append(text, tint) }

  package static func == (left: TerminalLine, right: TerminalLine) -> Bool {
    left.pieces.elementsEqual(right.pieces) { $0 == $1 }
  }

  package var width: Int { pieces.reduce(0) { $0 + DisplayWidth.of($1.text) } }

  package mutating func append(_ text: String, _ tint: Style.Tint = .plain) {
    guard !text.isEmpty else { return }
    pieces.append((text, tint))
  }

  /// Appends spaces up to a column.
  package mutating func pad(to column: Int) {
    append(String(repeating: " ", count: max(0, column - width)))
  }

  /// The line for a terminal, in at most `columns`.
  package func text(columns: Int, _ style: Style) -> String {
    var text = ""
    var room = columns
    for piece in pieces {
      let width = DisplayWidth.of(piece.text)
      if width <= room {
        text += style.tinted(piece.text, piece.tint)
        room -= width
        continue
      }
      text += style.tinted(DisplayWidth.cut(piece.text, to: room, style), piece.tint)
      break
    }
    return text
  }
}

extension String {
  /// The text with spaces after it, in exactly `columns` if it is not longer.
  func leading(_ columns: Int) -> String {
    self + String(repeating: " ", count: max(0, columns - DisplayWidth.of(self)))
  }

  /// The text with spaces before it.
  func trailing(_ columns: Int) -> String {
    String(repeating: " ", count: max(0, columns - DisplayWidth.of(self))) + self
  }
}
