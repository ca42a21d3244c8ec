import Foundation
import Testing
import WeirAggregation
import WeirBytes
import WeirConfiguration
import WeirHTTP
import WeirMetrics
import WeirPush
import WeirSockets

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

  @Test("keeps the last fifty, and the beginning of long lines")
  func bounds() throws {
    let long = String(repeating: "x", count: 600)
    let lines = try refuse((0..<60).map { "line \($0)" } + [long])
    #expect(lines.count == 50)
    let kept = String(long.prefix(512))
    #expect(lines.first == "2026-01-02T03:04:05.678Z SENDER missing_value \"\(kept)\"…")
    #expect(lines.last == "2026-01-02T03:04:05.678Z SENDER missing_value \"line 11\"")
  }

  @Test(
    "shows refused frames with sender, instance and reason, and refused records with their names")
  func pushes() throws {
    var limits = OwnerLimits()
    limits.totalsMax = 1
    var harness = try PipelineHarness(limits: limits)
    try harness.ingest([0xF7])
    try harness.ingest(frame(instance: 0xAB, names: []) + [0xFF])
    var unknown = frame(instance: 0xABC, names: [])
    unknown[3] = 0x40
    try harness.ingest(unknown)
    try harness.ingest(frame(instance: 0x0123_4567_89AB_CDEF, names: ["a_total", "b\"\n\u{1B}"]))
    try harness.ingest(frame(instance: 2, names: ["weir_c"]) + [1, 2, 0x7F, 0])
    let lines = pushSection(harness.refused, sender: harness.senderAddress)
    #expect(
      lines == [
        #"2026-01-02T03:04:05.678Z SENDER 0000000000000002 record too_many_totals "weir_c""#,
        "2026-01-02T03:04:05.678Z SENDER 0000000000000002 record bad_string -",
        #"2026-01-02T03:04:05.678Z SENDER 0123456789abcdef record too_many_totals "b\"\x0a\x1b""#,
        "2026-01-02T03:04:05.678Z SENDER - frame unknown_flags",
        "2026-01-02T03:04:05.678Z SENDER 00000000000000ab record malformed -",
        "2026-01-02T03:04:05.678Z SENDER - frame truncated",
      ])
  }

  @Test("keeps the last fifty frames and records, however many lines follow them")
  func pushBounds() throws {
    var harness = try PipelineHarness()
    for instance in 1...60 {
      try harness.ingest(frame(instance: UInt64(instance), names: ["weir_x"]))
      try harness.ingest("no colon")
    }
    let lines = pushSection(harness.refused, sender: harness.senderAddress)
    #expect(lines.count == 50)
    #expect(
      lines.first
        == #"2026-01-02T03:04:05.678Z SENDER 000000000000003c record reserved_name "weir_x""#)
    #expect(
      lines.last
        == #"2026-01-02T03:04:05.678Z SENDER 000000000000000b record reserved_name "weir_x""#)
  }

  @Test("shows frames of HTTP requests with the address of the connection")
  func http() async throws {
    let refused = RefusedLines()
    let page = PushPage(
      Pushed(aggregator: Aggregator(), limits: OwnerLimits()), refused: refused,
      log: Log(level: .error, format: .logfmt), now: { PipelineHarness.time })
    var request = HTTPRequest(
      method: "POST", path: PushPage.path, headers: ["Content-Type": PushPage.contentType])
    let frame = frame(instance: 7, names: ["weir_x"])
    request.body = [UInt8(frame.count)] + frame + [2, 0xF7, 0x57]
    request.peer = .loopback(port: 9)
    let answer = await page.respond(to: request)
    #expect(answer.status == 400)
    request.peer = nil
    _ = await page.respond(to: request)
    #expect(
      pushSection(refused, sender: "127.0.0.1:9") == [
        "2026-01-02T03:04:05.678Z - - frame truncated",
        #"2026-01-02T03:04:05.678Z - 0000000000000007 record reserved_name "weir_x""#,
        "2026-01-02T03:04:05.678Z SENDER - frame truncated",
        #"2026-01-02T03:04:05.678Z SENDER 0000000000000007 record reserved_name "weir_x""#,
      ])
  }

  @Test("is logged at debug level, with control characters escaped")
  func log() throws {
    let pipe = Pipe()
    let log = Log(
      level: .debug, format: .logfmt, descriptor: pipe.fileHandleForWriting.fileDescriptor,
      now: { PipelineHarness.time })
    var harness = try PipelineHarness(log: log)
    try harness.ingest([0xF7])
    try harness.ingest(frame(instance: 5, names: ["weir_\u{1B}"]))
    try pipe.fileHandleForWriting.close()
    let text = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    #expect(
      text.replacing(harness.senderAddress, with: "SENDER") == #"""
        ts=2026-01-02T03:04:05.678Z level=debug msg="refused a frame" reason=truncated sender=SENDER instance=- name=""
        ts=2026-01-02T03:04:05.678Z level=debug msg="refused a record" reason=reserved_name sender=SENDER instance=0000000000000005 name="weir_\u001b"

        """#)
  }

  /// An unsigned frame that counts each name once.
  private func frame(instance: UInt64, names: [String]) -> [UInt8] {
    var frame = ByteWriter()
    PushFrameHead(
      instance: instance, startMilliseconds: 1_767_323_000_000, sequence: 1, ageMilliseconds: 0
    ).write(to: &frame)
    var writer = PushFrameWriter()
    writer.begin(room: 60_000)
    for name in names {
      _ = writer.append(.counter(PushFrameWriter.Series(name), total: 1))
    }
    writer.write(to: &frame)
    return frame.bytes
  }

  private func page(of refused: RefusedLines) -> String {
    RefusedPage(Status.Refused(lines: refused.lastEntries, pushes: refused.pushes.lastEntries)).text
  }

  /// The second section of the page, without its heading.
  private func pushSection(_ refused: RefusedLines, sender: String) -> [String] {
    let page = page(of: refused)
    #expect(page.hasSuffix("\n"))
    let section = page.components(separatedBy: "\n\n").last ?? ""
    #expect(
      section.hasPrefix(
        "The last 50 refused push frames and records, newest first: "
          + "time, sender, instance, frame or record, reason, name of a record.\n"))
    return section.split(separator: "\n").dropFirst().map {
      String($0).replacing(sender, with: "SENDER")
    }
  }

  /// Sends datagrams through a pipeline, and returns the first section of the page without its
  /// heading, with the sender's address as SENDER.
  private func refuse(_ datagrams: [String]) throws -> [String] {
    var harness = try PipelineHarness()
    for datagram in datagrams { try harness.ingest(datagram) }
    let page = page(of: harness.refused)
    let section = page.components(separatedBy: "\n\n")[0]
    return section.split(separator: "\n").dropFirst().map {
      String($0).replacing(harness.senderAddress, with: "SENDER")
    }
  }
}
