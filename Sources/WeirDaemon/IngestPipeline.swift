import Glibc
import WeirAggregation
import WeirBytes
import WeirMetrics
import WeirPush
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
  private let accepted: AcceptedLines?
  private var reports: PushReports?
  private let log: Log
  private let now: @Sendable () -> timespec

  /// - Parameter accepted: Shows accepted lines in the log; nil where it writes no such events.
  init(
    aggregator: Aggregator, options: StatsDOptions, admission: Admission, pushed: Pushed,
    meter: IngestMeter, refused: RefusedLines, accepted: AcceptedLines? = nil, log: Log,
    now: @escaping @Sendable () -> timespec
  ) {
    router = Router(aggregator: aggregator, reader: StatsDIdentityReader(options: options))
    push = PushPipeline(pushed, now: now)
    pushMeter = pushed.meter
    decoder = StatsDDecoder(options: options)
    self.admission = admission
    self.meter = meter
    self.refused = refused
    self.accepted = accepted
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
    if let reports {
      refused.pushes.record(reports, log: log)
      self.reports = nil
    }
    meter.add(
      datagrams: count, bytes: bytes, refusedSources: refusedSources, refusedTexts: refusedTexts)
  }

  private mutating func ingestFrame(
    _ datagrams: borrowing DatagramBatch, _ index: Int, from start: Int, to end: Int,
    _ socket: borrowing UDPSocket
  ) {
    do throws(PushRefusal) {
      let answer = try push.ingest(datagrams.bytes, from: start, to: end)
      if push.hasRefusedRecords {
        beginReport(datagrams, index)
        reports?.addRecords(of: push, datagrams.bytes)
      }
      guard let answer else { return }
      pushMeter.addAnswer(isSent: datagrams.answer(index, with: answer.bytes.span, by: socket))
    } catch {
      // It has been counted.
      beginReport(datagrams, index)
      reports?.addFrame(of: push, error)
    }
  }

  /// Makes room for what was refused of a frame of the datagram at `index`.
  private mutating func beginReport(_ datagrams: borrowing DatagramBatch, _ index: Int) {
    if reports == nil { reports = PushReports(at: now()) }
    if reports?.isFull == false { reports?.sender = datagrams.sender(of: index) }
  }

  private mutating func apply(_ datagrams: borrowing DatagramBatch) {
    router.apply(&batch, bytes: datagrams.bytes)
    if let accepted, !batch.samples.isEmpty {
      accepted.show(batch, takenBy: router, in: datagrams, at: now())
    }
    if batch.refusals.total > 0 {
      refused.record(batch.refusals, in: datagrams, at: now(), log: log)
    }
    meter.add(batch)
    batch.removeAll()
  }
}
