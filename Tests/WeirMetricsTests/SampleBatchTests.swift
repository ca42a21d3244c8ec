import Testing
import WeirBytes
import WeirMetrics

@Suite("A batch")
struct SampleBatchTests {
  @Test(
    "counts refusals by reason, and keeps the last fifty, oldest first",
    arguments: [0, 1, 49, 50, 51, 99, 100, 137])
  func refusals(count: Int) {
    var batch = SampleBatch()
    for line in 0..<count {
      let reason = Refusal.allCases[line % Refusal.allCases.count]
      batch.refuse(reason, lineStart: line, lineEnd: line + 1)
    }
    let record = batch.refusals
    #expect(record.total == count)
    #expect(Refusal.allCases.reduce(0) { $0 + record.count(of: $1) } == count)
    #expect(record.last.map(\.lineStart) == Array(max(0, count - 50)..<count))
    for entry in record.last {
      #expect(entry.reason == Refusal.allCases[entry.lineStart % Refusal.allCases.count])
      #expect(entry.lineEnd == entry.lineStart + 1)
    }
  }

  @Test("that is emptied holds nothing, and counts from zero")
  func emptied() {
    var batch = SampleBatch()
    for line in 0..<60 { batch.refuse(.badValue, lineStart: line, lineEnd: line) }
    batch.values.append(1)
    batch.lines = 5
    batch.events = 6
    batch.serviceChecks = 7
    batch.tagsDropped = 8
    batch.samplesApplied[2] = 9
    batch.removeAll()
    #expect(batch.samples.elements.isEmpty && batch.values.elements.isEmpty)
    #expect([batch.lines, batch.events, batch.serviceChecks, batch.tagsDropped] == [0, 0, 0, 0])
    #expect(batch.samplesApplied[2] == 0)
    #expect(batch.refusals.total == 0 && batch.refusals.last.isEmpty)
    #expect(batch.refusals.count(of: .badValue) == 0)
    batch.refuse(.zeroRate, lineStart: 3, lineEnd: 4)
    #expect(batch.refusals.last.map(\.lineStart) == [3])
  }

  @Test("names every reason and kind by a word of its own")
  func labels() {
    let reasons = Refusal.allCases.map { "\($0.label)" }
    #expect(Set(reasons).count == reasons.count)
    #expect(reasons.allSatisfy { $0.wholeMatch(of: /[a-z][a-z0-9_]*/) != nil })
    #expect(MetricKind.allCases.map { "\($0.label)" } == ["counter", "gauge", "histogram", "set"])
    // Tables index by raw value.
    #expect(Refusal.allCases.map { Int($0.rawValue) } == Array(Refusal.allCases.indices))
    #expect(MetricKind.allCases.map { $0.index } == Array(MetricKind.allCases.indices))
  }
}
