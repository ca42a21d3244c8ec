import Glibc
import Testing
import WeirAggregation
import WeirConfiguration
import WeirSockets
import WeirWire

@testable import WeirDaemon

@Suite("The page of refused lines")
struct RefusedLinesTests {
  @Test("shows time, sender, reason and line, newest first, each line once")
  func page() throws {
    let lines = try refuse([
      "good:1|c\nno colon\nbad:x|c", "a:1|x:y|c:z|c", "\u{7}\"quoted\\\":1|?\r\n",
    ])
    #expect(
      lines == [
        #"2026-01-02T03:04:05.678Z SENDER unknown_type "\x07\"quoted\\\":1|?""#,
        #"2026-01-02T03:04:05.678Z SENDER bad_value "a:1|x:y|c:z|c""#,
        #"2026-01-02T03:04:05.678Z SENDER bad_value "bad:x|c""#,
        #"2026-01-02T03:04:05.678Z SENDER missing_value "no colon""#,
      ])
  }

  @Test("keeps the last fifty, and the beginning of what is long")
  func bounds() throws {
    let long = String(repeating: "x", count: 300)
    let lines = try refuse((0..<60).map { "line \($0)" } + [long])
    #expect(lines.count == 50)
    let kept = String(long.prefix(256))
    #expect(lines.first == "2026-01-02T03:04:05.678Z SENDER missing_value \"\(kept)\"…")
    #expect(lines.last == "2026-01-02T03:04:05.678Z SENDER missing_value \"line 11\"")
  }

  /// Sends datagrams through a pipeline, and returns the page without its heading, the sender's
  /// address as SENDER.
  private func refuse(_ datagrams: [String]) throws -> [String] {
    let socket = try UDPSocket.bind(to: .loopback(port: 0), flag: "--flag")
    let sender = try UDPSocket.bind(to: .loopback(port: 0), flag: "--flag")
    let refused = RefusedLines()
    let time = timespec(tv_sec: 1_767_323_045, tv_nsec: 678_000_000)
    let aggregator = Aggregator()
    var pipeline = IngestPipeline(
      aggregator: aggregator, options: StatsDOptions(), admission: Admission(),
      pushed: Pushed(aggregator: aggregator, limits: OwnerLimits()), meter: IngestMeter(),
      refused: refused, log: Log(level: .error, format: .logfmt), now: { time })
    var batch = DatagramBatch()
    for datagram in datagrams {
      var target = socket.address.storage
      let bytes = Array(datagram.utf8)
      let sent = withUnsafePointer(to: &target) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          sendto(
            sender.descriptor.raw, bytes, bytes.count, 0, $0, socket.address.kernelLength)
        }
      }
      try #require(sent == bytes.count)
      // Loopback has delivered by the time that sendto returns.
      try #require(try batch.receive(from: socket) == 1)
      pipeline.ingest(batch, from: socket)
    }
    let page = String(decoding: refused.page, as: UTF8.self)
    #expect(page.hasSuffix("\n"))
    return page.split(separator: "\n").dropFirst().map {
      String($0).replacing(sender.address.description, with: "SENDER")
    }
  }
}
