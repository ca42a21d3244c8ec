import BenchmarkKit
import WeirAggregation
import WeirMetrics
import WeirPush

/// One measurement: instances that send the same series, pass after pass.
struct Case {
  private let set: [Series]
  private let instances: Int
  private let rounds: Int
  /// How often a round goes through all series of all instances.
  private let passes: Int

  init(_ set: [Series], instances: Int, options: Options) {
    self.set = set
    self.instances = instances
    rounds = options.rounds
    passes = max(1, options.recordsPerRound / (set.count * instances))
  }

  /// Nanoseconds a record, by round, and what is wrong with the totals.
  struct Outcome {
    var framesPerRound = 0
    var bytesPerRecord = 0.0
    var textBytesPerSeries = 0.0
    var decode: [Double] = []
    var apply: [Double] = []
    var whole: [Double] = []
    /// Frames whose totals are all known, as when a client repeats them.
    var repeated: [Double] = []
    /// From a full socket, the kernel's share included.
    var drained: [Double] = []
    var faults: [String] = []
  }

  func run() throws -> Outcome {
    let aggregator = Aggregator()
    // One instance has all series here, which exceeds the default limit of one.
    var limits = OwnerLimits()
    limits.totalsPerInstanceMax = limits.totalsMax
    let owners = Owners(aggregator: aggregator, limits: limits)
    var receiver = PushReceiver(owners)
    var source = FrameSource(set, instances: instances)
    var outcome = Outcome()
    let records = Double(set.count * instances)
    var socket = try DrainedSocket.make()
    var pass = 1
    try receiver.take(source.pass(pass))
    for _ in 0..<rounds {
      var time = PushReceiver.Time()
      var again = PushReceiver.Time()
      outcome.framesPerRound = 0
      for _ in 0..<passes {
        pass += 1
        let frames = source.pass(pass)
        outcome.framesPerRound += frames.count
        outcome.bytesPerRecord = Double(frames.bytes.count) / records
        time += try receiver.take(frames)
        again += try receiver.take(frames)
      }
      pass += 1
      outcome.drained.append(
        Double(try drain(source.pass(pass), &socket, &receiver)) / records)
      let all = records * Double(passes)
      outcome.decode.append(Double(time.decodeNanoseconds) / all)
      outcome.apply.append(Double(time.applyNanoseconds) / all)
      outcome.whole.append(Double(time.decodeNanoseconds + time.applyNanoseconds) / all)
      outcome.repeated.append(
        Double(again.decodeNanoseconds + again.applyNanoseconds) / all)
    }
    let text = set.reduce(0) {
      $0 + $1.family.utf8.count + $1.tags.utf8.count + ":1|c|\n".utf8.count
    }
    outcome.textBytesPerSeries = Double(text) / Double(set.count)
    owners.mergeGauges()
    outcome.faults = faults(aggregator, receiver, lastPass: pass)
    return outcome
  }

  private func drain(
    _ frames: Frames, _ socket: inout DrainedSocket, _ receiver: inout PushReceiver
  ) throws -> Int {
    var nanoseconds = 0
    var next = 0
    while next < frames.count {
      let end = min(next + DrainedSocket.framesMax, frames.count)
      nanoseconds += try socket.drain(frames, next..<end, into: &receiver)
      next = end
    }
    return nanoseconds
  }

  private func faults(
    _ aggregator: Aggregator, _ receiver: borrowing PushReceiver, lastPass: Int
  ) -> [String] {
    var faults: [String] = []
    if receiver.refused > 0 { faults.append("\(receiver.refused) records were refused.") }
    var expected: [String: Double] = [:]
    for (position, item) in set.enumerated() {
      let total = FrameSource.total(position, pass: lastPass) * Double(instances)
      expected[item.family + item.exposedLabels] = item.kind == .histogram ? total * 1.5 : total
    }
    var catalog = Catalog()
    catalog.update(from: aggregator)
    var found = 0
    for family in catalog.families {
      aggregator.forEachSeries(of: family) { piece, index in
        let bytes = piece.spelling(index)
        let name = String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
        found += 1
        let value = piece.value(index, kind: family.kind)
        if value != expected[name], faults.count < 10 {
          faults.append("\(name) is \(value), not \(expected[name] ?? .nan).")
        }
      }
    }
    if found != set.count { faults.append("There are \(found) series, not \(set.count).") }
    return faults
  }
}
