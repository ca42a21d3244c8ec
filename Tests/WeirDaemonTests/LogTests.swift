import Foundation
import Testing
import WeirConfiguration

@testable import WeirDaemon

@Suite("The log")
struct LogTests {
  /// What a log writes whose clock is fixed.
  private func lines(
    _ format: LogFormat = .logfmt, level: LogLevel = .debug, _ body: (Log) -> Void
  ) throws -> String {
    let pipe = Pipe()
    let log = Log(
      level: level, format: format, descriptor: pipe.fileHandleForWriting.fileDescriptor,
      now: { timespec(tv_sec: 1_767_323_045, tv_nsec: 678_901_234) })
    body(log)
    try pipe.fileHandleForWriting.close()
    let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
    return String(decoding: data, as: UTF8.self)
  }

  @Test("drops and counts lines when the pipe is full, and never blocks")
  func fullPipe() throws {
    let pipe = Pipe()
    let log = Log(
      level: .info, format: .logfmt, descriptor: pipe.fileHandleForWriting.fileDescriptor)
    // A pipe holds 64 KiB; this is twice that.
    for _ in 0..<1_000 { log.info("\(String(repeating: "x", count: 100))") }
    let lost = log.linesLost
    #expect(lost > 0)
    try pipe.fileHandleForWriting.close()
    let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
    #expect(data.split(separator: 0x0A).count == 1_000 - lost)
    #expect(data.last == 0x0A)
  }

