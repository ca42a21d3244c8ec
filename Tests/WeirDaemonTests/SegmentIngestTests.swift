import Testing
import WeirSockets

@testable import WeirDaemon

@Suite("Refused datagrams of one piece")
struct SegmentIngestTests {
  @Test("are counted one by one, both for a source and for text that is not allowed")
  func refused() throws {
    var networks = SourceNetworks()
    try networks.add("10.0.0.0/8")
    for (admission, sources, texts) in [
      (ListenerFilter(networks: networks), 4 + 1, 0),
      (ListenerFilter(takesText: false), 0, 4 + 1),
      (ListenerFilter(), 0, 0),
    ] {
      var harness = try PipelineHarness(admission: admission, splitsSegments: true)
      // Three of ten bytes and one of five.
      let line = Array("aaaa:1|c\r\n".utf8)
      try harness.ingest(line + line + line + Array("a:1|c".utf8), segment: 10)
      try harness.ingest(line)
      let totals = harness.meter.reading
      #expect(totals.datagrams == 5)
      #expect(totals.refusedSources == sources)
      #expect(totals.refusedTexts == texts)
      #expect(totals.bytes == 45)
      #expect(totals.lines == (sources + texts > 0 ? 0 : 5))
    }
  }
}
