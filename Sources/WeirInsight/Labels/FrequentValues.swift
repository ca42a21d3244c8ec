/// The most frequent values among those that were added (Misra and Gries, 1982).
///
/// Counts are exact while there are at most 4,096 distinct values with at most 128 KiB of text. With more
/// values, a count is too low by `error` at most, and a value that comes more often than `error` times is
/// among the candidates. It takes at most 330 KiB.
package struct FrequentValues: Sendable {
  /// The most values that are counted at once.
  package static let candidatesMax = 4_096
  /// The most bytes of their texts.
  package static let textBytesMax = 128 << 10

  private struct Candidate: Sendable {
    var count: Int
    var start: Int32
    var length: Int32
  }

  private var candidates: [UInt64: Candidate] = [:]
  private var text: [UInt8] = []
  /// By how much a count may be too low.
  package private(set) var error = 0

  package init() {}

  /// Counts a value by its hash, if it is a candidate.
  ///
  /// - Returns: Whether it is; if not, `insert` follows.
  /// - Complexity: O(1).
  package mutating func count(_ hash: UInt64) -> Bool {
    guard let index = candidates.index(forKey: hash) else { return false }
    candidates.values[index].count += 1
    return true
  }

  /// Adds a value that is no candidate.
  ///
  /// - Complexity: O(bytes), amortised.
  package mutating func insert(_ hash: UInt64, _ value: [UInt8]) {
    guard candidates.count < FrequentValues.candidatesMax,
      text.count + value.count <= FrequentValues.textBytesMax
    else { return takeOneOfEach() }
    candidates[hash] = Candidate(count: 1, start: Int32(text.count), length: Int32(value.count))
    text += value
  }

  /// The values with the greatest counts, greatest first, then by their bytes.
  ///
  /// - Complexity: O(n log n) for n candidates.
  package func top(_ most: Int) -> [(value: [UInt8], count: Int)] {
    candidates.values.map { (value: bytes($0), count: $0.count) }
      .sorted { left, right in
        left.count == right.count
          ? left.value.lexicographicallyPrecedes(right.value) : left.count > right.count
      }
      .prefix(most).map { $0 }
  }

  /// Each of these steps takes as many counts away as there are candidates, so that there are few of them.
  private mutating func takeOneOfEach() {
    error += 1
    var kept: [UInt64: Candidate] = [:]
    var keptText: [UInt8] = []
    for (hash, var candidate) in candidates where candidate.count > 1 {
      let value = bytes(candidate)
      candidate.count -= 1
      candidate.start = Int32(keptText.count)
      kept[hash] = candidate
      keptText += value
    }
    candidates = kept
    text = keptText
  }

  private func bytes(_ candidate: Candidate) -> [UInt8] {
    Array(text[Int(candidate.start)..<Int(candidate.start + candidate.length)])
  }
}
