import Foundation
import Testing

extension SystemTests {
  /// What the push protocol is for.
  @Suite("A lossy network")
  struct LossyNetworkTests {
    /// Seeds of a short run; `WEIR_SEEDS=20` tries so many others.
    static let seeds: [Int] = {
      let count = ProcessInfo.processInfo.environment["WEIR_SEEDS"].flatMap { Int($0) }
      return count.map { Array(100..<100 + $0) } ?? [1, 2]
    }()

    @Test(
      "changes nothing: what 50 processes recorded is what Weir shows, never more and never less than before",
      .timeLimit(.minutes(10)), arguments: seeds)
    func lossy(seed: Int) throws {
      let weir = try Weir()
      let relay = try ChildProcess(
        try Programs.python(),
        [try Programs.client("lossy_relay.py"), "\(seed)", try #require(weir.udp.first)])
      let port = try eventually("The relay's port") {
        Int(relay.standardOutput.split(separator: "\n").first ?? "")
      }
      let recorders = try Recorders(sendingTo: "127.0.0.1:\(port)")
      var random = SeededChances(state: UInt64(seed))
      var watch = Watch(weir, recorders)

      // Some begin, some end and begin anew, and all end.
      var running = try (0..<50).map { try recorders.start(seed: seed * 1_000 + $0) }
      var ending: [ChildProcess] = []
      for round in 1...4 {
        try watch.look(forSeconds: 1.5)
        try recorders.waitUntilBegun()
        for slot in running.indices where random.chance(of: 0.3) {
          running[slot].signal(SIGTERM)
          ending.append(running[slot])
          running[slot] = try recorders.start(seed: seed * 1_000 + round * 100 + slot)
        }
      }
      try recorders.waitUntilBegun()
      for process in running { process.signal(SIGTERM) }
      ending += running
      while ending.contains(where: { $0.poll() == nil }) { try watch.look(forSeconds: 0.5) }
      for process in ending {
        let end = try process.wait(within: 1)
        #expect(end == .exit(0), "\(process.standardError)")
      }

      // Every last frame was confirmed, so that nothing is on its way that Weir does not know.
      let page = try Page(try http(try weir.webAddress(), "/metrics").text)
      for group in 0..<Recorders.groups {
        let shown = Journal(page, ["group": "\(group)"])
        #expect(shown.cells == recorders.recorded(group: group).cells)
      }
      // Nobody lives that had a gauge.
      #expect(page.sum("recording_processes") == 0)
      #expect(page.sum("weir_push_records_refused_total") == 0)
      #expect(page.sum("weir_push_frames_refused_total") == 0)
      relay.signal(SIGTERM)
      _ = try relay.wait(within: 10)
      let done = try #require(
        try JSONSerialization.jsonObject(
          with: Data((relay.standardOutput.split(separator: "\n").last ?? "").utf8))
          as? [String: Int])
      #expect(done["lost", default: 0] > 100)
      #expect(done["duplicated", default: 0] > 30)
      #expect(done["delayed", default: 0] > 100)
      #expect(page.sum("weir_push_frames_late_total") > 0)
      #expect(page.sum("weir_push_frames_duplicate_total") > 0)
    }

    @Test("costs a process that is killed no more than what it recorded since its last flush")
    func killed() throws {
      let weir = try Weir()
      let recorders = try Recorders(sendingTo: try #require(weir.udp.first))
      let process = try recorders.start(seed: 3)
      _ = try eventually("A first flush") {
        try Page(try http(try weir.webAddress(), "/metrics").text).sum("recorded_0_seconds_count")
          > 0
          ? true : nil
      }
      // What was recorded before the last flush interval, a tenth of which is chance, and what was when it died.
      var before = Journal.empty
      for _ in 0..<4 {
        before = recorders.last
        usleep(1_000_000)
      }
      process.signal(SIGKILL)
      #expect(try process.wait(within: 5) == .signal(SIGKILL))
      let died = recorders.last
      let shown = try eventually("What it had sent") { () -> Journal? in
        let page = try Page(try http(try weir.webAddress(), "/metrics").text)
        let shown = Journal(page, ["group": "0"])
        return before.isCovered(by: shown) ? shown : nil
      }
      #expect(shown.isCovered(by: died))
    }
  }
}

/// Looks at the page again and again: no cell ever falls, and none is ever above what was recorded.
private struct Watch {
  private let weir: Weir
  private let recorders: Recorders
  private var last = [Journal](repeating: .empty, count: Recorders.groups)

  init(_ weir: Weir, _ recorders: Recorders) {
    self.weir = weir
    self.recorders = recorders
  }

  mutating func look(forSeconds seconds: Double) throws {
    let end = ContinuousClock.now + .seconds(seconds)
    repeat {
      let page = try Page(try http(try weir.webAddress(), "/metrics").text)
      for group in 0..<Recorders.groups {
        let shown = Journal(page, ["group": "\(group)"])
        // Journals are ahead of what they tell of, and are read after the page was.
        #expect(shown.isCovered(by: recorders.recorded(group: group)))
        #expect(last[group].isCovered(by: shown))
        last[group] = shown
      }
      usleep(100_000)
    } while ContinuousClock.now < end
  }
}

/// Chances that a seed decides (SplitMix64).
private struct SeededChances {
  var state: UInt64

  mutating func chance(of probability: Double) -> Bool {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return Double((mixed ^ mixed >> 31) >> 11) / 0x1p53 < probability
  }
}
