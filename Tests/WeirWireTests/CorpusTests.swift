import TestSupport
import Testing
import WeirMetrics
import WeirWire

@Suite("The corpus")
struct CorpusTests {
  @Test("is decoded as it says", arguments: CorpusRow.all)
  func real(row: CorpusRow) {
    var agreement = Agreement()
    let decoder = RealDecoder(options: row.options)
    for (before, after) in [("", ""), ("1:|@#", "9|c\n"), ("\n", "\n")] {
      let outcome = decoder.decode(row.line, before: Array(before.utf8), after: Array(after.utf8))
      if let difference = agreement.difference(outcome, row.expected) {
        Issue.record("\(difference)")
      }
    }
  }

  @Test("is decoded so by the naive twin too", arguments: CorpusRow.all)
  func naive(row: CorpusRow) {
    let naive = NaiveDecoder(options: row.options).decode(NaiveDecoder.lines(of: row.line)[0])
    guard case .parts(let parts) = naive, case .parts(let expected) = row.expected else {
      #expect(naive == row.expected)
      return
    }
    #expect(parts.count == expected.count)
    var tagsDropped = 0
    var tagsInternal = 0
    for (part, expected) in zip(parts, expected) {
      switch (part, expected) {
      case (.refused(let allowed), .refused(let reasons)):
        #expect(reasons.isSubset(of: allowed))
      case (
        .taken(let kind, let values, let weight, let spelling),
        .taken(let expectedKind, let expectedValues, let expectedWeight, let expectedSpelling)
      ):
        #expect(kind == expectedKind && values == expectedValues && weight == expectedWeight)
        #expect(spelling.text == expectedSpelling.text)
        tagsDropped += spelling.tagsDropped - expectedSpelling.tagsDropped
        tagsInternal += spelling.tagsInternal - expectedSpelling.tagsInternal
      default: Issue.record("\(part), not \(expected)")
      }
    }
    #expect(tagsDropped == 0 && tagsInternal == 0)
  }

  @Test("is large enough, and shows every reason that the decoder can give")
  func coverage() {
    #expect(CorpusRow.all.count >= 150)
    var shown: Set<Refusal> = []
    for row in CorpusRow.all {
      guard case .parts(let parts) = row.expected else { continue }
      for case .refused(let reasons) in parts { shown.formUnion(reasons) }
    }
    // Only the aggregator can know these, or they need a long line.
    let elsewhere: Set<Refusal> = [
      .typeClash, .reservedName, .tooManySeries, .tooManyLabels, .seriesTooLong,
      .tooManySeriesOfName, .tooManyNames, .tooManySets, .nameTooLong, .labelNameTooLong,
      .labelValueTooLong, .lineTooLong,
    ]
    #expect(shown == Set(Refusal.allCases).subtracting(elsewhere))
  }

  @Test("gives the same result as one long datagram, with any line ends")
  func oneDatagram() {
    for ending in ["\n", "\r\n"] {
      var datagram: [UInt8] = []
      var lines = 0
      var events = 0
      var checks = 0
      var refused: [Refusal: Int] = [:]
      var taken = 0
      for row in CorpusRow.all
      where row.text.hasPrefix("-\t") {
        if row.line.last == 13 { continue }
        datagram += row.line + Array(ending.utf8)
        switch row.expected {
        case .nothing: continue
        case .event: events += 1
        case .serviceCheck: checks += 1
        case .parts(let parts):
          for case .refused(let reasons) in parts { refused[reasons.first!, default: 0] += 1 }
          taken += parts.count { if case .taken = $0 { true } else { false } }
        }
        lines += 1
      }
      let counts = RealDecoder().counts(datagram)
      #expect(counts.lines == lines && counts.events == events && counts.serviceChecks == checks)
      #expect(counts.refused == refused)
      #expect(counts.samples == taken)
    }
  }
}
