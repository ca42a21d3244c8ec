/// Chooses one of each few things that come in turn, each with the same chance, so that senders who take turns are
/// chosen equally often.
package struct RandomTurns<Generator: RandomNumberGenerator> {
  private let stride: Int
  private let count: Int
  private var generator: Generator
  private var chosen = -1
  private var weight = 0.0

  /// - Parameters:
  ///   - count: How many things there are.
  ///   - wanted: About how many of them are chosen; all if there are no more.
  package init(of count: Int, choosing wanted: Int, using generator: Generator) {
    self.count = count
    self.generator = generator
    stride = max(1, count / max(1, wanted))
  }

  /// For how many things the one at an index stands; nil if it is not chosen. Ask for each index in turn.
  package mutating func weight(at index: Int) -> Double? {
    if index.isMultiple(of: stride) {
      // The last turn may be shorter.
      let width = min(stride, count - index)
      chosen = index + (width > 1 ? Int.random(in: 0..<width, using: &generator) : 0)
      weight = Double(width)
    }
    return index == chosen ? weight : nil
  }
}
