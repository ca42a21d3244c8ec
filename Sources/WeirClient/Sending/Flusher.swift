import WeirBytes
import WeirMetrics
import WeirPush

/// Decides what each flush sends, and encodes it as frames.
///
/// It has no clock, socket or thread; the caller passes the time.
///
/// ```
/// each series: changed, or due again (RepeatSchedule)? ── yes ─▶ record ─▶ pack ─┐
///                                                                                │
/// frame: | head | clock | record | record | …   ◀────────────────────────────────┘
///        a full frame is sent, and the next one starts with the head
/// ```
struct Flusher {
  /// The longest time without a frame, even if there is nothing to send.
  static let heartbeatNanoseconds: UInt64 = 15_000_000_000

  /// A series, and what was last sent of it.
  private struct Sent {
    let entry: SeriesEntry
    /// The bits of the value that was last sent (for a histogram, of its count); nil before the
    /// first.
    var mark: UInt64?
    /// The number of the flush that found the last change.
    var changedAt = 0
    /// The time of that flush, at which a gauge counts as set.
    var setNanoseconds: UInt64 = 0
  }

  private struct SentText {
    let record: PushFrameWriter.Record
    let since: Int
  }

  private let instance: Instance
  private let settings: Settings
  private var series: [Sent] = []
  private var texts: [SentText] = []
  private var flushes = 0
  private var sequence: UInt64 = 0
  private var lastFrameNanoseconds: UInt64
  private var writer = PushFrameWriter()
  /// Whether the current frame contains only its clock record.
  private var isEmpty = true

  init(instance: Instance, settings: Settings) {
    self.instance = instance
    self.settings = settings
    lastFrameNanoseconds = instance.startNanoseconds
  }

  /// The number of series that were added.
  var seriesCount: Int { series.count }
  /// The number of texts that were added.
  var textCount: Int { texts.count }

  /// Adds series and texts to be sent from now on.
  mutating func add(
    _ entries: some Sequence<SeriesEntry>, texts newTexts: some Sequence<MetricText>
  ) {
    series += entries.map { Sent(entry: $0) }
    texts += newTexts.map {
      SentText(record: .meta(name: $0.name, unit: $0.unit, help: $0.help), since: flushes + 1)
    }
  }

  /// Sends what has changed and what is due again. Sends a frame without records if the next flush
  /// would be too late for the heartbeat.
  ///
  /// - Parameter nextNanoseconds: The longest possible time until the next flush.
  mutating func flush(
    at now: Moment, nextNanoseconds: UInt64, _ send: ([UInt8]) -> Void
  ) {
    flushes += 1
    begin(at: now, room: settings.frameBytes)
    for index in series.indices {
      guard let record = dueRecord(at: index, now.nanoseconds) else { continue }
      pack(record, at: now, flags: []) { frame, _ in send(frame) }
    }
    for (index, text) in texts.enumerated()
    where RepeatSchedule.isDue(after: flushes - text.since, phase: index) {
      pack(text.record, at: now, flags: []) { frame, _ in send(frame) }
    }
    let silence =
      now.nanoseconds - min(now.nanoseconds, lastFrameNanoseconds) + nextNanoseconds
    if !isEmpty || silence > Flusher.heartbeatNanoseconds {
      finish(at: now, flags: []) { frame, _ in send(frame) }
    }
  }

  /// Frames with all totals that request an answer. They contain no gauges, because Weir removes
  /// these with the instance.
  mutating func lastFrames(at now: Moment) -> [LastFrames.Frame] {
    var frames: [LastFrames.Frame] = []
    let flags: PushFormat.Flags = [.final, .confirm]
    flushes += 1
    begin(at: now, room: settings.frameBytes)
    for sent in series {
      if case .gauge = sent.entry.cell { continue }
      guard let (mark, record) = total(of: sent.entry, now.nanoseconds),
        !wasNeverUsed(sent, mark)
      else { continue }
      pack(record, at: now, flags: flags) { frames.append(.init(bytes: $0, answer: $1)) }
    }
    if !isEmpty || frames.isEmpty {
      finish(at: now, flags: flags) { frames.append(.init(bytes: $0, answer: $1)) }
    }
    return frames
  }

  /// The record of a series if it has changed or is due again.
  private mutating func dueRecord(at index: Int, _ now: UInt64) -> PushFrameWriter.Record? {
    let entry = series[index].entry
    if case .gauge(let cell) = entry.cell { return dueGauge(cell, at: index, now) }
    guard let (mark, record) = total(of: entry, now), !wasNeverUsed(series[index], mark) else {
      return nil
    }
    let isChanged = series[index].mark != mark
    return isDue(at: index, isChanged: isChanged, mark: mark, isRemoved: entry.cell.isRemoved)
      ? record : nil
  }

  /// The record of a gauge if it was set or is due again.
  private mutating func dueGauge(
    _ cell: GaugeCell, at index: Int, _ now: UInt64
  ) -> PushFrameWriter.Record? {
    // Before the value, so that the value is the one that was set, or a later one.
    let wasSet = cell.takeWasSet()
    guard let value = cell.value else { return nil }
    let isOther = series[index].mark != value.bitPattern
    if isOther || wasSet { series[index].setNanoseconds = now }
    // With the merge `last`, setting an equal value matters too; with the others it does not.
    let isChanged = isOther || (wasSet && cell.merge == .last)
    guard isDue(at: index, isChanged: isChanged, mark: value.bitPattern) else { return nil }
    let held = (now - min(now, series[index].setNanoseconds)) / 1_000_000
    return .gauge(
      series[index].entry.series, cell.merge, value: value,
      heldMilliseconds: value.isNaN ? nil : held)
  }

