import Synchronization
import WeirClient

/// A plain atomic word, for comparison.
final class PlainAtomic: Sendable {
  private let word = Atomic<UInt64>(0)

  func add() { word.add(1, ordering: .relaxed) }
  var total: Double { Double(word.load(ordering: .relaxed)) }
}

/// What is recorded into. Each loop is written out, because a call of a closure would be measured
/// too.
enum Subject: Sendable {
  case atomic(PlainAtomic)
  case counter(Counter)
  case gauge(Gauge)
  case histogram(Histogram)

  var label: String {
    switch self {
    case .atomic: "atomic add"
    case .counter: "counter.increment"
    case .gauge: "gauge.set"
    case .histogram: "histogram.observe"
    }
  }

  /// Values of several buckets, whole multiples of 1/1024, so that their sum is exact.
  static let values: [Double] = (0..<64).map { Double($0 * $0 * 7 % 4_096) / 1_024 }

  func record(_ times: Int) {
    switch self {
    case .atomic(let word): for _ in 0..<times { word.add() }
    case .counter(let counter): for _ in 0..<times { counter.increment() }
    case .gauge(let gauge): for index in 0..<times { gauge.set(Double(index)) }
    case .histogram(let histogram):
      let values = Subject.values
      for index in 0..<times { histogram.observe(values[index & 63]) }
    }
  }

  /// What is wrong after all threads have recorded, a sentence each.
  func faults(threads: Int, records: Int, calls: Int) -> [String] {
    let expected = Double(threads * records * calls)
    var faults: [String] = []
    func check(_ what: String, _ found: Double?, _ wanted: Double) {
      if found != wanted {
        faults.append("\(label): the \(what) is \(found ?? .nan) and not \(wanted).")
      }
    }
    switch self {
    case .atomic(let word): check("total", word.total, expected)
    case .counter(let counter): check("total", counter.total, expected)
    case .gauge(let gauge): check("value", gauge.value, Double(records - 1))
    case .histogram(let histogram):
      check("count", histogram.count, expected)
      let whole = Subject.values.reduce(0, +) * Double(records / 64)
      let rest = Subject.values.prefix(records % 64).reduce(0, +)
      check("sum", histogram.sum, (whole + rest) * Double(threads * calls))
    }
    return faults
  }
}
