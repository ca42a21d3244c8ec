import WeirAggregation
import WeirBytes
import WeirMetrics
import WeirPush

/// Writes rows as frames of the instance as which this Weir forwards.
///
///     frame   head │ strings │ common labels │ bounds │ clock │ forwarder │ record │ record │ … [tag]
///
/// A row's records are never split over two frames, so that one answer confirms the row. Rows that are too long
/// for a frame, such as sets with many members, are sent alone in a longer one, which IP fragments.
package struct ForwardFrames: Sendable {
  /// What stays the same for all frames.
  package struct Settings: Sendable {
    package var instance: UInt64
    package var startMilliseconds: UInt64
    /// The greatest frame.
    package var frameBytes: Int
    package var labels: [ForwardLabel]
    /// The id of the key that signs; nil for none.
    package var keyID: [UInt8]?
    /// The tag of bytes; nil where it can't be made.
    package var sign: (@Sendable (_ bytes: Span<UInt8>, _ range: Range<Int>) -> [UInt8]?)?

    package init(
      instance: UInt64, startMilliseconds: UInt64,
      frameBytes: Int = PushFormat.frameBytesDefault, labels: [ForwardLabel] = [],
      keyID: [UInt8]? = nil,
      sign: (@Sendable (_ bytes: Span<UInt8>, _ range: Range<Int>) -> [UInt8]?)? = nil
    ) {
      self.instance = instance
      self.startMilliseconds = startMilliseconds
      self.frameBytes = frameBytes
      self.labels = labels
      self.keyID = keyID
      self.sign = sign
    }
  }

  /// When frames are sent.
  package struct Moment: Sendable {
    /// From the instance's start.
    package var ageMilliseconds: UInt64
    /// Since 1970.
    package var wallMilliseconds: UInt64
    /// The second of Weir's clock.
    package var second: UInt32

    package init(ageMilliseconds: UInt64, wallMilliseconds: UInt64, second: UInt32) {
      self.ageMilliseconds = ageMilliseconds
      self.wallMilliseconds = wallMilliseconds
      self.second = second
    }
  }

  private let settings: Settings
  private var body = FrameBody()
  private var moment = Moment(ageMilliseconds: 0, wallMilliseconds: 0, second: 0)
  /// Of the frame that is being written.
  package private(set) var sequence: UInt64
  private var room = 0
  /// Rows in the frame that is being written.
  private var rows = 0
  private var isBegun = false
  /// Whether the instance ends with the frames that begin from now on.
  package var isLast = false
  /// The frames that are complete.
  package var batch = FrameBatch()

  /// - Parameter sequence: That of the first frame.
  package init(_ settings: Settings, from sequence: UInt64) {
    precondition(sequence > 0, "frames are numbered from 1")
    self.settings = settings
    self.sequence = sequence
  }

  /// Sets the time of the frames that begin from now on.
  package mutating func begin(at moment: Moment) { self.moment = moment }

  /// Completes the current frame, if there is one.
  package mutating func finish() {
    if isBegun { close() }
  }

  /// Writes a frame without rows, if none has been begun.
  package mutating func heartbeat() {
    if !isBegun { open(settings.frameBytes) }
    close()
  }

  /// Writes all rows of a piece, and notes the frame of each.
  ///
  /// - Returns: How many could not be written, because they are longer than the longest frame.
  package mutating func append(_ rows: borrowing ForwardRows, _ sent: inout SentRows) -> Int {
    var tooLong = 0
    for index in rows.indices {
      guard let frame = append(rows, index) else {
        tooLong += 1
        continue
      }
      sent.note(Int(rows.rows[index]), frame: frame)
    }
    return tooLong
  }

  /// - Returns: The frame that has the row; nil where it fits into none.
  private mutating func append(_ rows: borrowing ForwardRows, _ index: Int) -> UInt64? {
    if !isBegun { open(settings.frameBytes) }
    if write(rows, index) { return sequence }
    if self.rows > 0 {
      close()
      open(settings.frameBytes)
      if write(rows, index) { return sequence }
    }
    open(PushFormat.frameBytesMax)
    guard write(rows, index) else {
      // Nothing is in it, so it is not sent.
      isBegun = false
      return nil
    }
    // Only rows that need a long frame are sent in one.
    let frame = sequence
    close()
    return frame
  }

  /// Writes one row. False, and nothing is left of it, where there is no room; then the frame must be closed.
  @inline(__always)
  private mutating func write(_ rows: borrowing ForwardRows, _ index: Int) -> Bool {
    let mark = body.mark
    let records = record(rows, index)
    guard body.count <= room else {
      body.drop(to: mark)
      return false
    }
    self.rows += 1
    batch.records += records
    return true
  }

  /// - Returns: How many records the row has become.
  @inline(__always)
  private mutating func record(_ rows: borrowing ForwardRows, _ index: Int) -> Int {
    let text = rows.text.span
    let spelling = rows.spelling(index)
    let began = beganMilliseconds(rows.born[index])
    switch rows.seriesClass.kind {
    case .counter:
      body.counter(text, spelling, total: rows.sum(index), began: began)
      return 1
    case .histogram:
      if !rows.seriesClass.observer.keepsBuckets, let native = rows.native(index) {
        body.exponential(text, spelling, native, sum: rows.sum(index), began: began)
      } else {
        body.histogram(
          text, spelling, bounds: rows.seriesClass.layout, sum: rows.sum(index),
          buckets: rows.buckets(index), began: began)
      }
      return 1
    case .set:
      let steps = rows.steps(index, second: moment.second)
      for step in steps {
        body.set(
          text, spelling, step.members,
          endsMilliseconds: step.endsInSeconds.map { Int64($0) * 1_000 })
      }
      return steps.count
    case .gauge:
      guard let settings = rows.settings(index) else { return 0 }
      body.textGauge(
        text, spelling, settings: settings.count, value: settings.value,
        changes: settings.changes, began: began)
      return 1
    }
  }

  /// From the instance's start until a series was made. It is constant, as both times are.
  @inline(__always)
  private func beganMilliseconds(_ born: UInt32) -> UInt64 {
    let milliseconds = UInt64(born) &* 1_000
    return milliseconds > settings.startMilliseconds
      ? milliseconds &- settings.startMilliseconds : 0
  }

  private var head: PushFrameHead {
    PushFrameHead(
      instance: settings.instance, startMilliseconds: settings.startMilliseconds,
      sequence: sequence, ageMilliseconds: moment.ageMilliseconds,
      flags: isLast ? [.confirm, .final] : .confirm,
      keyID: settings.keyID)
  }

  private mutating func open(_ frameBytes: Int) {
    isBegun = true
    rows = 0
    room = frameBytes - head.bytes
    body.begin(common: settings.labels)
    body.clock(milliseconds: max(1, moment.wallMilliseconds))
    body.forwarder()
  }

  private mutating func close() {
    isBegun = false
    let start = batch.bytes.count
    var writer = ByteWriter(capacity: 64)
    head.write(to: &writer)
    batch.bytes.append(contentsOf: writer.bytes)
    body.write(to: &batch.bytes)
    if let sign = settings.sign,
      let tag = sign(batch.bytes.span, start..<batch.bytes.count)
    {
      batch.bytes.append(contentsOf: tag)
    }
    batch.ends.append(batch.bytes.count)
    batch.names.append(.init(instance: settings.instance, sequence: sequence))
    sequence += 1
  }
}
