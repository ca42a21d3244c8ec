/// The edit distance between words, for messages that propose a correction.
package enum EditDistance {
  /// The fewest single characters to insert, delete or replace that turn `source` into `target`
  /// (Levenshtein's distance).
  ///
  /// - Complexity: O(`source.count` × `target.count`) time, O(`target.count`) space.
  static func between(_ source: String, _ target: String) -> Int {
    let target = Array(target.unicodeScalars)
    var row = Array(0...target.count)
    for (index, character) in source.unicodeScalars.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for column in target.indices {
        let replaced = diagonal + (character == target[column] ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
      }
    }
    return row[target.count]
  }

  /// The candidate nearest to `word`, the first if there are several; nil if none is near enough,
  /// which means that more than a third of the word would have to change.
  package static func nearest(to word: String, among candidates: [String]) -> String? {
    let limit = max(2, word.unicodeScalars.count / 3)
    return
      candidates
      .map { (candidate: $0, distance: between(word, $0)) }
      .filter { $0.distance <= limit }
      .min { $0.distance < $1.distance }?
      .candidate
  }

  /// The candidate of which `word` is a misspelling: one character differs, or two are swapped.
  static func misspelled(_ word: String, among candidates: [String]) -> String? {
    candidates.first {
      between(word, $0) == 1 || between(word, $0) == 2 && word.sorted() == $0.sorted()
    }
  }
}
