import WeirBytes
import WeirMetrics

@testable import WeirAggregation

/// A record as a test writes it down.
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
  }

  var name: String
  var labels: [(String, String)] = []
  var value: Value

  init(_ name: String, _ value: Value) { self.init(name, [], value) }

  init(_ name: String, _ labels: [(String, String)], _ value: Value) {
    self.name = name
    self.labels = labels
    self.value = value
  }

  static func == (left: PushedRecord, right: PushedRecord) -> Bool {
    left.name == right.name && left.value == right.value
      && left.labels.elementsEqual(right.labels, by: ==)
  }
}

/// A frame as a test writes it down.
struct Pushed: Sendable {
  var instance: UInt64 = 1
  var start: UInt64 = 1_000
  var sequence: UInt64
  var age: UInt64 = 0
  var isFinal = false
  var isSigned = false
  var common: [(String, String)] = []
  var records: [PushedRecord] = []
}

/// One receiver of frames: they go in as they would from the decoder.
struct PushIngest: ~Copyable {
  private var router: PushRouter
  private var frame = PushFrame()
  private(set) var refused: [RecordRefusal: Int] = [:]
  private(set) var refusedSeries: [Refusal: Int] = [:]
  /// The wall clock, in milliseconds since 1970.
  var now: UInt64 = 1_000_000_000

  init(_ owners: Owners) {
    router = PushRouter(owners: owners)
  }

  @discardableResult
  mutating func apply(_ pushed: Pushed) throws(PushRefusal) -> PushRouter.Outcome {
    var text: [UInt8] = []
    frame.removeAll()
    frame.header = PushHeader()
    frame.header.instance = InstanceID(number: pushed.instance, startMilliseconds: pushed.start)
    frame.header.sequence = pushed.sequence
    frame.header.ageMilliseconds = pushed.age
    frame.header.isFinal = pushed.isFinal
    frame.header.isSigned = pushed.isSigned
    for (name, value) in pushed.common { frame.common.append(label(name, value, &text)) }
    for record in pushed.records { append(record, &text) }
    let outcome = try router.apply(&frame, bytes: text.span, nowMilliseconds: now)
    for reason in RecordRefusal.allCases where frame.refusals[Int(reason.rawValue)] > 0 {
      refused[reason, default: 0] += frame.refusals[Int(reason.rawValue)]
    }
    for reason in Refusal.allCases where frame.seriesRefusals[Int(reason.rawValue)] > 0 {
      refusedSeries[reason, default: 0] += frame.seriesRefusals[Int(reason.rawValue)]
    }
    return outcome
  }

  private mutating func append(_ record: PushedRecord, _ text: inout [UInt8]) {
    let name = string(record.name, &text)
    let labels = PushRange(first: frame.labels.count, count: record.labels.count)
    for (name, value) in record.labels { frame.labels.append(label(name, value, &text)) }
    var made = PushRecord(content: record.value.content, name: name, labels: labels)
    made.numbers = PushRange(first: frame.numbers.count)
    made.firstIndex = UInt32(frame.indices.count)
    switch record.value {
    case .counter(let value), .increment(let value): made.value = value
    case .gauge(let value, let merge), .gaugeAdd(let value, let merge):
      made.value = value
      made.merge = merge
    case .observations(let values, let weight):
      made.value = weight
      for value in values { frame.numbers.append(value) }
      made.numbers.count = UInt32(values.count)
    case .histogram(let bounds, let sum, let buckets):
      made.value = sum
      if let bounds {
        let list = PushRange(first: frame.bounds.count, count: bounds.count)
        for bound in bounds { frame.bounds.append(bound) }
        frame.boundsLists.append(list)
        made.bounds = UInt32(frame.boundsLists.count)
      }
      append(buckets, to: &made)
    case .exponential(let schema, let sum, let zero, let positive):
      made.value = sum
      made.schema = Int8(schema)
      made.zeroCount = zero
      append(positive, to: &made)
      made.positives = UInt32(positive.count)
    case .members(let hashes):
      for hash in hashes { frame.numbers.append(Double(bitPattern: hash)) }
      made.numbers.count = UInt32(hashes.count)
    case .sketch(let registers): append(registers.mapValues(Double.init), to: &made)
    }
    frame.records.append(made)
  }

  private mutating func append(_ cells: [Int: Double], to record: inout PushRecord) {
    for (index, count) in cells.sorted(by: { $0.key < $1.key }) {
      frame.indices.append(Int32(index))
      frame.numbers.append(count)
    }
    record.numbers.count = UInt32(cells.count)
  }

  private mutating func label(
    _ name: String, _ value: String, _ text: inout [UInt8]
  ) -> PushFrame.Label {
    let name = string(name, &text)
    return PushFrame.Label(name: name, value: string(value, &text))
  }

  private mutating func string(_ string: String, _ text: inout [UInt8]) -> UInt32 {
    frame.strings.append(PushFrame.Text(start: text.count, length: string.utf8.count))
    text += Array(string.utf8)
    return UInt32(frame.strings.count - 1)
  }
}

extension PushedRecord.Value {
  fileprivate var content: PushRecord.Content {
    switch self {
    case .counter: .counter
    case .increment: .increment
    case .gauge: .gauge
    case .gaugeAdd: .gaugeAdd
    case .observations: .observations
    case .histogram: .histogram
    case .exponential: .exponential
    case .members: .members
    case .sketch: .sketch
    }
  }
}
