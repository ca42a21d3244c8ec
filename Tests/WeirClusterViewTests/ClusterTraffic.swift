import TestSupport
import WeirBytes
import WeirCluster
import WeirMetrics
import WeirPush

/// Random messages of a log: frames of a few instances that come and go, some twice or late, at times that also
/// jump.
struct ClusterTraffic {
  struct Message {
    var sequence: UInt64
    var milliseconds: UInt64
    var payload: [UInt8]
  }

  private var random: SeededGenerator
  private var sequence: UInt64 = 0
  private var milliseconds: UInt64 = 1_700_000_000_250
  private var instances: [Instance] = []
  private var nextInstance: UInt64 = 1
  private var old: [[UInt8]] = []

  private struct Instance {
    let number: UInt64
    let started: UInt64
    let isForwarder: Bool
    var sequence: UInt64 = 0
    var totals: [String: Double] = [:]
    var buckets: [String: [Double]] = [:]
    var settings: [String: (UInt64, Double, Double)] = [:]
  }

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  mutating func message() -> Message {
    sequence += UInt64(random.oneIn(5) ? 3 : 1)
    switch Int.random(in: 0...60, using: &random) {
    case 0: milliseconds += 3_600_000
    case 1: milliseconds -= 3_600_000
    case 2: milliseconds += 400_000
    case 3...6: milliseconds += UInt64.random(in: 4_000...40_000, using: &random)
    default: milliseconds += UInt64.random(in: 0...1_500, using: &random)
    }
    var writer = ClusterMessageWriter(node: UInt64.random(in: 1...3, using: &random))
    if random.oneIn(50) {
      return Message(sequence: sequence, milliseconds: milliseconds, payload: [1, 2, 3])
    }
    for _ in 0..<Int.random(in: 0...4, using: &random) {
      if random.oneIn(30) {
        writer.append(.frame, [0xF7, 0x57, 1, 0, 9])
      } else if random.oneIn(6), !old.isEmpty {
        writer.append(.frame, random.pick(old))
      } else {
        let frame = frame()
        writer.append(.frame, frame)
        old.append(frame)
        if old.count > 40 { old.removeFirst() }
      }
    }
    if random.oneIn(8) { writer.append(marker: sequence) }
    return Message(sequence: sequence, milliseconds: milliseconds, payload: writer.take())
  }

  private mutating func instance() -> Int {
    if instances.count < 6 || random.oneIn(12) {
      let number = random.oneIn(3) ? nextInstance : random.next()
      nextInstance += 1
      instances.append(
        Instance(
          number: number, started: milliseconds, isForwarder: random.oneIn(3)))
      if instances.count > 9 { instances.removeFirst() }
      return instances.count - 1
    }
    return Int.random(in: instances.indices, using: &random)
  }

  private mutating func frame() -> [UInt8] {
    let index = instance()
    instances[index].sequence += UInt64(random.oneIn(9) ? 4 : 1)
    let instance = instances[index]
    let isFinal = random.oneIn(40)
    let head = PushFrameHead(
      instance: instance.number, startMilliseconds: instance.started,
      sequence: instance.sequence,
      ageMilliseconds: milliseconds - min(milliseconds, instance.started),
      flags: isFinal ? .final : [], keyID: nil)
    var writer = PushFrameWriter()
    writer.begin(room: PushFormat.frameBytesMax - head.bytes, common: [])
    var isTaken = writer.append(.clock(sentMilliseconds: milliseconds))
    if instance.isForwarder { isTaken = writer.append(.forwarder) && isTaken }
    for _ in 0..<Int.random(in: 1...6, using: &random) {
      isTaken = writer.append(record(index)) && isTaken
    }
    precondition(isTaken, "the frame is full")
    var bytes = ByteWriter()
    head.write(to: &bytes)
    writer.write(to: &bytes)
    if isFinal { instances.remove(at: index) }
    return bytes.bytes
  }

  private mutating func value() -> Double {
    random.oneIn(2)
      ? Double(Int.random(in: 0...50, using: &random)) : Double.random(in: 0...9, using: &random)
  }

  private mutating func record(_ index: Int) -> PushFrameWriter.Record {
    let tag = "\(Int.random(in: 0...4, using: &random))"
    func series(_ name: String) -> PushFrameWriter.Series {
      PushFrameWriter.Series(name, labels: [PushFrameWriter.Label("t", tag)])
    }
    let amount = value()
    if instances[index].isForwarder, random.oneIn(2) {
      var told = instances[index].settings[tag] ?? (0, 0, 0)
      if random.oneIn(3) { told = (told.0 + 1, amount, 0) } else { told.2 += amount - 4 }
      instances[index].settings[tag] = told
      return .textGauge(
        series("text_gauge"), settings: told.0, value: told.1, changes: told.2,
        beganMilliseconds: nil)
    }
    instances[index].totals[tag, default: 0] += amount
    let total = instances[index].totals[tag] ?? 0
    switch Int.random(in: 0...9, using: &random) {
    case 0, 1: return .counter(series("counter"), total: total, beganMilliseconds: nil)
    case 2: return .increment(series("increments"), amount: amount)
    case 3:
      let merge = random.pick(GaugeMerge.allCases)
      return .gauge(
        series("gauge_\(merge)"), merge, value: random.oneIn(9) ? .nan : amount,
        heldMilliseconds: random.oneIn(3) ? 2_000 : nil)
    case 4: return .gaugeAdd(series("added"), .sum, change: amount - 20)
    case 5: return .observations(series("observed"), weight: 1.5, [amount, amount / 3])
    case 6:
      var buckets = instances[index].buckets[tag] ?? [0, 0, 0]
      buckets[Int.random(in: 0...2, using: &random)] += 1
      instances[index].buckets[tag] = buckets
      return .histogram(
        series("histogram"), bounds: [1, 4], sum: total, buckets: buckets, beganMilliseconds: nil)
    case 7:
      return .exponential(
        series("exponential"), schema: 2, sum: total, zero: 1,
        positive: [.init(index: 3, observations: total)], negative: [], beganMilliseconds: nil)
    case 8: return .members(series("set"), hashes: [random.next(), 5], endsMilliseconds: nil)
    default:
      // Names that live only for a while.
      return .counter(
        PushFrameWriter.Series("of_\(instances[index].number % 50)", labels: []), total: total,
        beganMilliseconds: nil)
    }
  }
}
