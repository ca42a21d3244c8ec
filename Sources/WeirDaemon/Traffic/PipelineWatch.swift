import WeirAggregation
import WeirBytes
import WeirInsight
import WeirMetrics
import WeirPush
import WeirSockets

/// What a pipeline shows of its batches to those who watch. While nobody does, it costs one relaxed load a batch.
final class PipelineWatch: Sendable {
  private let traffic: Traffic
  let sample: TrafficSample
  private let taps: TapDesk

  init(_ traffic: Traffic, _ taps: TapDesk) {
    self.traffic = traffic
    self.taps = taps
    sample = traffic.makeSample()
  }

  deinit { traffic.remove(sample) }

  var interests: Watch.Interests { traffic.watch.current }

  /// Prepares for a batch that is sampled.
  func begin(_ turns: inout WatchTurns) { turns.update(from: sample) }

  /// Takes the sender of a message.
  func add(_ message: TrafficSample.Sent, _ turns: inout WatchTurns) {
    sample.add(message: message, by: &turns.messages)
  }

  /// Takes some series of a batch that was just applied, and the senders of some of its refused lines.
  ///
  /// - Complexity: O(1) and what is taken.
  func addSamples(
    _ batch: borrowing SampleBatch, _ router: borrowing SampleRouter,
    in messages: borrowing some MessageBatch & ~Copyable, _ turns: inout WatchTurns
  ) {
    var start = 0
    while let index = turns.series.next(in: start..<batch.samples.count) {
      start = index + 1
      // A classic line is several samples; its first one stands for the line.
      let isFirst =
        index == 0 || batch.samples[index - 1].nameStart != batch.samples[index].nameStart
      guard isFirst, let lease = router.series(index) else { continue }
      sample.add(lease, by: &turns.series)
    }
    var kept: [RefusalRecord.Entry] = []
    start = 0
    while let index = turns.refusedLines.next(in: start..<batch.refusals.total) {
      start = index + 1
      // Only the last ones of a batch are known.
      if kept.isEmpty { kept = batch.refusals.last }
      let line = kept[index % kept.count].lineStart
      let source = messages.source(of: messages.message(containing: line))
      let refused = TrafficSample.Sent(sender: SenderKey(source), lines: 0, refused: 1)
      sample.add(refusedLine: refused, by: &turns.refusedLines)
    }
  }

  /// Shows the lines of a batch that was just applied to the taps.
  func showLines(
    _ batch: borrowing SampleBatch, _ router: borrowing SampleRouter,
    in messages: borrowing some MessageBatch & ~Copyable
  ) {
    taps.show(batch, router, in: messages)
  }
}
