import WeirBytes
import WeirMetrics
import WeirWire

extension RealDecoder {
  /// What came of a datagram of any length, in numbers.
  struct Counts: Equatable {
    var lines = 0
    var events = 0
    var serviceChecks = 0
    /// Samples whose identity could be read too.
    var samples = 0
    var refused: [Refusal: Int] = [:]

    var refusedInAll: Int { refused.values.reduce(0, +) }
  }

  func counts(_ datagram: [UInt8]) -> Counts {
    let decoder = StatsDDecoder(options: options)
    let reader = StatsDIdentityReader(options: options)
    var batch = SampleBatch()
    var builder = SeriesBuilder()
    decoder.decode(datagram.span, from: 0, to: datagram.count, into: &batch)
    var counts = Counts(
      lines: batch.lines, events: batch.events, serviceChecks: batch.serviceChecks)
    for reason in Refusal.allCases where batch.refusals.count(of: reason) > 0 {
      counts.refused[reason] = batch.refusals.count(of: reason)
    }
    for sample in batch.samples.elements {
      do throws(Refusal) {
        let identity = try reader.identity(of: sample, in: datagram.span)
        try reader.spell(
          identity, as: nil, kind: sample.kind, asked: .nothing, in: datagram.span,
          into: &builder)
        counts.samples += 1
      } catch {
        counts.refused[error, default: 0] += 1
      }
    }
    return counts
  }
}
