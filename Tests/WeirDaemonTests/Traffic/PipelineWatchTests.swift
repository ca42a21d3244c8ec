import TestSupport
import Testing
import WeirInsight
import WeirPush
import WeirSockets

@testable import WeirDaemon

@Suite("Sampling of pipelines")
struct PipelineWatchTests {
  private static let seconds = 60

  private func names(_ traffic: Traffic) -> [String: Double] {
    Dictionary(
      uniqueKeysWithValues: traffic.nameRates.map {
        (String(decoding: $0.key, as: UTF8.self), $0.value)
      })
  }

  private func senders(
    _ traffic: Traffic
  ) -> [String: (lines: Double, refused: Double, how: String)] {
    let keys = traffic.busiestSenders(1_000).keys
    #expect(Set(keys.map(\.key.name)).count == keys.count, "a sender is there twice")
    return Dictionary(
      keys.map { ($0.key.name, ($0.amount, $0.refused, $0.key.how)) },
      uniquingKeysWith: { first, _ in first })
  }

  @Test("before the first question nothing is sampled, and nothing of that time is shown later")
  func off() {
    var harness = TrafficHarness()
    #expect(harness.traffic.watch.current == [])
    for _ in 0..<10 {
      harness.ingest("early_total:1|c\nearly_total:x|c", from: .named("early"))
      harness.tick()
    }
    #expect(names(harness.traffic).isEmpty && senders(harness.traffic).isEmpty)
    #expect(harness.traffic.sampledSeconds == 0)
    harness.traffic.ask()
    #expect(harness.traffic.watch.current == .sampling)
    harness.ingest("late_total:1|c", from: .named("late"))
    harness.tick()
    #expect(Array(names(harness.traffic).keys) == ["late_total"])
    #expect(Array(senders(harness.traffic).keys) == ["late"])
    #expect(harness.traffic.sampledSeconds == 1)
  }

  @Test("sampling ends ten minutes after the last question, and then begins anew")
  func idle() {
    var harness = TrafficHarness()
    harness.traffic.ask()
    harness.ingest("a_total:1|c")
    harness.tick(300)
    harness.traffic.ask()
    harness.tick(Traffic.idleSecondsMax)
    #expect(harness.traffic.watch.current == .sampling && harness.traffic.sampledSeconds == 900)
    harness.ingest("a_total:1|c")
    harness.tick(0.5)
    #expect(harness.traffic.watch.current == [])
    #expect(harness.traffic.sampledSeconds == 0)
    #expect(names(harness.traffic).isEmpty && senders(harness.traffic).isEmpty)
    harness.ingest("b_total:1|c")
    harness.traffic.ask()
    harness.tick()
    #expect(names(harness.traffic).isEmpty && harness.traffic.sampledSeconds == 1)
  }

  @Test("an end of sampling leaves taps as they are, and an end of taps leaves sampling")
  func both() throws {
    let harness = TrafficHarness()
    let tap = Tap(TapFilter(), rate: 10, limit: 10)
    try harness.taps.open(tap)
    harness.traffic.ask()
    #expect(harness.traffic.watch.current == [.sampling, .taps])
    harness.tick(Traffic.idleSecondsMax + 1)
    #expect(harness.traffic.watch.current == .taps)
    harness.traffic.ask()
    harness.taps.close(tap)
    #expect(harness.traffic.watch.current == .sampling)
  }

  /// What arrives: names and senders with their shares.
  private static let nameShares = [("busy_total", 0.6), ("mid_total", 0.3), ("rare_total", 0.1)]
  private static let senderShares = [("a", 0.5), ("b", 0.3), ("c", 0.2)]

  private func pick(_ shares: [(String, Double)], _ random: inout SeededGenerator) -> String {
    var place = Double.random(in: 0..<1, using: &random)
    return shares.first {
      place -= $0.1
      return place < 0
    }?.0 ?? shares[0].0
  }

