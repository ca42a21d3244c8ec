import Testing
import WeirBytes
import WeirConfiguration

@testable import WeirDaemon

@Suite("The log of scrapes")
struct ScrapeLogTests {
  private func entry(
    _ milliseconds: Int, from: String = "10.0.0.1", isFiltered: Bool = false
  ) -> ScrapeLog.Entry {
    ScrapeLog.Entry(
      milliseconds: milliseconds, from: from, format: "text/plain", isCompressed: true,
      isFiltered: isFiltered)
  }

  @Test("has the newest first, and no more than twenty")
  func order() {
    let log = ScrapeLog()
    for number in 1...25 {
      let running = ScrapeLog.Running(entry(number), in: log)
      running.add(bytes: 10, series: 2, seconds: 0.5)
      running.add(bytes: 5, series: 1, seconds: 0.25)
      running.end(status: 200)
    }
    let reading = log.reading
    #expect(reading.total == 25)
    #expect(reading.entries.map(\.milliseconds) == Array((6...25).reversed()))
    let first = reading.entries[0]
    #expect(first.bytes == 15 && first.series == 3 && first.seconds == 0.75 && first.status == 200)
  }

  @Test("notes a scrape once, and one that nobody read to its end with the status 0")
  func ends() {
    let log = ScrapeLog()
    do {
      let running = ScrapeLog.Running(entry(1), in: log)
      running.end(status: 503)
      running.end(status: 200)
    }
    #expect(log.reading.entries.map(\.status) == [503])
    do { _ = ScrapeLog.Running(entry(2), in: log) }
    #expect(log.reading.entries.map(\.status) == [0, 503])
    #expect(log.reading.last == nil)
  }

  @Test(
    "knows when a scrape was answered last, of everything or of some names, and who left before the end"
  )
  func answered() {
    let now = Locked(ContinuousClock.now)
    let log = ScrapeLog { now.withLock { $0 } }
    func pass(_ seconds: Int) { now.withLock { $0 += .seconds(seconds) } }
    do { _ = ScrapeLog.Running(entry(1), in: log) }
    ScrapeLog.Running(entry(2), in: log).end(status: 503)
    #expect(log.reading.answeredAt == nil)
    #expect(log.reading.abandoned == 1 && log.reading.abandonedBy == "10.0.0.1")
    ScrapeLog.Running(entry(3), in: log).end(status: 200)
    pass(10)
    ScrapeLog.Running(entry(4, isFiltered: true), in: log).end(status: 200)
    pass(5)
    #expect(log.reading.answeredAt.map(log.age) == 5)
    #expect(log.reading.lastAt.map(log.age) == 15)
    #expect(log.reading.abandoned == 1)
  }

  @Test("takes the interval from two whole scrapes of one reader")
  func interval() {
    let log = ScrapeLog()
    func scrape(_ entry: ScrapeLog.Entry) { ScrapeLog.Running(entry, in: log).end(status: 200) }
    scrape(entry(1_000))
    #expect(log.reading.intervalSeconds == nil)
    scrape(entry(4_000, from: "10.0.0.2"))
    scrape(entry(5_000, isFiltered: true))
    #expect(log.reading.intervalSeconds == nil)
    #expect(log.reading.last?.milliseconds == 4_000)
    scrape(entry(16_000))
    #expect(log.reading.intervalSeconds == 15)
  }
}

@Suite("The memory of the log")
struct LogMemoryTests {
  @Test("has the last hundred events, without those of level debug")
  func events() {
    let log = Log(level: .debug, format: .json, descriptor: -1)
    log.debug("hidden")
    for number in 1...101 { log.warn("event", ["number": .init(number), "text": "a b"]) }
    let last = log.memory.last
    #expect(last.count == 100)
    #expect(last[0].text == "msg=event number=2 text=\"a b\"")
    #expect(last[99].text == "msg=event number=101 text=\"a b\"")
    #expect(last.allSatisfy { $0.level == .warn })
  }

  @Test("has only what is logged")
  func level() {
    let log = Log(level: .error, format: .logfmt, descriptor: -1)
    log.warn("not logged")
    #expect(log.memory.last.isEmpty)
  }
}
