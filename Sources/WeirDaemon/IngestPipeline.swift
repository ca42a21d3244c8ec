import Glibc
import WeirAggregation
import WeirBytes
import WeirInsight
import WeirMetrics
import WeirPush
import WeirSockets
import WeirWire

/// What happens to a batch of messages: decode, route, apply, count.
///
/// Each receiver owns one; nothing in it is shared but the shards, the meter and the refused lines.
struct IngestPipeline: ~Copyable {
  private var batch = SampleBatch()
  private var router: SampleRouter
  private var push: PushPipeline
  private let pushMeter: PushMeter
  private let decoder: StatsDDecoder
  private let admission: ListenerFilter
  private var refusedTexts = 0
  private let meter: IngestMeter
  private let refused: RefusedLines
  private let accepted: AcceptedLines?
  private var reports: PushReports?
  /// Gets what becomes of the lines; nil where nobody waits for that.
  var report: LineReport?
  /// Nil where frames are answered at once.
  private let answers: LaterAnswers?
  /// Nil where lines are not relayed.
  private let relay: LineRelayTap?
  /// Nil where nobody can watch.
  private let watch: PipelineWatch?
  /// What of the current batch is watched.
  private var interests = Watch.Interests()
  /// Nil until something is sampled.
  private var turns: WatchTurns?
  /// Lines and records of the current message.
  private var messageLines = 0
  /// The instance of the current message's frame.
  private var messageInstance: SenderKey?
  private let log: Log
  private let now: @Sendable () -> timespec

  /// - Parameters:
  ///   - accepted: Shows accepted lines in the log; nil where it writes no such events.
  ///   - answers: Answers frames later than when they are received; nil to answer at once.
  ///   - relay: Passes lines on as they came; nil where they are not.
  ///   - watch: Shows batches to those who watch; nil where nobody can.
  init(
    aggregator: Aggregator, options: StatsDOptions, admission: ListenerFilter,
    pushed: Pushed,
    meter: IngestMeter, refused: RefusedLines, accepted: AcceptedLines? = nil,
    answers: LaterAnswers? = nil, relay: LineRelay? = nil, watch: PipelineWatch? = nil, log: Log,
    now: @escaping @Sendable () -> timespec
  ) {
    router = SampleRouter(aggregator: aggregator, reader: StatsDIdentityReader(options: options))
    push = PushPipeline(pushed, now: now)
    pushMeter = pushed.meter
    decoder = StatsDDecoder(options: options)
    self.admission = admission
    self.meter = meter
    self.refused = refused
    self.accepted = accepted
    self.answers = answers
    self.relay = relay?.tap()
    self.watch = watch
    self.log = log
    self.now = now
  }

  /// Takes in every message of a batch, and each of its parts.
  mutating func ingest(_ messages: borrowing some MessageBatch & ~Copyable) {
    var bytes = 0
    var count = 0
    var refusedSources = 0
    refusedTexts = 0
    interests = watch?.interests ?? []
    let isSampling = interests.contains(.sampling)
    if isSampling { beginSampling() }
    for index in 0..<messages.count {
      messageLines = 0
      messageInstance = nil
      let isSampled = isSampling && turns?.messages.choosesNext() == true
      let range = messages.range(of: index)
      let part = messages.partBytes(of: index)
      bytes += range.count
      if !admission.admits(index, of: messages) {
        let parts = max(1, (range.count + part - 1) / part)
        count += parts
        refusedSources += parts
        continue
      }
      var start = range.lowerBound
      // A datagram without bytes is one, too.
      repeat {
        let end = min(start + part, range.upperBound)
        ingestPart(messages, index, from: start, to: end)
        count += 1
        start = end
      } while start < range.upperBound
      if isSampled, messageLines > 0 { addSender(of: index, messages) }
    }
    apply(messages)
    if let relay { relay.add(messages, admission: admission) }
    if let reports {
      refused.pushes.record(reports, log: log)
      self.reports = nil
    }
    meter.add(
      datagrams: count, bytes: bytes, refusedSources: refusedSources, refusedTexts: refusedTexts)
  }

  @inline(__always)
  private mutating func ingestPart(
    _ messages: borrowing some MessageBatch & ~Copyable, _ index: Int, from start: Int, to end: Int
  ) {
    if messages.holdsFrames, PushDecoder.isFrame(messages.bytes, from: start, to: end) {
      ingestFrame(messages, index, from: start, to: end)
    } else if !admission.takesText {
      refusedTexts += 1
    } else {
      let before = batch.lines
      decoder.decode(messages.bytes, from: start, to: end, into: &batch)
      messageLines += batch.lines - before
      if batch.samples.count >= SampleBatch.samplesAim { apply(messages) }
    }
  }

  private mutating func ingestFrame(
    _ messages: borrowing some MessageBatch & ~Copyable, _ index: Int, from start: Int, to end: Int
  ) {
    do throws(PushRefusal) {
      let answers = answers
      let source = answers == nil ? nil : messages.replyAddress(of: index)
      let answer = try push.ingest(messages.bytes, from: start, to: end) { answer in
        guard case .relayed(let socket)? = answers, let source else { return nil }
        return .datagram(socket, source, answer: answer.bytes)
      }
      messageLines += push.recordCount
      messageInstance = push.instance.map { .instance($0, isSigned: push.isSigned) }
      if push.hasRefusedRecords {
        beginReport(messages, index)
        reports?.addRecords(of: push, messages.bytes)
      }
      guard let answer else { return }
      if case .committed(let answers)? = answers {
        // Without an address for later there is no answer, because nothing is committed yet.
        guard let source else { return pushMeter.addAnswer(isSent: false) }
        return answers.send(answer, to: source)
      }
      pushMeter.addAnswer(isSent: messages.answer(index, with: answer.bytes.span))
    } catch {
      // It has been counted.
      beginReport(messages, index)
      reports?.addFrame(of: push, error)
    }
  }

  /// Begins a report of what is refused of a frame in the message at `index`.
  private mutating func beginReport(
    _ messages: borrowing some MessageBatch & ~Copyable, _ index: Int
  ) {
    if reports == nil { reports = PushReports(at: now()) }
    if reports?.isFull == false { reports?.sender = messages.source(of: index) }
  }

  private mutating func apply(_ messages: borrowing some MessageBatch & ~Copyable) {
    router.apply(&batch, bytes: messages.bytes)
    if let accepted, !batch.samples.isEmpty {
      accepted.show(batch, takenBy: router, in: messages, at: now())
    }
    if batch.refusals.total > 0 {
      refused.record(batch.refusals, in: messages, at: now(), log: log)
    }
    if report != nil { report?.add(batch, messages.bytes) }
    if !interests.isEmpty { show(messages) }
    meter.add(batch)
    batch.removeAll()
  }

  @inline(never)
  private mutating func beginSampling() {
    var begun = turns ?? WatchTurns()
    watch?.begin(&begun)
    turns = begun
  }

  @inline(never)
  private mutating func addSender(
    of index: Int, _ messages: borrowing some MessageBatch & ~Copyable
  ) {
    guard var turns else { return }
    let sender = messageInstance ?? SenderKey(messages.source(of: index))
    watch?.add(.init(sender: sender, lines: Double(messageLines), refused: 0), &turns)
    self.turns = turns
  }

  @inline(never)
  private mutating func show(_ messages: borrowing some MessageBatch & ~Copyable) {
    if interests.contains(.sampling), var turns {
      watch?.addSamples(batch, router, in: messages, &turns)
      self.turns = turns
    }
    if interests.contains(.taps) { watch?.showLines(batch, router, in: messages) }
  }
}
