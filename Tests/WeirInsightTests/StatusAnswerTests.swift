import Testing
import WeirInsight
import WeirJSON

@Suite("The answer of /api/v1/status")
struct StatusAnswerTests {
  @Test("what is written is read")
  func roundTrip() throws {
    var answer = StatusAnswer()
    answer.nowMilliseconds = 1_790_000_000_123
    answer.isFull = false
    answer.version = "1"
    answer.node = "n"
    answer.uptimeSeconds = 2.5
    answer.findings = StatusAnswer.Finding.Level.allCases.map {
      .init(
        id: "i", level: $0, subject: "s", what: "w", fix: "f `x`", sinceSeconds: 3, view: "names")
    }
    answer.path.datagrams = 1
    answer.path.bytes = 2
    answer.path.lines = 3
    answer.path.samples = 4
    answer.path.pushRecords = 5
    answer.path.series = 6
    answer.path.scrapedSeries = 7
    answer.path.scrapeIntervalSeconds = 8
    answer.path.dropped = 9
    answer.path.droppedShare = 0.1
    answer.path.refused = 11
    answer.path.refusedShare = 0.12
    answer.path.limited = 13
    answer.path.limitedShare = 0.14
    answer.path.expired = 15
    answer.scrape = .init(ageSeconds: 1, durationSeconds: 2, from: "a", status: 200)
    answer.names = [.init(name: "<img>\u{202e}", lines: 4)]
    answer.senders = [.init(name: "10.0.0.1", how: "text", lines: 5, refused: 6)]
    answer.sampledSeconds = 7
    answer.limits = [
      .init(limit: "series", used: 8, max: 9, fullInSeconds: 10, name: "x"),
      .init(limit: "name_bytes", used: nil, max: 1),
    ]
    answer.history.stepSeconds = 60
    answer.history.endMilliseconds = 12
    for column in StatusAnswer.History.Column.allCases {
      answer.history.columns[column] = [nil, 1, 2.5]
    }
    var json = JSONWriter()
    answer.write(to: &json)
    #expect(StatusAnswer(try #require(JSONValue(json.bytes))) == answer)
  }

  @Test("something else is no answer")
  func other() throws {
    #expect(StatusAnswer(try #require(JSONValue(Array(#"{"error":"x"}"#.utf8)))) == nil)
  }

  @Test("what an older server leaves out has its default")
  func older() throws {
    let json = try #require(JSONValue(Array(#"{"now_ms":1,"version":"1","findings":[{}]}"#.utf8)))
    let answer = try #require(StatusAnswer(json))
    #expect(answer.scrape == nil && answer.findings.isEmpty && answer.isFull)
  }

  @Test("levels are ordered")
  func levels() {
    #expect(StatusAnswer.Finding.Level.allCases.sorted() == [.info, .warn, .bad])
  }
}
