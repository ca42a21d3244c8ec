import TestSupport
import WeirMetrics
import WeirPush

@testable import WeirAggregation

/// Random lines and frames of a few instances, which several servers can take.
struct StateTraffic {
  /// What arrives at one moment.
  struct Step {
    var lines: [String]
    var frames: [Pushed]
    /// Seconds that pass after it.
    var seconds: UInt32
  }

  private var random: SeededGenerator
  private var sequences: [UInt64: UInt64] = [:]
  private var totals: [String: Double] = [:]
  /// Of the forwarder's gauges.
  private var told: [String: (settings: UInt64, value: Double, changes: Double)] = [:]
  private var buckets: [String: [Int: Double]] = [:]
  private var sent: [Pushed] = []

  static let instances: ClosedRange<UInt64> = 1...4
  /// The instance that forwards.
  static let forwarder: UInt64 = 4

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  mutating func step() -> Step {
    var step = Step(lines: (0..<8).map { _ in line() }, frames: [], seconds: 0)
    for _ in 0..<Int.random(in: 0...3, using: &random) { step.frames.append(frame()) }
    // Some come twice, or late.
    if !sent.isEmpty, random.oneIn(2) { step.frames.append(random.pick(sent)) }
    step.seconds = UInt32.random(in: 0...3, using: &random)
    return step
  }

  private mutating func value() -> Double {
    random.oneIn(2)
      ? Double(Int.random(in: 0...50, using: &random)) : Double.random(in: 0...9, using: &random)
  }

  private mutating func line() -> String {
    let tag = Int.random(in: 0...5, using: &random)
    switch Int.random(in: 0...5, using: &random) {
    case 0: return "tc:\(value())|c|#t:\(tag)"
    case 1: return "tg:\(random.oneIn(2) ? "+" : "")\(value())|g|#t:\(tag)"
    case 2: return "th:\(value() - 1)|ms|#t:\(tag)"
    case 3: return "ts:m\(Int.random(in: 0...400, using: &random))|s|#t:\(tag)"
    case 4: return "mixed:\(value())|g"
    default: return "single_\(tag):\(value())|c"
    }
  }

  private mutating func frame() -> Pushed {
    let instance = UInt64.random(in: StateTraffic.instances, using: &random)
    let skipped: UInt64 = random.oneIn(8) ? 3 : 1
    sequences[instance, default: 0] += skipped
    var frame = Pushed(instance: instance, sequence: sequences[instance] ?? 1)
    frame.age = 1_000 * frame.sequence
    frame.isForwarder = instance == StateTraffic.forwarder
    for _ in 0..<Int.random(in: 1...6, using: &random) {
      frame.records.append(record(instance))
    }
    sent.append(frame)
    if sent.count > 20 { sent.removeFirst() }
    return frame
  }

  private mutating func textGauge(_ amount: Double) -> PushedRecord {
    let name = random.pick(["fg", "tg", "mixed"])
    var gauge = told[name] ?? (0, 0, 0)
    switch Int.random(in: 0...3, using: &random) {
    case 0: gauge = (gauge.settings + 1, amount, 0)
    case 1: gauge = (gauge.settings + 3, amount, 0.5)
    case 2: gauge.changes += amount - 20
    default: break
    }
    told[name] = gauge
    return PushedRecord(
      name,
      .textGauge(settings: gauge.settings, gauge.value, changes: gauge.changes))
  }

