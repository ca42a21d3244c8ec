import WeirBytes
import WeirMetrics
import WeirPush

@testable import WeirAggregation

/// A record as a test writes it.
struct PushedRecord: Equatable, Sendable {
  enum Value: Equatable, Sendable {
    case counter(Double)
    case increment(Double)
    case gauge(Double, GaugeMerge)
    case gaugeAdd(Double, GaugeMerge)
    case observations([Double], weight: Double)
    /// `bounds` nil for Weir's own.
    case histogram(bounds: [Double]?, sum: Double, buckets: [Int: Double])
    case exponential(schema: Int, sum: Double, zero: Double, positive: [Int: Double])
    case members([UInt64])
    case sketch([Int: UInt8])
    case textGauge(settings: UInt64, Double, changes: Double)
  }

  var name: String
  var labels: [(String, String)] = []
  var value: Value
  /// The time at the record's end, in milliseconds, if it has one: since a total began, how long a
  /// gauge has held, or until a set's step ends.
  var time: Int64?

  init(_ name: String, _ value: Value, time: Int64? = nil) {
    self.init(name, [], value)
    self.time = time
  }

  init(_ name: String, _ labels: [(String, String)], _ value: Value) {
    self.name = name
    self.labels = labels
    self.value = value
  }

  static func == (left: PushedRecord, right: PushedRecord) -> Bool {
    left.name == right.name && left.value == right.value && left.time == right.time
      && left.labels.elementsEqual(right.labels, by: ==)
  }
}

/// A frame as a test writes it.
struct Pushed: Sendable {
  var instance: UInt64 = 1
  var start: UInt64 = 1_000
  var sequence: UInt64
  var age: UInt64 = 0
  var isFinal = false
  var isSigned = false
  var common: [(String, String)] = []
  /// The sender's wall clock, in milliseconds since 1970.
  var clock: UInt64?
  var isForwarder = false
  var records: [PushedRecord] = []
}

/// One receiver of frames: they are applied as they would be from a socket.
struct PushIngest: ~Copyable {
  private var decoder: PushDecoder
  private var router: PushRouter
  private var frame = PushFrame()
  private(set) var refused: [RecordRefusal: Int] = [:]
  private(set) var refusedSeries: [Refusal: Int] = [:]
  /// The wall clock, in milliseconds since 1970.
  var now: UInt64 = 1_000_000_000

  init(_ owners: Owners) {
    decoder = PushDecoder(owners.keySeed)
    router = PushRouter(owners: owners)
  }

  @discardableResult
  mutating func apply(_ pushed: Pushed) throws(PushRefusal) -> PushRouter.Outcome {
    let bytes = pushed.bytes
    try decoder.readHeader(bytes.span, from: 0, to: bytes.count, into: &frame)
    try decoder.readBody(bytes.span, into: &frame)
    let outcome = try router.apply(&frame, bytes: bytes.span, nowMilliseconds: now)
    for reason in RecordRefusal.allCases where frame.refusals[Int(reason.rawValue)] > 0 {
      refused[reason, default: 0] += frame.refusals[Int(reason.rawValue)]
    }
    for reason in Refusal.allCases where frame.seriesRefusals[Int(reason.rawValue)] > 0 {
      refusedSeries[reason, default: 0] += frame.seriesRefusals[Int(reason.rawValue)]
    }
    return outcome
  }
}

extension Pushed {
  /// The frame as sent. The tag of a signed one is all zeros, because nothing checks it here.
  fileprivate var bytes: [UInt8] {
    let head = PushFrameHead(
      instance: instance, startMilliseconds: start, sequence: sequence, ageMilliseconds: age,
      flags: isFinal ? .final : [], keyID: isSigned ? Array("k".utf8) : nil)
    var writer = PushFrameWriter()
    writer.begin(
      room: PushFormat.frameBytesMax - head.bytes,
      common: common.map { PushFrameWriter.Label($0.0, $0.1) })
    if let clock {
      let isTaken = writer.append(.clock(sentMilliseconds: clock))
      precondition(isTaken, "the frame is full")
    }
    if isForwarder {
      let isTaken = writer.append(.forwarder)
      precondition(isTaken, "the frame is full")
    }
    for record in records {
      let isTaken = writer.append(record.written)
      precondition(isTaken, "the frame is full")
    }
    var bytes = ByteWriter()
    head.write(to: &bytes)
    writer.write(to: &bytes)
    if isSigned { bytes.append([UInt8](repeating: 0, count: PushFormat.tagBytes)) }
    return bytes.bytes
  }
}

extension PushedRecord {
  fileprivate var written: PushFrameWriter.Record {
    let series = PushFrameWriter.Series(
      name, labels: labels.map { PushFrameWriter.Label($0.0, $0.1) })
    let told = time.map { UInt64(clamping: $0) }
    switch value {
    case .counter(let total):
      return .counter(series, total: total, beganMilliseconds: told)
    case .increment(let amount): return .increment(series, amount: amount)
    case .gauge(let value, let merge):
      return .gauge(series, merge, value: value, heldMilliseconds: told)
    case .gaugeAdd(let change, let merge): return .gaugeAdd(series, merge, change: change)
    case .observations(let values, let weight):
      return .observations(series, weight: weight, values)
    case .histogram(let bounds, let sum, let buckets):
      let count = (bounds?.count ?? HistogramBounds.standard.upper.count) + 1
      return .histogram(
        series, bounds: bounds, sum: sum, buckets: (0..<count).map { buckets[$0] ?? 0 },
        beganMilliseconds: told)
    case .exponential(let schema, let sum, let zero, let positive):
      let buckets = positive.sorted { $0.key < $1.key }.map {
        PushFrameWriter.ExponentialBucket(index: Int64($0.key), observations: $0.value)
      }
      return .exponential(
        series, schema: Int64(schema), sum: sum, zero: zero, positive: buckets, negative: [],
        beganMilliseconds: told)
    case .textGauge(let settings, let value, let changes):
      return .textGauge(
        series, settings: settings, value: value, changes: changes, beganMilliseconds: told)
    case .members(let hashes): return .members(series, hashes: hashes, endsMilliseconds: time)
    case .sketch(let registers):
      let sorted = registers.sorted { $0.key < $1.key }
      return .sketch(
        series, sorted.map { PushFrameWriter.Register(index: $0.key, rank: $0.value) },
        endsMilliseconds: time)
    }
  }
}
