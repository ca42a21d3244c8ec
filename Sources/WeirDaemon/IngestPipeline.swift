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
  private var push: PushPipeline
  private let pushMeter: PushMeter
  private let decoder: StatsDDecoder
  private let admission: Admission
  private var refusedTexts = 0
  private let meter: IngestMeter
  private let refused: RefusedLines
  private let log: Log
  private let now: @Sendable () -> timespec

  init(
    aggregator: Aggregator, options: StatsDOptions, admission: Admission, pushed: Pushed,
    meter: IngestMeter,
    refused: RefusedLines, log: Log, now: @escaping @Sendable () -> timespec
  ) {
    router = Router(
      aggregator: aggregator, reader: StatsDIdentityReader(styles: options.tagStyles))
    push = PushPipeline(pushed, now: now)
    pushMeter = pushed.meter
    decoder = StatsDDecoder(options: options)
    self.admission = admission
    self.meter = meter
    self.refused = refused
    self.log = log
    self.now = now
  }

  /// Takes in every datagram of one receive call.
  ///
  /// - Parameter socket: Where it was received, by which frames that ask for it are answered.
  mutating func ingest(_ datagrams: borrowing DatagramBatch, from socket: borrowing UDPSocket) {
    var bytes = 0
    var count = 0
    var refusedSources = 0
    refusedTexts = 0
    for index in 0..<datagrams.count {
      var start = datagrams.start(of: index)
      let length = datagrams.length(of: index)
      let end = start + length
      let segment = datagrams.segmentBytes(of: index)
      bytes += length
      if !admission.admits(index, of: datagrams) {
        let segments = max(1, (length + segment - 1) / segment)
        count += segments
        refusedSources += segments
        continue
      }
      // A datagram without bytes is one, too.
      repeat {
        let next = min(start + segment, end)
        if PushDecoder.isFrame(datagrams.bytes, from: start, to: next) {
          ingestFrame(datagrams, index, from: start, to: next, socket)
        } else if !admission.takesText {
          refusedTexts += 1
        } else {
          decoder.decode(datagrams.bytes, from: start, to: next, into: &batch)
          if batch.samples.count >= SampleBatch.samplesAim { apply(datagrams) }
        }
        count += 1
        start = next
      } while start < end
    }
    apply(datagrams)
    meter.add(
      datagrams: count, bytes: bytes, refusedSources: refusedSources, refusedTexts: refusedTexts)
  }

  private mutating func ingestFrame(
    _ datagrams: borrowing DatagramBatch, _ index: Int, from start: Int, to end: Int,
    _ socket: borrowing UDPSocket
  ) {
    // What is refused has been counted.
    guard let answer = try? push.ingest(datagrams.bytes, from: start, to: end) else { return }
    pushMeter.addAnswer(isSent: datagrams.answer(index, with: answer.bytes.span, by: socket))
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
