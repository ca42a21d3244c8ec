import Glibc
import WeirAggregation
import WeirBytes
import WeirMetrics
import WeirSockets
import WeirWire

/// What happens to a batch of datagrams: decode, route, apply, count.
///
/// Each receiver owns one; nothing in it is shared but the shards, the meter and the refused lines.
struct IngestPipeline: ~Copyable {
  private var batch = SampleBatch()
  private var router: Router
  private let decoder: StatsDDecoder
  private let meter: IngestMeter
  private let refused: RefusedLines
  private let log: Log
  private let now: @Sendable () -> timespec

  init(
    aggregator: Aggregator, options: StatsDOptions, meter: IngestMeter, refused: RefusedLines,
    log: Log, now: @escaping @Sendable () -> timespec
  ) {
    router = Router(
      aggregator: aggregator, reader: StatsDIdentityReader(styles: options.tagStyles))
    decoder = StatsDDecoder(options: options)
    self.meter = meter
    self.refused = refused
    self.log = log
    self.now = now
  }

  /// Takes in every datagram of one receive call.
  mutating func ingest(_ datagrams: borrowing DatagramBatch) {
    var bytes = 0
    var count = 0
    for index in 0..<datagrams.count {
      var start = datagrams.start(of: index)
      let length = datagrams.length(of: index)
      let end = start + length
      let segment = datagrams.segmentBytes(of: index)
      bytes += length
      // A datagram without bytes is one, too.
      repeat {
        let next = min(start + segment, end)
        decoder.decode(datagrams.bytes, from: start, to: next, into: &batch)
        if batch.samples.count >= SampleBatch.samplesAim { apply(datagrams) }
        count += 1
        start = next
      } while start < end
    }
    apply(datagrams)
    meter.add(datagrams: count, bytes: bytes)
  }

  private mutating func apply(_ datagrams: borrowing DatagramBatch) {
    router.apply(&batch, bytes: datagrams.bytes)
    if batch.refusals.total > 0 {
      refused.record(batch.refusals, in: datagrams, at: now(), log: log)
    }
    meter.add(batch)
    batch.removeAll()
  }
}
