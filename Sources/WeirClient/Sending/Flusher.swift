import WeirBytes
import WeirMetrics
import WeirWire

/// Says of each flush what is to be sent, and makes frames of it.
///
/// It has neither clock nor socket nor thread; all of it is told what time it is.
struct Flusher {
  /// Weir hears of an instance at least so often, though it has nothing to say.
  static let heartbeatNanoseconds: UInt64 = 15_000_000_000

  /// A series, and what was last sent of it.
  private struct Sent {
    let entry: SeriesEntry
    /// What tells a total from the one before; nil before the first.
    var mark: UInt64?
    /// The flush that saw the last change.
    var changedAt = 0
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

  init(instance: Instance, settings: Settings) {
    self.instance = instance
    self.settings = settings
    lastFrameNanoseconds = instance.startNanoseconds
  }

  /// The series and texts that it knows; there may be more since.
  var seriesCount: Int { series.count }
  var textCount: Int { texts.count }

  mutating func learn(_ entries: some Sequence<SeriesEntry>, _ more: some Sequence<MetricText>) {
    series += entries.map { Sent(entry: $0) }
    texts += more.map {
      SentText(record: .meta(name: $0.name, unit: $0.unit, help: $0.help), since: flushes + 1)
    }
  }

  /// Sends what has changed and what is due again; a frame without records where silence would
  /// grow too long.
  ///
  /// - Parameter nextNanoseconds: How long until the next flush, at most.
  mutating func flush(
    at now: UInt64, nextNanoseconds: UInt64, _ send: ([UInt8]) -> Void
  ) {
    flushes += 1
    begin(at: now, room: settings.frameBytes)
    for index in series.indices {
      guard let record = dueRecord(at: index, now) else { continue }
      pack(record, at: now, flags: []) { frame, _ in send(frame) }
    }
    for (index, text) in texts.enumerated()
    where RepeatSchedule.isDue(after: flushes - text.since, phase: index) {
      pack(text.record, at: now, flags: []) { frame, _ in send(frame) }
    }
    let silence = now - min(now, lastFrameNanoseconds) + nextNanoseconds
    if !writer.isEmpty || silence > Flusher.heartbeatNanoseconds {
      finish(at: now, flags: []) { frame, _ in send(frame) }
    }
  }

  /// All totals once more, in frames that are to be answered. Gauges leave with the instance.
  mutating func lastFrames(at now: UInt64) -> [LastFrames.Frame] {
    var frames: [LastFrames.Frame] = []
    let flags: PushFormat.Flags = [.final, .confirm]
    flushes += 1
    begin(at: now, room: settings.frameBytes)
    for sent in series {
      if case .gauge = sent.entry.cell { continue }
      guard let (_, record) = record(of: sent.entry, now) else { continue }
      pack(record, at: now, flags: flags) { frames.append(.init(bytes: $0, answer: $1)) }
    }
    if !writer.isEmpty || frames.isEmpty {
      finish(at: now, flags: flags) { frames.append(.init(bytes: $0, answer: $1)) }
    }
    return frames
  }

  /// The record of a series, where it has changed or is due again.
  private mutating func dueRecord(at index: Int, _ now: UInt64) -> PushFrameWriter.Record? {
    guard let (mark, record) = record(of: series[index].entry, now) else { return nil }
    if series[index].mark != mark {
      series[index].mark = mark
      series[index].changedAt = flushes
      return record
    }
    let unchanged = flushes - series[index].changedAt
    return RepeatSchedule.isDue(after: unchanged, phase: index) ? record : nil
  }

  /// What holds of a series now, with what tells it from before.
  private func record(
    of entry: SeriesEntry, _ now: UInt64
  ) -> (mark: UInt64, PushFrameWriter.Record)? {
    switch entry.cell {
    case .counter(let cell):
      // The exemplar first: what is counted in between may lack its exemplar, and not the reverse.
      let exemplars = exemplars(cell.exemplar, now)
      let total = cell.total
      return (total.bitPattern, .counter(entry.series, total: total, exemplars))
    case .gauge(let cell):
      guard let value = cell.value else { return nil }
      return (value.bitPattern, .gauge(entry.series, cell.merge, value: value))
    case .histogram(let cell):
      let exemplars = exemplars(cell.exemplar, now)
      let totals = cell.totals
      let bounds = cell.bounds == .standard ? nil : cell.bounds.upper
      return (
        totals.count.bitPattern,
        .histogram(
          entry.series, bounds: bounds, sum: totals.sum, buckets: totals.buckets, exemplars)
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

// How records become frames.
extension Flusher {
  private typealias Sink = (_ frame: [UInt8], _ answer: [UInt8]) -> Void

  private func head(at now: UInt64, flags: PushFormat.Flags = []) -> PushFrameHead {
    PushFrameHead(
      instance: instance.number, startMilliseconds: instance.startMilliseconds,
      sequence: sequence + 1, ageMilliseconds: instance.ageMilliseconds(at: now), flags: flags,
      keyID: settings.key?.idBytes)
  }

  private mutating func begin(at now: UInt64, room: Int) {
    writer.begin(room: room - head(at: now).bytes, common: settings.labels)
  }

  /// Puts a record into the frame, or into another where it is full. What is too long for any goes
  /// alone, in one that the network has to divide.
  private mutating func pack(
    _ record: PushFrameWriter.Record, at now: UInt64, flags: PushFormat.Flags, _ sink: Sink
  ) {
    if writer.append(record) { return }
    if !writer.isEmpty {
      finish(at: now, flags: flags, sink)
      begin(at: now, room: settings.frameBytes)
      if writer.append(record) { return }
    }
    begin(at: now, room: PushFormat.frameBytesMax)
    if writer.append(record) { finish(at: now, flags: flags, sink) }
    begin(at: now, room: settings.frameBytes)
  }

  /// Makes a frame of what was packed, and the answer that it would get.
  private mutating func finish(at now: UInt64, flags: PushFormat.Flags, _ sink: Sink) {
    let head = head(at: now, flags: flags)
    sequence += 1
    lastFrameNanoseconds = now
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
