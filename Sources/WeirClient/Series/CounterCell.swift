import WeirMetrics

/// A counter's total: a double on a cache line of its own for each stripe.
///
/// Each line is only ever added to, so that none falls, and neither does their sum, which is taken in
/// the same order each time: rounding never turns a greater summand into a lesser sum.
final class CounterCell: Sendable {
  let exemplar = ExemplarSlot()
  let gate: SeriesGate
  private let lines: AtomicWords
  private let mask: Int

  init(stripes: Int = Stripes.count, isSurplus: Bool = false) {
    gate = SeriesGate(isSurplus: isSurplus)
    lines = AtomicWords(count: stripes * AtomicWords.perLine)
    mask = stripes - 1
  }

  /// Adds an amount that the gate admits. Lock-free.
  @inline(__always)
  func add(_ amount: Double) {
    var stripe = Stripes.current
    while true {
      let word = (stripe & mask) &* AtomicWords.perLine
      let total = lines.load(word)
      let next = (Double(bitPattern: total) + amount).bitPattern
      if lines.exchange(word, total, for: next) { return }
      // Another thread came in between. It may come again; the next line is free most likely.
      stripe &+= 1
    }
  }

  /// Takes over a total that something else counts, unless it is less; from one thread only, and
  /// never beside `add`.
  func raise(to total: Double) {
    lines.store(max(total, Double(bitPattern: lines.load(0))).bitPattern, 0)
  }

  /// All that was added, at most the greatest finite number.
  var total: Double {
    var total = 0.0
    for stripe in 0...mask {
      total += Double(bitPattern: lines.load(stripe * AtomicWords.perLine))
    }
    return CompensatedSum.clamped(total)
  }

  /// Begins at 0 again, while no other thread records.
  func reset() {
    for word in 0..<lines.count { lines.store(0, word) }
    exemplar.clear()
  }
}
