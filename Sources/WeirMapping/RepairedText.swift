import WeirBytes

/// A text with U+FFFD for each byte that belongs to no well-formed scalar, as Go's library reads it.
struct RepairedText {
  private(set) var bytes: [UInt8] = []
  /// For each byte, and for the end, its place in the original text.
  private var places: [Int] = []

  /// Nil if the text is well-formed, so that nothing has to be repaired.
  init?(_ text: Span<UInt8>) {
    guard !text.isASCII(from: 0, to: text.count), !text.isUTF8(from: 0, to: text.count) else {
      return nil
    }
    var index = 0
    while index < text.count {
      let length = text.scalarLength(at: index, to: text.count)
      if length == 0 {
        bytes += [0xEF, 0xBF, 0xBD]
        places += [index, index, index]
      }
      for place in index..<index + length {
        bytes.append(text[place])
        places.append(place)
      }
      index += max(1, length)
    }
    places.append(text.count)
  }

  /// The range in the original text.
  func original(_ range: Range<Int>) -> Range<Int> {
    places[range.lowerBound]..<places[range.upperBound]
  }
}
