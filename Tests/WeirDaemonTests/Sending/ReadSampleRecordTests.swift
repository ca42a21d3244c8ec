import Testing
import WeirConfiguration
import WeirExposition

@testable import WeirDaemon

@Suite struct ReadSampleRecordTests {
  @Test(arguments: [[], ["--statsd.names=utf-8"], ["--observe=summary"]])
  func `lines as frames make the same page as the lines`(flags: [String]) async throws {
    let lines = [
      "a.total:1:2.5|c|#k:v,quoted:x\"y\\z", "a.total:4|c|@0.5|#k:v,quoted:x\"y\\z", "b:1|c",
      "bytes:7|g", "bytes:+3|g|#k:v", "lag:0.5|ms|#k:é,l:a=b", "lag:3|h|@0.25", "users:a|s",
      "users:b|s", "users:a|s",
    ]
    let samples = try SentSeriesTests.samples(lines, flags)
    let byText = try TestServer(flags)
    let byFrames = try TestServer(flags)
    try GatewayFleetTests.ingest(lines.map { Array($0.utf8) }, into: byText)
    try GatewayFleetTests.ingest(
      [TestServer.frame(1, 1, samples.flatMap(\.records))], into: byFrames)
    let names = Array(Set(samples.map { String(decoding: $0.name, as: UTF8.self) }))
    let expected = PageValues(try await byText.page(.text1, names))
    #expect(PageValues(try await byFrames.page(.text1, names)) == expected)
    #expect(expected.sum(of: "b") == 1)
  }
}
