import WeirMetrics

/// A counter's total: one double for each stripe, each on its own cache line.
///
/// ```
/// words   0       1 … 7     8       9 … 15    …
///         total 0 unused    total 1 unused         the counter is the sum of all stripes' totals
/// ```
///
/// No stripe's total ever falls. Neither does their sum: it is always computed in the same order,
/// and rounding never makes the sum smaller when a summand grows.
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

  /// Adds an amount that the gate accepts. Lock-free.
  @inline(__always)
  func add(_ amount: Double) {
    var stripe = Stripes.current
    while true {
      let word = (stripe & mask) &* AtomicWords.perLine
      let total = lines.load(at: word)
      let next = (Double(bitPattern: total) + amount).bitPattern
      if lines.compareExchange(at: word, expected: total, desired: next) { return }
      // Another thread has changed the stripe. The next one is probably free.
      stripe &+= 1
    }
  }

  /// Sets a total that is counted elsewhere, unless it is less. Only from one thread, and never
  /// together with `add`.
  func raise(to total: Double) {
    lines.store(max(total, Double(bitPattern: lines.load(at: 0))).bitPattern, at: 0)
  }

  /// The sum of all amounts, limited to the greatest finite number.
  var total: Double {
    var total = 0.0
    for stripe in 0...mask {
      total += Double(bitPattern: lines.load(at: stripe * AtomicWords.perLine))
    }
    return CompensatedSum.clamped(total)
  }

  /// Sets the total to 0. No other thread may record at the same time.
  func reset() {
    for word in 0..<lines.count { lines.store(0, at: word) }
    exemplar.clear()
  }
}
