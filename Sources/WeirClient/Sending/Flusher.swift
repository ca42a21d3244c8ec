import WeirBytes
import WeirMetrics
import WeirPush

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
    /// When that was, which is when a gauge counts as set.
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
  /// Whether the frame that is being packed has nothing but its clock.
  private var isEmpty = true

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

  /// All totals once more, in frames that are to be answered. Gauges leave with the instance.
  mutating func lastFrames(at now: Moment) -> [LastFrames.Frame] {
    var frames: [LastFrames.Frame] = []
    let flags: PushFormat.Flags = [.final, .confirm]
    flushes += 1
    begin(at: now, room: settings.frameBytes)
    for sent in series {
      if case .gauge = sent.entry.cell { continue }
      guard let (mark, record) = total(of: sent.entry, now.nanoseconds),
        !isForgotten(sent, mark)
      else { continue }
      pack(record, at: now, flags: flags) { frames.append(.init(bytes: $0, answer: $1)) }
    }
    if !isEmpty || frames.isEmpty {
      finish(at: now, flags: flags) { frames.append(.init(bytes: $0, answer: $1)) }
    }
    return frames
  }

  /// The record of a series, where it has changed or is due again.
  private mutating func dueRecord(at index: Int, _ now: UInt64) -> PushFrameWriter.Record? {
    let entry = series[index].entry
    if case .gauge(let cell) = entry.cell { return dueGauge(cell, at: index, now) }
    guard let (mark, record) = total(of: entry, now), !isForgotten(series[index], mark) else {
      return nil
    }
    let isChanged = series[index].mark != mark
    return isDue(index, isChanged, mark, now, isRemoved: entry.cell.isRemoved) ? record : nil
  }

  /// The record of a gauge, where it was set or is due again.
  private mutating func dueGauge(
    _ cell: GaugeCell, at index: Int, _ now: UInt64
  ) -> PushFrameWriter.Record? {
    // First, so that the value is that of the setting or of a later one.
    let wasSet = cell.takeSetting()
    guard let value = cell.value else { return nil }
    let isOther = series[index].mark != value.bitPattern
    if isOther || wasSet { series[index].setNanoseconds = now }
    // Who shows the last value set has to hear of a setting to the same one; all others don't care.
    let isChanged = isOther || (wasSet && cell.merge == .last)
    guard isDue(index, isChanged, value.bitPattern, now) else { return nil }
    let held = (now - min(now, series[index].setNanoseconds)) / 1_000_000
    return .gauge(
      series[index].entry.series, cell.merge, value: value,
      heldMilliseconds: value.isNaN ? nil : held)
  }

  private mutating func isDue(
    _ index: Int, _ isChanged: Bool, _ mark: UInt64, _ now: UInt64, isRemoved: Bool = false
  ) -> Bool {
    if isChanged {
      series[index].mark = mark
      series[index].changedAt = flushes
      return true
    }
    let unchanged = flushes - series[index].changedAt
    return RepeatSchedule.isDue(after: unchanged, phase: index, isRemoved: isRemoved)
  }

  /// Whether a series was removed before it had anything to tell.
  private func isForgotten(_ sent: Sent, _ mark: UInt64) -> Bool {
    sent.entry.cell.isRemoved && sent.mark == nil && mark == 0.0.bitPattern
  }

  /// The total of a series as it is now, with what tells it from before; nil for a gauge.
  private func total(
    of entry: SeriesEntry, _ now: UInt64
  ) -> (mark: UInt64, PushFrameWriter.Record)? {
    let began = instance.ageMilliseconds(at: entry.madeNanoseconds)
    switch entry.cell {
    case .counter(let cell):
      // The exemplar first: what is counted in between may lack its exemplar, and not the reverse.
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

// How records become frames.
extension Flusher {
  private typealias Sink = (_ frame: [UInt8], _ answer: [UInt8]) -> Void

  private func head(at now: Moment, flags: PushFormat.Flags = []) -> PushFrameHead {
    PushFrameHead(
      instance: instance.number, startMilliseconds: instance.startMilliseconds,
      sequence: sequence + 1, ageMilliseconds: instance.ageMilliseconds(at: now.nanoseconds),
      flags: flags, keyID: settings.key?.idBytes)
  }

  /// Begins a frame with the clock, which is right now whatever it was at the start.
  private mutating func begin(at now: Moment, room: Int) {
    writer.begin(room: room - head(at: now).bytes, common: settings.labels)
    // There is room: the least frame is many times as long. A clock at 0 tells nothing.
    _ = writer.append(.clock(sentMilliseconds: max(1, now.wallMilliseconds)))
    isEmpty = true
  }

  private mutating func append(_ record: PushFrameWriter.Record) -> Bool {
    guard writer.append(record) else { return false }
    isEmpty = false
    return true
  }

  /// Puts a record into the frame, or into another where it is full. What is too long for any goes
  /// alone, in one that the network has to divide.
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

  /// Makes a frame of what was packed, and the answer that it would get.
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
