import Foundation
import Testing
import WeirConfiguration

@testable import WeirDaemon

@Suite("Accepted lines in the log")
struct AcceptedLinesTests {
  /// What a pipeline logs about some datagrams, without time and level, with the sender as SENDER.
  private func logged(level: LogLevel, _ datagrams: [String]) throws -> [String] {
    let pipe = Pipe()
    let log = Log(
      level: level, format: .logfmt, descriptor: pipe.fileHandleForWriting.fileDescriptor,
      now: { PipelineHarness.time })
    var harness = try PipelineHarness(log: log)
    for datagram in datagrams { try harness.ingest(datagram) }
    try pipe.fileHandleForWriting.close()
    let text = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    return text.split(separator: "\n").map {
      String($0).replacing("ts=2026-01-02T03:04:05.678Z level=debug ", with: "")
        .replacing(harness.senderAddress, with: "SENDER")
    }
  }

  @Test(
    "are shown at debug level with their sender, and those that were refused are not among them")
  func accepted() throws {
    let lines = try logged(
      level: .debug,
      [
        "a:1|c|#k:v\nb:x|c\na:1|h\n_e{1,1}:a|b\nc:1|c:x|c:2|c",
        "long:1|c|#k:" + String(repeating: "v", count: 300),
      ])
    let long = String(repeating: "v", count: 256 - "long:1|c|#k:".count)
    #expect(
      lines == [
        #"msg="accepted a line" sender=SENDER line=a:1|c|#k:v not_shown_before=0"#,
        #"msg="accepted a line" sender=SENDER line=c:1|c:x|c:2|c not_shown_before=0"#,
        #"msg="refused a line" reason=bad_value sender=SENDER line=b:x|c"#,
        #"msg="refused a line" reason=bad_value sender=SENDER line=c:1|c:x|c:2|c"#,
        #"msg="refused a line" reason=type_clash sender=SENDER line=a:1|h"#,
        #"msg="accepted a line" sender=SENDER line=long:1|c|#k:\#(long) not_shown_before=0"#,
      ])
  }

  @Test("are logged at most five times a second, and the others are counted")
  func rate() throws {
    let many = (0..<8).map { "a\($0):1|c" }.joined(separator: "\n")
    let lines = try logged(level: .debug, [many, "b:1|c"])
    #expect(lines.count == 5)
    #expect(lines.last?.contains("line=a4:1|c not_shown_before=0") == true)
  }

  @Test("in the next second show how many were left out")
  func notShown() throws {
    let pipe = Pipe()
    let log = Log(
      level: .debug, format: .logfmt, descriptor: pipe.fileHandleForWriting.fileDescriptor)
    let accepted = AcceptedLines(log: log)
    for _ in 0..<5 { #expect(accepted.enter(second: 1) == 0) }
    #expect(accepted.enter(second: 1) == nil)
    accepted.skip(3)
    #expect(accepted.enter(second: 2) == 3)
    #expect(accepted.enter(second: 2) == 0)
  }

  @Test("cost nothing above debug level", arguments: [LogLevel.info, .warn, .error])
  func silent(level: LogLevel) throws {
    #expect(try logged(level: level, ["a:1|c"]).isEmpty)
  }
}