  @Test(
    "rates of names and senders are right within their error",
    arguments: [1...1, 1...30], 0..<3 as Range<UInt64>)
  func rates(linesOfMessage: ClosedRange<Int>, seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var harness = TrafficHarness()
    harness.traffic.ask()
    var (lines, byName, bySender) = (0, [String: Int](), [String: Int]())
    for _ in 0..<Self.seconds {
      for _ in 0..<2 {
        var messages = Messages()
        for _ in 0..<40 {
          let sender = pick(Self.senderShares, &random)
          let some = (0..<Int.random(in: linesOfMessage, using: &random)).map { _ in
            pick(Self.nameShares, &random)
          }
          for name in some { byName[name, default: 0] += 1 }
          bySender[sender, default: 0] += some.count
          lines += some.count
          let text = some.map { "\($0):1|c" }.joined(separator: "\n")
          messages.append(Array(text.utf8), from: .named(sender))
        }
        harness.ingest(messages)
      }
      harness.tick()
    }
    let rate = Double(lines) / Double(Self.seconds)
    let names = names(harness.traffic)
    #expect(abs(names.values.reduce(0, +) / rate - 1) < 0.1, "\(names), not \(rate)")
    // Five standard deviations of what is sampled.
    for (name, count) in byName {
      let share = Double(count) / Double(lines)
      let error = abs(try #require(names[name]) / rate - share)
      #expect(error < 0.1, "\(name): \(names), not \(share) of \(rate)")
    }
    let senders = senders(harness.traffic)
    #expect(abs(senders.values.reduce(0) { $0 + $1.lines } / rate - 1) < 0.1)
    for (sender, count) in bySender {
      let share = Double(count) / Double(lines)
      let error = abs(try #require(senders[sender]).lines / rate - share)
      #expect(error < 0.1, "\(sender): \(senders), not \(share) of \(rate)")
    }
  }

  @Test("a line of several values is one line, however its values are written")
  func severalValues() throws {
    var harness = TrafficHarness()
    harness.traffic.ask()
    for _ in 0..<Self.seconds {
      // Of each message less than what is sampled of one.
      for _ in 0..<4 { harness.ingest("packed:1:2:3:4|ms\nclassic:1|c:2|c:3|c\nplain:1|c") }
      harness.tick()
    }
    let names = names(harness.traffic)
    for name in ["packed", "classic", "plain"] {
      #expect(abs(try #require(names[name]) / 4 - 1) < 0.1, "\(names)")
    }
    let sender = try #require(senders(harness.traffic)["memory"])
    #expect(abs(sender.lines / 12 - 1) < 0.1, "\(sender)")
  }

  @Test("refused lines are those of their sender, also where one batch has more than are kept")
  func refused() throws {
    var harness = TrafficHarness()
    harness.traffic.ask()
    let bad = Array(repeating: "a_total:x|c", count: 200).joined(separator: "\n")
    let good = Array(repeating: "a_total:1|c", count: 100).joined(separator: "\n")
    for _ in 0..<Self.seconds {
      harness.ingest(bad, from: .named("bad"))
      harness.ingest(Messages([("\(good)\na_total:x|c", .named("mixed"))]))
      harness.ingest(good, from: .named("good"))
      harness.tick()
    }
    let senders = senders(harness.traffic)
    for (name, lines, refused) in [("bad", 200.0, 200.0), ("mixed", 101, 1), ("good", 100, 0)] {
      let sender = try #require(senders[name])
      #expect(abs(sender.lines / lines - 1) < 0.1, "\(senders)")
      #expect(abs(sender.refused - refused) <= refused * 0.1, "\(senders)")
    }
  }

  @Test("of several senders in one batch each has its own refused lines")
  func refusedTogether() throws {
    var harness = TrafficHarness()
    harness.traffic.ask()
    harness.ingest(
      Messages([
        ("a_total:x|c", .named("one")), ("a_total:1|c", .named("none")),
        ("a_total:x|c\na_total:y|c\na_total:z|c", .named("three")),
      ]))
    harness.tick()
    let senders = senders(harness.traffic)
    for (name, refused) in [("one", 1.0), ("none", 0), ("three", 3)] {
      #expect(try #require(senders[name]).refused.rounded() == refused, "\(senders)")
    }
  }

  @Test("a client with many ports is one sender, and each host is one")
  func hosts() {
    var harness = TrafficHarness()
    harness.traffic.ask()
    for port in 1...20 as ClosedRange<UInt16> {
      harness.ingest("a_total:1|c", from: .address(.loopback(port: port)))
      harness.ingest("a_total:1|c", from: .address(.ipv4(127, 0, 0, 2, port: port)))
      harness.ingest("a_total:1|c", from: .address(.loopback6(port: port)))
    }
    harness.tick()
    let senders = senders(harness.traffic)
    #expect(Set(senders.keys) == ["127.0.0.1", "127.0.0.2", "::1"])
    #expect(senders.values.allSatisfy { $0.how == "text" })
    #expect(abs(senders.values.reduce(0) { $0 + $1.lines } - 60) < 6)
  }

  @Test("a sender whose datagrams are not taken is none")
  func notAdmitted() throws {
    var networks = SourceNetworks()
    try networks.add("127.0.0.1/32")
    var harness = TrafficHarness(networks: networks)
    harness.traffic.ask()
    harness.ingest("a_total:1|c", from: .address(.loopback(port: 1)))
    harness.ingest("a_total:1|c", from: .address(.ipv4(127, 0, 0, 2, port: 1)))
    harness.tick()
    #expect(Array(senders(harness.traffic).keys) == ["127.0.0.1"])
  }

  @Test("who pushes is known by the number of the instance, and counts records")
  func pushed() throws {
    var harness = TrafficHarness()
    harness.traffic.ask()
    let records = (0..<5).map {
      TestServer.Record.counter(TestServer.Series("c\($0)_total"), total: 1)
    }
    for sequence in 1...3 as ClosedRange<UInt64> {
      var messages = Messages()
      messages.append(
        TestServer.frame(0x75b_cd15, sequence, records), from: .address(.loopback(port: 9)))
      harness.ingest(messages)
    }
    harness.tick()
    let senders = senders(harness.traffic)
    #expect(senders.keys.contains { $0.contains("75bcd15") } && senders.count == 1)
    let sender = try #require(senders.first?.value)
    #expect(sender.how == "push" && abs(sender.lines - 15) < 1.5)
  }

  @Test(
    "what is taken of a second is bounded, and suits the pace from the second second on",
    arguments: [1, 100])
  func pace(linesOfMessage: Int) throws {
    var harness = TrafficHarness()
    harness.traffic.ask()
    let sample = harness.watch.sample
    let text = Array(repeating: "a_total:1|c", count: linesOfMessage).joined(separator: "\n")
    func second() {
      for _ in 0..<20 {
        harness.ingest(Messages(Array(repeating: (text, .named("a")), count: 200)))
      }
    }
    second()
    #expect(sample.waiting.series <= TrafficSample.waitingMax)
    harness.tick()
    for _ in 0..<4 {
      second()
      #expect((200...400).contains(sample.waiting.series), "\(sample.waiting)")
      #expect((200...400).contains(sample.waiting.messages), "\(sample.waiting)")
      harness.tick()
    }
    let rate = try #require(names(harness.traffic)["a_total"])
    #expect(abs(rate / Double(4_000 * linesOfMessage) - 1) < 0.1, "\(rate)")
    // The pace falls to one message a second, which is seen again after a while.
    for _ in 0..<3 {
      harness.ingest("b_total:1|c")
      harness.tick()
    }
    harness.ingest("b_total:1|c")
    #expect(sample.waiting.series == 1 && sample.waiting.messages == 1)
  }

  @Test("others are those that are not among the busiest, with their lines")
  func others() {
    var harness = TrafficHarness()
    harness.traffic.ask()
    for number in 1...30 {
      let lines = Array(repeating: "a_total:1|c", count: number == 7 ? 50 : 1)
      harness.ingest(lines.joined(separator: "\n"), from: .named("\(number)"))
    }
    harness.tick()
    let (keys, others) = harness.traffic.busiestSenders(1)
    #expect(keys.map(\.key.name) == ["7"])
    #expect(others.keys == 29 && abs(others.amount - 29) < 3)
  }
}
