import TestSupport
import Testing
import WeirBytes
import WeirInsight

@testable import WeirTerminal

@Suite("The frame of weir top")
struct TopFrameTests {
  private static let words = [
    "llm_requests_total", "a", "", "\u{1b}[31mred", "\u{202e}evil\u{200b}", "漢字テスト",
    "e\u{301}\u{301}\u{301}\u{301}\u{301}",
    "\u{301}mark", "😀😀", "👨‍👩‍👧", "\n\r\t\u{7}", String(repeating: "x", count: 3_000), "ﷺ", "\u{9b}2J",
    "<img src=x>",
  ]

  private func answer(_ random: inout SeededGenerator) -> StatusAnswer {
    var answer = StatusAnswer()
    func number() -> Double {
      random.pick([0, 0.01, 1, 99.95, 999.5, 9_999.6, 12_345, 999_950, 1e9, 1e30, -1, .infinity])
    }
    func word() -> String { random.pick(TopFrameTests.words) }
    answer.version = word()
    answer.node = word()
    answer.uptimeSeconds = number()
    answer.findings = (0..<Int.random(in: 0...12, using: &random)).map { _ in
      .init(
        id: "x", level: random.pick(StatusAnswer.Finding.Level.allCases),
        what: (0..<9).map { _ in word() }.joined(separator: " "), fix: word(),
        sinceSeconds: number())
    }
    answer.path.lines = number()
    answer.path.dropped = number()
    answer.path.droppedShare = number()
    answer.path.refused = number()
    answer.path.pushRecords = number()
    if random.oneIn(2) {
      answer.scrape = .init(
        ageSeconds: number(), durationSeconds: number(), from: word(), status: 200)
    }
    answer.names = (0..<Int.random(in: 0...8, using: &random)).map { _ in
      .init(name: word(), lines: number())
    }
    answer.senders = (0..<8).map { _ in
      .init(name: word(), how: word(), lines: number(), refused: number())
    }
    answer.limits = (0..<14).map { _ in
      .init(
        limit: word(), used: random.oneIn(2) ? nil : number(), max: number(),
        fullInSeconds: random.oneIn(2) ? nil : number(), name: random.oneIn(2) ? nil : word())
    }
    for column in StatusAnswer.History.Column.allCases {
      answer.history.columns[column] = (0..<Int.random(in: 0...300, using: &random)).map { _ in
        random.oneIn(9) ? nil : number()
      }
    }
    answer.history.endMilliseconds = Int.random(in: 0...9_000_000, using: &random)
    return answer
  }