  @Test("writes an event in logfmt, its fields in the order given")
  func logfmt() throws {
    let text = try lines { log in
      log.info(
        "listening for StatsD",
        [
          "address": "127.0.0.1:8125", "buffer_bytes": .init(UInt32(212_992)), "share": 0.5,
          "on": true, "a": -1,
        ])
      log.debug("quiet")
    }
    #expect(
      text == """
        ts=2026-01-02T03:04:05.678Z level=info msg="listening for StatsD" \
        address=127.0.0.1:8125 buffer_bytes=212992 share=0.5 on=true a=-1
        ts=2026-01-02T03:04:05.678Z level=debug msg=quiet

        """)
  }

  @Test("writes an event in JSON, its fields in the order given")
  func json() throws {
    let text = try lines(.json) { log in
      log.warn(
        "the receive buffer is small",
        [
          "address": "127.0.0.1:8125", "buffer_bytes": .init(UInt32(212_992)), "share": 0.5,
          "on": false, "ratio": .number(.nan), "most": .number(.infinity),
        ])
      log.error("stopped")
    }
    #expect(
      text == """
        {"ts":"2026-01-02T03:04:05.678Z","level":"warn","msg":"the receive buffer is small",\
        "address":"127.0.0.1:8125","buffer_bytes":212992,"share":0.5,"on":false,"ratio":"nan",\
        "most":"inf"}
        {"ts":"2026-01-02T03:04:05.678Z","level":"error","msg":"stopped"}

        """)
  }

  static let texts: [(text: String, logfmt: String, json: String)] = [
    ("plain", "plain", #""plain""#),
    ("", #""""#, #""""#),
    ("two words", #""two words""#, #""two words""#),
    ("key=value", #""key=value""#, #""key=value""#),
    (#"say "x""#, #""say \"x\"""#, #""say \"x\"""#),
    (#"back\slash"#, #""back\\slash""#, #""back\\slash""#),
    ("a\nb\r\tc", #""a\nb\r\tc""#, #""a\nb\r\tc""#),
    ("a\r\nb", #""a\r\nb""#, #""a\r\nb""#),
    ("\0\u{1B}[31m\u{7F}", #""\u0000\u001b[31m\u007f""#, #""\u0000\u001b[31m\u007f""#),
    ("\u{85}\u{2028}\u{2029}", #""\u0085\u2028\u2029""#, #""\u0085\u2028\u2029""#),
    ("left\u{202E}right", #""left\u202eright""#, #""left\u202eright""#),
    ("\u{E0041}", #""\udb40\udc41""#, #""\udb40\udc41""#),
    ("=\u{301}x", "\"=\u{301}x\"", "\"=\u{301}x\""),
    ("\"\u{301}", "\"\\\"\u{301}\"", "\"\\\"\u{301}\""),
    ("no\u{A0}break", "\"no\u{A0}break\"", "\"no\u{A0}break\""),
    ("Zürich 🌊", "\"Zürich 🌊\"", "\"Zürich 🌊\""),
    ("Zürich🌊", "Zürich🌊", "\"Zürich🌊\""),
    (String(decoding: [0x61, 0xFF, 0x62], as: UTF8.self), "a\u{FFFD}b", "\"a\u{FFFD}b\""),
  ]

  @Test("quotes and escapes only what needs it", arguments: texts)
  func escapes(_ text: String, _ logfmt: String, _ json: String) throws {
    let head = "ts=2026-01-02T03:04:05.678Z level=info msg="
    #expect(
      try lines { $0.info(text, ["key": .text(text)]) } == "\(head)\(logfmt) key=\(logfmt)\n")
    let jsonLine = try lines(.json) { $0.info(text, ["key": .text(text)]) }
    #expect(
      jsonLine == #"{"ts":"2026-01-02T03:04:05.678Z","level":"info","msg":\#(json),"#
        + #""key":\#(json)}"# + "\n")
    let object = try JSONDecoder().decode([String: String].self, from: Data(jsonLine.utf8))
    #expect(object["key"].map { Array($0.utf8) } == Array(text.utf8))
  }

  @Test("truncates a long text between characters")
  func cuts() throws {
    let limit = Log.Value.textBytesMax
    let whole = String(repeating: "a", count: limit)
    let odd = String(repeating: "a", count: limit - 1)
    let text = try lines { log in
      log.info("whole", ["text": .text(whole)])
      log.info("long", ["text": .text(whole + "b")])
      log.info("odd", ["text": .text(odd + "é")])
    }
    let head = "ts=2026-01-02T03:04:05.678Z level=info msg"
    #expect(
      text == "\(head)=whole text=\(whole)\n\(head)=long text=\"\(whole)…\"\n"
        + "\(head)=odd text=\"\(odd)…\"\n")
  }

  @Test("leaves out events below its level", arguments: LogLevel.allCases)
  func levels(_ level: LogLevel) throws {
    let text = try lines(level: level) { log in
      log.debug("m")
      log.info("m")
      log.warn("m")
      log.error("m")
    }
    let written = text.split(separator: "\n").map { $0.split(separator: " ")[1] }
    let expected = LogLevel.allCases.drop { $0 != level }.map { "level=\($0.rawValue)" }
    #expect(written.map(String.init) == expected)
  }

  @Test(
    "drops and counts a line that its descriptor does not accept",
    arguments: [("/dev/full", O_WRONLY), ("/dev/null", O_RDONLY)])
  func unwritable(path: String, flags: Int32) throws {
    let descriptor = open(path, flags | O_CLOEXEC)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    // The write fails, although poll(2) reports room.
    var room = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    try #require(poll(&room, 1, 0) == 1)
    let log = Log(level: .debug, format: .logfmt, descriptor: descriptor)
    log.error("nowhere")
    #expect(log.linesLost == 1)
    #expect(!Log.write("nowhere", to: descriptor))
  }

  @Test("reads the system's clock by default")
  func clock() {
    let before = time(nil)
    let now = Log.wallClock()
    #expect(before - 1 <= now.tv_sec && now.tv_sec <= time(nil) + 1)
    #expect((0..<1_000_000_000).contains(now.tv_nsec))
  }

  @Test("keeps the lines of several threads whole")
  func threads() throws {
    let pipe = Pipe()
    let log = Log(
      level: .info, format: .logfmt, descriptor: pipe.fileHandleForWriting.fileDescriptor,
      now: { timespec() })
    let field = String(repeating: "x", count: 100)
    // 4 × 50 lines of some 170 bytes fit into a pipe, which holds 64 KiB.
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
      for _ in 0..<50 { log.info("event", ["text": .text(field)]) }
    }
    try pipe.fileHandleForWriting.close()
    let data = try #require(try pipe.fileHandleForReading.readToEnd())
    let written = String(decoding: data, as: UTF8.self).split(separator: "\n")
    #expect(written.count == 200)
    #expect(
      Set(written) == ["ts=1970-01-01T00:00:00.000Z level=info msg=event text=\(field)"])
  }
}
