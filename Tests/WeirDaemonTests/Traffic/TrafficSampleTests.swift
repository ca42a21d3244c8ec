import Testing
import WeirInsight
import WeirSockets

@testable import WeirDaemon

@Suite("What a pipeline leaves for the traffic")
struct TrafficSampleTests {
  private let sent = TrafficSample.Sent(sender: .named("a"), lines: 1, refused: 0)

  private func add(
    messages: Int, refusedLines: Int, to sample: TrafficSample, _ turns: inout WatchTurns
  ) {
    for _ in 0..<messages { sample.add(message: sent, by: &turns.messages) }
    for _ in 0..<refusedLines { sample.add(refusedLine: sent, by: &turns.refusedLines) }
  }

  @Test("a full sample doubles the stride of its kind at once, and no other stride")
  func full() {
    let sample = TrafficSample()
    var turns = WatchTurns()
    add(messages: TrafficSample.waitingMax + 1, refusedLines: 3, to: sample, &turns)
    #expect(turns.messages.stride == 2 && turns.refusedLines.stride == 1)
    #expect(sample.strides == TrafficSample.Strides(messages: 2))
    add(messages: 0, refusedLines: TrafficSample.waitingMax, to: sample, &turns)
    #expect(turns.messages.stride == 2 && turns.refusedLines.stride == 2)
    #expect(sample.strides == TrafficSample.Strides(messages: 2, refusedLines: 2))
    turns.update(from: sample)
    #expect(turns.messages.stride == 2 && turns.refusedLines.stride == 2)
  }

  @Test("the series of a batch that fills the sample double its stride as well")
  func fullOfSeries() {
    var harness = TrafficHarness()
    harness.traffic.ask()
    let lines = Array(repeating: "a_total:1|c", count: TrafficSample.waitingMax + 10)
    harness.ingest(lines.joined(separator: "\n"))
    #expect(harness.watch.sample.strides == TrafficSample.Strides(series: 2))
  }

  @Test(
    "strides suit what came in a second, each kind by itself, and go back to 1 when it is quiet",
    arguments: [(0.5, 7, 3), (1, 3, 1), (4, 1, 1)])
  func pace(seconds: Double, messages: Int, refusedLines: Int) {
    let sample = TrafficSample()
    var turns = WatchTurns()
    turns.update(from: sample)
    add(messages: 1_000, refusedLines: 500, to: sample, &turns)
    #expect(sample.take(after: seconds).sent.count == 1_500)
    let strides = TrafficSample.Strides(messages: messages, refusedLines: refusedLines)
    #expect(sample.strides == strides)
    turns.update(from: sample)
    #expect(turns.messages.stride == messages && turns.refusedLines.stride == refusedLines)
    #expect(sample.take(after: 1).sent.isEmpty)
    turns.update(from: sample)
    #expect(turns.messages.stride == 1 && turns.refusedLines.stride == 1)
  }

  @Test("a question right after another one does not change strides")
  func shortPause() {
    var harness = TrafficHarness()
    harness.traffic.ask()
    harness.ingest(Messages(Array(repeating: ("a_total:1|c", .named("a")), count: 100)))
    harness.tick(0.01)
    #expect(harness.watch.sample.strides == TrafficSample.Strides())
  }

  @Test("what a batch leaves after the end of sampling is not shown when sampling begins anew")
  func leftOver() {
    let harness = TrafficHarness()
    harness.traffic.ask()
    harness.tick(Traffic.idleSecondsMax + 1)
    // A batch that began before the end.
    var turns = WatchTurns()
    add(messages: 5, refusedLines: 5, to: harness.watch.sample, &turns)
    harness.traffic.ask()
    harness.tick()
    #expect(harness.traffic.busiestSenders(10).keys.isEmpty)
  }

  @Test("the sample of a pipeline that has ended is not kept")
  func removed() {
    let harness = TrafficHarness()
    weak var sample: TrafficSample?
    do {
      let watch = PipelineWatch(harness.traffic, harness.taps)
      sample = watch.sample
    }
    #expect(sample == nil)
  }
}
