import WeirBytes

/// How many lines there were of each name, sender or value of a label.
package struct TapCount: Sendable {
  /// What lines are counted by.
  package enum Key: Sendable, Equatable {
    case name, sender
    case label(String)

    package init(_ word: String) {
      switch word {
      case "name": self = .name
      case "sender": self = .sender
      default: self = .label(word)
      }
    }
  }

  /// Values that are told apart; lines of others are counted together.
  package static let valuesMax = 10_000
  /// Rows of the list.
  package static let rowsMax = 20

  private let key: Key
  private var counts: [String: Int] = [:]
  /// Lines that do not have the label.
  private var without = 0
  private var others = 0

  package init(by key: Key) { self.key = key }

  package mutating func add(_ line: TapLine) {
    guard let value = value(of: line) else {
      without += 1
      return
    }
    if counts[value] != nil || counts.count < TapCount.valuesMax {
      counts[value, default: 0] += 1
    } else {
      others += 1
    }
  }

  private func value(of line: TapLine) -> String? {
    switch key {
    case .name: return line.name
    case .sender:
      // Without the port; a path of a socket has none.
      guard let colon = line.sender.lastIndex(of: ":"), !line.sender.hasPrefix("/") else {
        return line.sender
      }
      return String(line.sender[..<colon])
    case .label(let name): return line.tag(name)
    }
  }

  /// The values with most lines, and how many lines these are.
  package var top: [(value: String, count: Int)] {
    let sorted = counts.sorted { $0.value == $1.value ? $0.key < $1.key : $0.value > $1.value }
    return sorted.prefix(TapCount.rowsMax).map { ($0.key, $0.value) }
  }

  /// The list, each line with a newline.
  package func text(_ style: Style) -> String {
    let top = top
    let all = counts.values.reduce(0, +) + without + self.others
    let rest = all - without - top.reduce(0) { $0 + $1.count }
    var rows = top.map { ($0.count, DisplayWidth.cut(foreign: $0.value, to: 100, style)) }
    let others = CountText.grouped(max(1, counts.count - top.count))
    if rest > 0 { rows.append((rest, "of \(others) or more others")) }
    if without > 0, case .label(let name) = key {
      rows.append((without, "without \(DisplayWidth.cut(foreign: name, to: 60, style))"))
    }
    return rows.map { count, text in
      let share = ReadableNumber.share(Double(count) / Double(max(1, all)))
      return "\(CountText.grouped(count).trailing(11))\(share.trailing(9))  \(text)\n"
    }.joined()
  }
}
