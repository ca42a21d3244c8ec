/// A number for each of a set of words, found without an allocation.
///
/// The words come from a mapping file. Senders choose only what is looked up, so that they can't make
/// the table uneven.
struct WordTable: Sendable {
  private var words: [[UInt8]] = []
  /// Numbers of words, or -1. A word is at its hash or in the places after it. A power of two, at most
  /// half full.
  private var places = [Int32](repeating: -1, count: 16)
  /// Bytes of the longest word.
  private var lengthMax = 0

  /// The number of a word, from 0 in the order of insertion.
  mutating func insert(_ word: [UInt8]) -> Int32 {
    let known = find(word.span, 0..<word.count)
    if known >= 0 { return known }
    words.append(word)
    lengthMax = max(lengthMax, word.count)
    if 2 * words.count > places.count {
      places = [Int32](repeating: -1, count: 2 * places.count)
      for number in words.indices { place(Int32(number)) }
    } else {
      place(Int32(words.count - 1))
    }
    return Int32(words.count - 1)
  }

  /// The number of the word at `range` of `bytes`; -1 if it is not in the table.
  ///
  /// - Complexity: O(bytes of the longest word).
  func find(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int32 {
    guard range.count <= lengthMax else { return -1 }
    var place = hash(bytes, range) & (places.count - 1)
    while places[place] >= 0 {
      let number = places[place]
      if equals(words[Int(number)], bytes, range) { return number }
      place = (place + 1) & (places.count - 1)
    }
    return -1
  }

  private mutating func place(_ number: Int32) {
    let word = words[Int(number)]
    var place = hash(word.span, 0..<word.count) & (places.count - 1)
    while places[place] >= 0 { place = (place + 1) & (places.count - 1) }
    places[place] = number
  }

  private func equals(_ word: [UInt8], _ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    guard word.count == range.count else { return false }
    for index in word.indices where word[index] != bytes[range.lowerBound + index] { return false }
    return true
  }

  /// FNV-1a, folded.
  private func hash(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int {
    var hash: UInt64 = 14_695_981_039_346_656_037
    for index in range { hash = (hash ^ UInt64(bytes[index])) &* 1_099_511_628_211 }
    return Int(truncatingIfNeeded: hash ^ hash >> 29)
  }
}
