import BenchmarkKit
import Dispatch
import WeirAggregation
import WeirBytes
import WeirSockets

/// The time of one drain by several receivers together.
struct Sample {
  let datagrams: Int
  /// From the first receiver's start to the last one's end.
  let nanoseconds: Int
  /// CPU time of all receivers.
  let cpuNanoseconds: Int
}

/// One payload, drained by both consumers on each number of receivers.
final class Case {
  /// A probe that sends more than this has a buffer that never fills.
  private static let probeDatagramsMax = 4_000_000
  /// Share of what a buffer held in the probe; datagrams differ a little in size.
  private static let fillShare = 0.9

  let payload: Payload
  let lanes: [Lane]
  /// Datagrams of one fill of one receiver.
  let fill: Int
  private let aggregator = Aggregator.forPayload()
  private let bare: Filler
  private let weir: Filler
  /// What the kernel dropped in the probe. Nothing may be dropped after it.
  private let dropsBefore: UInt64
  /// Lines that the bare loop counted in the probe.
  private let countedBefore: Int

  /// Binds the sockets, makes the series, and finds out how many datagrams a buffer holds.
  init(_ payload: Payload, receivers: Int, readBufferBytes: Int) throws {
    self.payload = payload
    let aggregator = aggregator
    lanes = try (0..<receivers).map { _ in
      try Lane(payload, aggregator: aggregator, readBufferBytes: readBufferBytes)
    }
    bare = try Filler(payload)
    weir = try Filler(payload)
    fill = try Self.measureFill(lanes[0], payload)
    dropsBefore = lanes[0].drops.read()
    countedBefore = lanes[0].counted.lines
  }

  /// Fills a buffer until the kernel drops, and empties it again.
  private static func measureFill(_ lane: Lane, _ payload: Payload) throws -> Int {
    let probe = try Filler(payload)
    while lane.drops.read() == 0 {
      guard probe.sent < probeDatagramsMax else {
        throw RunError("The receive buffer did not fill; give a smaller --read-buffer.")
      }
      try probe.fill(lane, datagrams: 64)
    }
    let held = probe.sent - Int(lane.drops.read())
    _ = try lane.drain(held, by: .bare)
    return max(1, Int(Double(held) * fillShare))
  }

  /// Fills some receivers, and has each empty its socket on its own thread.
  func drain(receivers: Int, by consumer: Consumer) throws -> Sample {
    let lanes = lanes[..<receivers]
    for lane in lanes {
      try (consumer == .bare ? bare : weir).fill(lane, datagrams: fill)
    }
    let times: [DrainTime]
    if receivers == 1 {
      times = [try lanes[0].drain(fill, by: consumer)]
    } else {
      let results = Locked<[Result<DrainTime, any Error>]>([])
      let (all, count) = (lanes, fill)
      DispatchQueue.concurrentPerform(iterations: receivers) { index in
        let result = Result { () throws -> DrainTime in try all[index].drain(count, by: consumer) }
        results.withLock { $0.append(result) }
      }
      times = try results.withLock { $0 }.map { try $0.get() }
    }
    let datagrams = times.reduce(0) { $0 + $1.datagrams }
    guard datagrams == fill * receivers else {
      throw RunError(
        "\(fill * receivers) datagrams were sent, but only \(datagrams) came; run it on a machine "
          + "that does less besides.")
    }
    let began = times.map(\.began).min() ?? 0
    let ended = times.map(\.ended).max() ?? 0
    return Sample(
      datagrams: datagrams, nanoseconds: ended - began,
      cpuNanoseconds: times.reduce(0) { $0 + $1.cpu })
  }

  /// What is wrong with the totals after the drains, a sentence each.
  func faults() -> [String] {
    var faults: [String] = []
    let drops = lanes.reduce(0) { $0 + $1.drops.read() } - dropsBefore
    if drops > 0 { faults.append("The kernel dropped \(drops) datagrams; nothing is measured.") }
    let lines = Expectation(of: payload, sent: bare.sent).lines
    let counted = lanes.reduce(0) { $0 + $1.counted.lines } - countedBefore
    if counted != lines {
      faults.append("The loop that only counts was sent \(lines) lines, and counted \(counted).")
    }
    // Each lane has taken the payload once from memory. Gauges have an order only on a single lane.
    let check = EngineCheck(
      payload, sent: payload.count * lanes.count + weir.sent, isOrdered: lanes.count == 1)
    let tally = lanes.map(\.tally).reduce(Tally(), +)
    faults += check.faults(aggregator, tally)
    return faults
  }
}