  /// A line without the sequences that colour it.
  private func bare(_ line: String) -> String { line.replacing(/\u{1b}\[[0-9;]*m/, with: "") }

  @Test("no line is longer than the screen, none is too many, and no foreign byte is raw")
  func fits() {
    var random = SeededGenerator(seed: 7)
    for _ in 0..<300 {
      let answer = answer(&random)
      let columns = Int.random(in: 20...300, using: &random)
      let rows = Int.random(in: 5...100, using: &random)
      let style = Style(isUTF8: random.oneIn(2), hasColour: random.oneIn(2))
      var frame = TopFrame(
        answer, history: KeptHistory(answer), columns: columns, style: style)
      frame.view = random.pick(TopFrame.View.allCases)
      frame.url = random.pick(TopFrameTests.words)
      frame.isPaused = random.oneIn(2)
      frame.showsHelp = random.oneIn(5)
      if random.oneIn(3) {
        frame.silence = .init(
          since: "12:00:00Z", seconds: 3, reason: random.pick(TopFrameTests.words))
      }
      let lines = frame.lines(rows: rows)
      #expect(lines.count == rows)
      for line in lines {
        let bare = bare(line)
        #expect(DisplayWidth.of(bare) <= columns, "\(bare)")
        #expect(bare.unicodeScalars.allSatisfy { ShownText.isSeen($0) }, "\(bare.debugDescription)")
        if !style.isUTF8 { #expect(bare.unicodeScalars.allSatisfy { $0.isASCII }, "\(bare)") }
        if !style.hasColour { #expect(!line.unicodeScalars.contains("\u{1b}")) }
      }
      let once = TopFrame.onceText(answer, columns: columns, isUTF8: style.isUTF8)
      for line in once.split(separator: "\n") { #expect(DisplayWidth.of(String(line)) <= columns) }
      #expect(once.hasSuffix("\n") && !once.unicodeScalars.contains("\u{1b}"))
    }
  }

  @Test("the report has everything, in 100 columns")
  func report() {
    var answer = StatusAnswer()
    answer.version = "0.2.0"
    answer.node = "weir-0"
    answer.uptimeSeconds = 273_600
    answer.findings = [
      .init(
        id: "a", level: .bad, what: "The kernel drops datagrams.", fix: "Run `sysctl`.",
        sinceSeconds: 90)
    ]
    answer.path.lines = 200_000
    answer.path.refused = 522
    answer.path.refusedShare = 0.0026
    answer.names = [.init(name: "llm_requests_total", lines: 60_900)]
    answer.senders = [.init(name: "10.4.2.17", how: "text", lines: 13_400, refused: 410)]
    answer.limits = [.init(limit: "series", used: 49_500, max: 1_000_000, fullInSeconds: 2_100)]
    let lines = TopFrame.onceText(answer).split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[0] == "Weir 0.2.0  weir-0  up 3 d 4 h")
    #expect(lines[1] == " ✗ The kernel drops datagrams. Seen for 2 min.")
    #expect(lines[2] == "   Run `sysctl`.")
    #expect(
      lines.contains(" 0 datagrams/s → 200 k lines/s → 0 samples/s → 0 series → not scraped yet"))
    #expect(lines.contains(" lost: 522 lines refused/s (0.3 %)"))
    #expect(lines.contains { $0.hasPrefix(" llm_requests_total ") && $0.contains("60.9 k") })
    #expect(lines.contains { $0.hasPrefix(" 10.4.2.17 ") && $0.hasSuffix("410") })
    #expect(lines.contains { $0.hasPrefix(" series ") && $0.contains("full in 35 min") })
    let plain = TopFrame.onceText(answer, isUTF8: false)
    #expect(plain.utf8.allSatisfy { $0 < 0x80 } && plain.contains(" X The kernel"))
  }

  @Test("each finding has a line if there is room for that, and else the last line counts the rest")
  func findings() {
    var answer = StatusAnswer()
    answer.findings = (0..<3).map { .init(id: "x", level: .bad, what: "w\($0).", fix: "f.") }
    let style = Style(isUTF8: false, hasColour: false)
    let frame = TopFrame(answer, history: KeptHistory(answer), columns: 80, style: style)
    func texts(_ rows: Int) -> [String] {
      frame.findingLines(rows).map { $0.text(columns: 80, style) }
    }
    #expect(texts(1) == [" X w0.  (and 2 more)"])
    #expect(texts(2) == [" X w0.", "   2 more; a higher window shows them"])
    #expect(texts(3) == [" X w0.", " X w1.", " X w2."])
    #expect(texts(4) == [" X w0.", "   f.", " X w1.", " X w2."])
    #expect(texts(9).count == 6)
  }

  @Test(
    "a history continues where it ended, and restarts after a gap", arguments: [1, 60])
  func history(stepSeconds: Int) {
    var answer = StatusAnswer()
    answer.history.stepSeconds = stepSeconds
    answer.history.endMilliseconds = 3_000 * stepSeconds
    answer.history.columns[.lines] = [1, 2, 3]
    var kept = KeptHistory(answer)
    answer.isFull = false
    answer.history.endMilliseconds = 5_000 * stepSeconds
    answer.history.columns[.lines] = [3, 4, 5]
    kept.take(answer)
    #expect(kept.values(.lines) == [1, 2, 3, 4, 5])
    kept.take(answer)
    #expect(kept.values(.lines) == [1, 2, 3, 4, 5])
    answer.history.endMilliseconds = 90_000 * stepSeconds
    kept.take(answer)
    #expect(kept.values(.lines) == [3, 4, 5])
  }
}