  /// Whether to send a series in this flush. Notes a change.
  private mutating func isDue(
    at index: Int, isChanged: Bool, mark: UInt64, isRemoved: Bool = false
  ) -> Bool {
    if isChanged {
      series[index].mark = mark
      series[index].changedAt = flushes
      return true
    }
    let unchanged = flushes - series[index].changedAt
    return RepeatSchedule.isDue(after: unchanged, phase: index, isRemoved: isRemoved)
  }

  /// Whether a series was removed before anything was recorded or sent.
  private func wasNeverUsed(_ sent: Sent, _ mark: UInt64) -> Bool {
    sent.entry.cell.isRemoved && sent.mark == nil && mark == 0.0.bitPattern
  }

  /// The current total of a series and its mark; nil for a gauge.
  private func total(
    of entry: SeriesEntry, _ now: UInt64
  ) -> (mark: UInt64, PushFrameWriter.Record)? {
    let began = instance.ageMilliseconds(at: entry.madeNanoseconds)
    switch entry.cell {
    case .counter(let cell):
      // The exemplar is read first, so that its value is always included in the total.
      let exemplars = exemplars(cell.exemplar, now)
      let total = cell.total
      return (
        total.bitPattern,
        .counter(entry.series, total: total, exemplars, beganMilliseconds: began)
      )
    case .gauge: return nil
    case .histogram(let cell):
      let exemplars = exemplars(cell.exemplar, now)
      let totals = cell.totals
      let bounds = cell.bounds == .standard ? nil : cell.bounds.upper
      return (
        totals.count.bitPattern,
        .histogram(
          entry.series, bounds: bounds, sum: totals.sum, buckets: totals.buckets, exemplars,
          beganMilliseconds: began)
      )
    }
  }

  private func exemplars(
    _ slot: borrowing ExemplarSlot, _ now: UInt64
  ) -> [PushFrameWriter.Exemplar] {
    guard let held = slot.take() else { return [] }
    let age = (now - min(now, held.atNanoseconds)) / 1_000_000
    let labels = held.labels.sorted { $0.key < $1.key }.map {
      PushFrameWriter.Label($0.key, $0.value)
    }
    return [.init(labels: labels, value: held.value, ageMilliseconds: age)]
  }
}

// Encoding of records into frames.
extension Flusher {
  private typealias Sink = (_ frame: [UInt8], _ answer: [UInt8]) -> Void

  private func head(at now: Moment, flags: PushFormat.Flags = []) -> PushFrameHead {
    PushFrameHead(
      instance: instance.number, startMilliseconds: instance.startMilliseconds,
      sequence: sequence + 1, ageMilliseconds: instance.ageMilliseconds(at: now.nanoseconds),
      flags: flags, keyID: settings.key?.idBytes)
  }

  /// Starts a frame with the current wall clock, which may have been corrected since the start.
  private mutating func begin(at now: Moment, room: Int) {
    writer.begin(room: room - head(at: now).bytes, common: settings.labels)
    // Always fits, because even the smallest frame is much longer. At least 1, because 0 means no
    // clock.
    _ = writer.append(.clock(sentMilliseconds: max(1, now.wallMilliseconds)))
    isEmpty = true
  }

  private mutating func append(_ record: PushFrameWriter.Record) -> Bool {
    guard writer.append(record) else { return false }
    isEmpty = false
    return true
  }

  /// Adds a record to the frame, or to a new one if the frame is full. A record that is too long
  /// for a frame is sent alone, in a longer frame that is fragmented by IP.
  private mutating func pack(
    _ record: PushFrameWriter.Record, at now: Moment, flags: PushFormat.Flags, _ sink: Sink
  ) {
    if append(record) { return }
    if !isEmpty {
      finish(at: now, flags: flags, sink)
      begin(at: now, room: settings.frameBytes)
      if append(record) { return }
    }
    begin(at: now, room: PushFormat.frameBytesMax)
    if append(record) { finish(at: now, flags: flags, sink) }
    begin(at: now, room: settings.frameBytes)
  }

  /// Completes the frame, and computes the expected answer.
  private mutating func finish(at now: Moment, flags: PushFormat.Flags, _ sink: Sink) {
    let head = head(at: now, flags: flags)
    sequence += 1
    lastFrameNanoseconds = now.nanoseconds
    var frame = ByteWriter(capacity: head.bytes + writer.count)
    head.write(to: &frame)
    writer.write(to: &frame)
    var answer = ByteWriter(capacity: 32)
    if flags.contains(.confirm) { head.writeAnswer(to: &answer) }
    if let key = settings.key {
      frame.append(key.tag(of: frame.bytes))
      if flags.contains(.confirm) { answer.append(key.tag(of: answer.bytes)) }
    }
    sink(frame.bytes, answer.bytes)
  }
}