  private mutating func record(_ instance: UInt64) -> PushedRecord {
    let tag = Int.random(in: 0...3, using: &random)
    let key = "\(instance)/\(tag)"
    func grow(_ name: String, _ by: Double, _ totals: inout [String: Double]) -> Double {
      totals["\(name)/\(key)", default: 0] += by
      return totals["\(name)/\(key)"] ?? 0
    }
    let labels = [("t", "\(tag)")]
    let amount = value()
    if instance == StateTraffic.forwarder, random.oneIn(2) { return textGauge(amount) }
    switch Int.random(in: 0...8, using: &random) {
    case 0: return PushedRecord("pc", labels, .counter(grow("pc", amount, &totals)))
    case 1: return PushedRecord("pc", labels, .increment(amount))
    case 2:
      return PushedRecord(
        "pg_\(tag)", .gauge(random.oneIn(9) ? .nan : amount, GaugeMerge.allCases[tag]))
    case 3: return PushedRecord("mixed", .gauge(amount, .sum))
    case 4: return PushedRecord("pa", labels, .gaugeAdd(amount - 20, .sum))
    case 5: return PushedRecord("po", labels, .observations([amount, 1], weight: 1.5))
    case 6:
      buckets["h/\(key)", default: [:]][Int.random(in: 0...2, using: &random), default: 0] += 1
      return PushedRecord(
        "ph_\(tag)",
        .histogram(
          bounds: [1, 2 + Double(tag)], sum: grow("h", amount, &totals),
          buckets: buckets["h/\(key)"] ?? [:]))
    case 7:
      buckets["e/\(key)", default: [:]][Int.random(in: -3...9, using: &random), default: 0] += 1
      return PushedRecord(
        "pe", labels,
        .exponential(
          schema: 2, sum: grow("e", amount, &totals), zero: 1, positive: buckets["e/\(key)"] ?? [:])
      )
    default:
      return random.oneIn(2)
        ? PushedRecord("ps", labels, .members([random.next(), 5]))
        : PushedRecord("ps", labels, .sketch([Int.random(in: 0...4_095, using: &random): 3]))
    }
  }
}

/// A server whose owners a test has made.
struct StateServer: Sendable {
  let aggregator: Aggregator
  let owners: Owners

  /// Lets time pass, a second at a time.
  func pass(_ seconds: ClosedRange<UInt32>) {
    for second in seconds {
      aggregator.expire(atSecond: second)
      owners.expire(atSecond: second)
    }
  }
}

/// A server that takes the traffic.
struct StateRig: ~Copyable {
  let server: StateServer
  private var ingest: Ingest
  private var pushes: PushIngest
  private(set) var second: UInt32

  init(_ aggregator: Aggregator, _ owners: Owners, second: UInt32) {
    server = StateServer(aggregator: aggregator, owners: owners)
    ingest = Ingest(aggregator)
    pushes = PushIngest(owners)
    self.second = second
  }

  mutating func take(_ step: StateTraffic.Step) {
    ingest.apply(step.lines)
    for frame in step.frames { _ = try? pushes.apply(frame) }
    guard step.seconds > 0 else { return }
    server.pass(second + 1...second + step.seconds)
    second += step.seconds
  }

  /// Every series with all that a scrape may show of it, as bits.
  var contents: [String: String] {
    let aggregator = server.aggregator
    server.owners.mergeGauges()
    var catalog = Catalog()
    catalog.update(from: aggregator)
    var contents: [String: String] = [:]
    for family in catalog.families {
      aggregator.forEachSeries(of: family) { piece, index in
        var text = "\(family.kind) born \(piece.startUnixSeconds(index))"
        text += piece.tookNegative(index) ? " negative" : ""
        if family.kind == .histogram {
          text += " \(piece.sum(index).bitPattern)"
          text += " \(piece.buckets(index).map(\.bitPattern))"
          text += " \(piece.native(index).map { "\($0)" } ?? "")"
          text += " \(piece.window(index).map { "\($0.observations)" } ?? "")"
        } else {
          text += " \(piece.value(index, kind: family.kind).bitPattern)"
        }
        contents[piece.text(index)] = text
      }
    }
    return contents
  }

  /// Of gauges that text has set or changed, where the server forwards.
  var settings: [String: GaugeSettings] {
    server.aggregator.gaugeSettings.filter { $0.value.hasText }
  }

  /// What is known about each instance.
  var instances: [UInt64: String] {
    var instances: [UInt64: String] = [:]
    for reading in server.owners.instances(max: .max) {
      instances[reading.id.number] = "\(reading)"
    }
    return instances
  }
}
