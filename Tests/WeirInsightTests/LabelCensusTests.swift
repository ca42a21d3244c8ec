import TestSupport
import Testing
import WeirBytes
import WeirInsight

@Suite("The labels of all series")
struct LabelCensusTests {
  private func census(_ series: [(name: String, labels: [String: String])]) -> LabelCensus {
    var random = SeededGenerator(seed: 7)
    var census = LabelCensus(hash: .random(using: &random))
    for one in series {
      let labels = one.labels.sorted { $0.key < $1.key }
        .map { "\($0.key)=\"\($0.value)\"" }.joined(separator: ",")
      let spelling = labels.isEmpty ? one.name : "\(one.name){\(labels)}"
      census.add(Array(spelling.utf8).span, nameLength: one.name.utf8.count)
    }
    return census
  }

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  @Test(
    "values, bytes and pairs are those of a plain count", arguments: 0..<10 as Range<UInt64>)
  func oracle(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let series = (0..<600).map { _ in
      var labels: [String: String] = [:]
      for (label, values) in ["model": 7, "user": 200] where !random.oneIn(4) {
        labels[label] = "v\(Int.random(in: 0..<values, using: &random))"
      }
      return (name: "name_\(Int.random(in: 0..<5, using: &random))", labels: labels)
    }
    let counted = census(series)
    #expect(counted.series == 600 && !counted.isLabelMissing)
    var (values, bytes, pairs) = ([String: Set<String>](), [String: Int](), [String: Int]())
    for one in series {
      for (label, value) in one.labels.merging(["__name__": one.name], uniquingKeysWith: { $1 }) {
        values[label, default: []].insert(value)
        bytes[label, default: 0] += value.utf8.count
        pairs["\(label)=\(value)", default: 0] += 1
      }
    }
    #expect(
      Dictionary(uniqueKeysWithValues: counted.labels.map { (text($0.name), $0.values.count) })
        == values.mapValues(\.count))
    #expect(
      Dictionary(uniqueKeysWithValues: counted.labels.map { (text($0.name), $0.valueBytes) })
        == bytes)
    let all = counted.pairs.top(.max)
    #expect(Dictionary(uniqueKeysWithValues: all.map { (text($0.value), $0.count) }) == pairs)
    #expect(all.map(\.count) == all.map(\.count).sorted(by: >))
  }

  @Test("the same value of two labels is two pairs")
  func pairs() {
    let counted = census([("a", ["x": "1", "y": "1"]), ("a", ["x": "1"])])
    #expect(
      counted.pairs.top(.max).map { "\(text($0.value)) \($0.count)" }
        == ["__name__=a 2", "x=1 2", "y=1 1"])
    #expect(counted.labels.map { text($0.name) } == ["__name__", "x", "y"])
  }

  @Test("names in quotes and escapes are written as sent")
  func escapes() {
    var random = SeededGenerator(seed: 7)
    var census = LabelCensus(hash: .random(using: &random))
    let name = #""odd \"name\"""#
    let spelling = name + #"{"a b"="x\\y"}"#
    census.add(Array(spelling.utf8).span, nameLength: name.utf8.count)
    let pairs = census.pairs.top(.max).map { text($0.value) }
    #expect(pairs == [#"__name__=odd "name""#, #"a b=x\y"#])
  }

  @Test("more labels than are counted are told of, and take no memory")
  func bounded() {
    let counted = census((0..<600).map { ("a", ["label_\($0)": "v"]) })
    #expect(counted.labels.count == LabelCensus.labelsMax)
    #expect(counted.isLabelMissing && counted.series == 600)
    // With its own name, all that there may be.
    let full = census((0..<511).map { ("a", ["label_\($0)": "v"]) })
    #expect(full.labels.count == LabelCensus.labelsMax && !full.isLabelMissing)
  }
}

@Suite("Distinct things")
struct DistinctCountTests {
  @Test("are counted exactly up to 1,024, and estimated from there on")
  func bound() {
    var random = SeededGenerator(seed: 3)
    var count = DistinctCount()
    let hashes = (0..<1_025).map { _ in random.next() }
    for hash in hashes.dropLast() {
      count.insert(hash)
      count.insert(hash)
    }
    #expect(count.isExact && count.count == 1_024)
    count.insert(hashes[1_024])
    #expect(!count.isExact)
    #expect(abs(count.count - 1_025) < 100)
    for hash in hashes { count.insert(hash) }
    #expect(abs(count.count - 1_025) < 100)
  }
}
