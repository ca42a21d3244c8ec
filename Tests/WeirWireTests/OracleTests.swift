import TestSupport
import Testing
import WeirMetrics
import WeirWire

@Suite("The decoder and its naive twin")
struct OracleTests {
  @Test(
    "agree on random lines, whatever comes before and after them",
    arguments: 1...6 as ClosedRange<UInt64>)
  func lines(seed: UInt64) {
    var lines = LineGenerator(seed: seed)
    var choices = SeededGenerator(seed: ~seed)
    var agreement = Agreement()
    var differences = 0
    var refused = 0
    for number in 0..<4_000 {
      // Half of the time all styles, else any choice of them.
      let styles =
        choices.oneIn(2) ? .all : TagStyles(rawValue: UInt8.random(in: 0...31, using: &choices))
      let sign: StatsDOptions.GaugeSign = choices.oneIn(3) ? .absolute : .relative
      var options = StatsDOptions(tagStyles: styles, gaugeSign: sign)
      if choices.oneIn(4) { options.valuelessTags = .isTrue }
      if choices.oneIn(4) { options.containerLabel = "container" }
      let line = lines.line()
      let real = RealDecoder(options: options)
        .decode(
          line, before: choices.bytes(count: 3),
          after: choices.pick([[], [0x31], [0xFF, 0x3A, 0x7C]]))
      let naive = NaiveDecoder(options: options).decode(NaiveDecoder.lines(of: line)[0])
      refused += real.refused.isEmpty ? 0 : 1
      guard let difference = agreement.difference(real, naive) else { continue }
      differences += 1
      if differences > 5 { continue }
      Issue.record(
        """
        seed \(seed), line \(number), \(options): \
        \(String(reflecting: String(decoding: line, as: UTF8.self))): \(difference)
        """)
    }
    // The generator must reach both sides.
    #expect((400...2_000).contains(refused), "\(refused) of 4000 refused")
  }
}
