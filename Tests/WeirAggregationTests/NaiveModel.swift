import TestSupport
import WeirMetrics

@testable import WeirAggregation

/// The expected values of lines, in dictionaries, and a source of random lines whose meaning it
/// knows.
///
/// All numbers are small multiples of 1/64 and all rates are powers of two, so that sums are exact
/// in any order.
struct NaiveModel {
  private(set) var contents = Contents()
  private(set) var tagsDropped = 0
  private var members: [String: Set<Int>] = [:]
  private var generator: SeededGenerator
  private let bounds = HistogramBounds.standard.upper

  init(seed: UInt64) {
    generator = SeededGenerator(seed: seed)
  }

  /// A line, already counted.
  mutating func line() -> String {
    let kind = generator.pick(MetricKind.allCases)
    let name = "\(kind.label).\(Int.random(in: 0..<3, using: &generator))"
    var tags: [(String, String)] = []
    for tag in ["a", "b.c", "9"] where generator.oneIn(2) {
      tags.append((tag, "v\(Int.random(in: 0..<3, using: &generator))"))
    }
    let spelling = NaiveSpelling(name: name, tags: tags, isHistogram: kind == .histogram)
    let (front, back) = dialect(name, tags.shuffled(using: &generator))
    // After tags in a name there is only one value, except with SignalFx' brackets.
    let mayPack = !front.contains { ",#;".contains($0) } || front.contains("[")
    let count = mayPack && generator.oneIn(3) ? Int.random(in: 2...4, using: &generator) : 1
    switch kind {
    case .counter: return front + counter(spelling.text, count) + back
    case .gauge: return front + gauge(spelling.text, count) + back
    case .histogram: return front + histogram(spelling.text, count) + back
    case .set:
      let member = Int.random(in: 0..<100, using: &generator)
      members[spelling.text, default: []].insert(member)
      contents.values[.set, default: [:]][spelling.text] = Double(members[spelling.text]!.count)
      return front + "user\(member)|s" + back
    }
  }

  /// Name and tags in one of the five styles, sometimes with a tag that is not valid.
  private mutating func dialect(_ name: String, _ tags: [(String, String)]) -> (String, String) {
    func list(_ separator: String) -> String {
      tags.map { "\($0)\(separator)\($1)" }.joined(separator: ",")
    }
    if tags.isEmpty { return (name + ":", "") }
    let extra = generator.oneIn(5) ? ",none" : ""
    if !extra.isEmpty { tagsDropped += 1 }
    switch Int.random(in: 0..<5, using: &generator) {
    case 4:
      let pairs = "\(list("="))\(extra)".replacing(",", with: ";")
      return ("\(name);\(pairs):", "")
    case 0: return ("\(name),\(list("="))\(extra):", "")
    case 1: return ("\(name)#\(list("="))\(extra):", "")
    case 2:
      let middle = name.index(name.startIndex, offsetBy: 2)
      return ("\(name[..<middle])[\(list("="))\(extra)]\(name[middle...]):", "")
    default: return (name + ":", "|#\(list(":"))\(extra)")
    }
  }

  private mutating func number() -> Double {
    Double(Int.random(in: 0...12_800, using: &generator)) / 64
  }

  private mutating func counter(_ series: String, _ count: Int) -> String {
    let numbers = (0..<count).map { _ in number() }
    let rate = generator.pick([1, 0.5, 0.25])
    for number in numbers {
      contents.values[.counter, default: [:]][series, default: 0] += number / rate
    }
    return text(numbers) + "|c" + (rate == 1 ? "" : "|@\(rate)")
  }

  private mutating func gauge(_ series: String, _ count: Int) -> String {
    var texts: [String] = []
    for _ in 0..<count {
      let number = number()
      let sign = generator.pick(["", "+", "-"])
      let before = contents.values[.gauge]?[series] ?? 0
      let after = sign == "" ? number : sign == "+" ? before + number : before - number
      contents.values[.gauge, default: [:]][series] = after
      texts.append("\(sign)\(number)")
    }
    return texts.joined(separator: ":") + "|g"
  }

  private mutating func histogram(_ series: String, _ count: Int) -> String {
    let numbers = (0..<count).map { _ in number() }
    let rate = generator.pick([1, 0.5, 0.125])
    var histogram =
      contents.histograms[series]
      ?? Contents.Histogram(buckets: [Double](repeating: 0, count: bounds.count + 1))
    for number in numbers {
      histogram.sum += number / rate
      histogram.buckets[bounds.firstIndex { number <= $0 } ?? bounds.count] += 1 / rate
    }
    contents.histograms[series] = histogram
    return text(numbers) + generator.pick(["|h", "|d"]) + (rate == 1 ? "" : "|@\(rate)")
  }

  private func text(_ numbers: [Double]) -> String {
    numbers.map { "\($0)" }.joined(separator: ":")
  }
}
