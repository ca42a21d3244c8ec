import WeirAggregation
import WeirBytes
import WeirInsight
import WeirMetrics
import WeirPush
import WeirSockets

/// What a pipeline shows of its batches to those who watch. While nobody does, it costs one relaxed load a batch.
final class PipelineWatch: Sendable {
  private let traffic: Traffic
  private let sample: TrafficSample
  private let taps: TapDesk

  init(_ traffic: Traffic, _ taps: TapDesk) {
    self.traffic = traffic
    self.taps = taps
    sample = traffic.makeSample()
  }

  deinit { traffic.remove(sample) }

  var interests: Watch.Interests { traffic.watch.current }

  /// Takes some senders of a batch of messages.
  func add(_ sent: [(sent: TrafficSample.Sent, weight: Double)]) {
    guard !sent.isEmpty else { return }
    sample.add { waiting in
      for one in sent { waiting.sent.add(one.sent, weight: one.weight) }
    }
  }

  /// Takes some series of a batch that was just applied, and the senders of some of its refused lines.
  func addSamples(
    _ batch: borrowing SampleBatch, _ router: borrowing SampleRouter,
    in messages: borrowing some MessageBatch & ~Copyable
  ) {
    var leases: [(lease: SeriesLease, weight: Double)] = []
    leases.reserveCapacity(2 * TrafficSample.perBatch)
    var turns = RandomTurns(
      of: batch.samples.count, choosing: TrafficSample.perBatch,
      using: SystemRandomNumberGenerator())
    for index in batch.samples.indices {
      guard let weight = turns.weight(at: index) else { continue }
      // A classic line is several samples; its first one stands for the line.
      let isFirst =
        index == 0 || batch.samples[index - 1].nameStart != batch.samples[index].nameStart
      if isFirst, let lease = router.series(index) { leases.append((lease, weight)) }
    }
    var refused: [TrafficSample.Sent] = []
    let kept = batch.refusals.total > 0 ? batch.refusals.last : []
    let refusedStride = max(1, kept.count / TrafficSample.refusedPerBatch)
    for place in Swift.stride(from: 0, to: kept.count, by: refusedStride) {
      let source = messages.source(of: messages.message(containing: kept[place].lineStart))
      refused.append(TrafficSample.Sent(sender: SenderKey(source), lines: 0, refused: 1))
    }
    let weight = refused.isEmpty ? 0 : Double(batch.refusals.total) / Double(refused.count)
    sample.add { waiting in
      for one in leases { waiting.series.add(one.lease, weight: one.weight) }
      for one in refused { waiting.sent.add(one, weight: weight) }
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
