import BenchmarkKit
import Dispatch
import WeirAggregation
import WeirBytes

/// One measurement: a number of series and of threads, and a way of packing lines.
struct Case {
  let payload: Payload
  let threads: Int
  /// Whether each thread has its own aggregator.
  let isApart: Bool
  let rounds: Int
  /// How often a round goes through the payload.
  let passes: Int

  init(_ payload: Payload, threads: Int, options: Options) {
    self.payload = payload
    self.threads = threads
    isApart = options.apart
    rounds = options.rounds
    passes = (options.linesPerRound + payload.lines.count - 1) / payload.lines.count
  }

  /// Lines of one round, on each thread.
  var linesPerRound: Int { payload.lines.count * passes }

  /// Warms up, runs the rounds, and checks the totals.
  ///
  /// Between the marks only the rounds run; what they need was made before.
  func run(marks: Bool) -> Outcome {
    let aggregators = (0..<(isApart ? threads : 1)).map { _ in Aggregator.forPayload() }
    let receivers = (0..<threads).map { thread in
      ReceiverSlot(aggregator: aggregators[thread % aggregators.count])
    }
    for receiver in receivers { receiver.run(payload, passes: passes) }
    var times: [RoundTime] = []
    times.reserveCapacity(rounds)
    if marks { Mark.write("Bench: the rounds begin\n") }
    for _ in 0..<rounds { times.append(round(receivers)) }
    if marks { Mark.write("Bench: the rounds end\n") }
    // The warm-up is a round as well. Every thread ends with the same line for each gauge.
    let sharers = threads / aggregators.count
    let check = EngineCheck(
      payload, sent: payload.count * passes * (rounds + 1) * sharers, isOrdered: true)
    let faults = aggregators.indices.flatMap { index in
      let own = receivers.indices.filter { $0 % aggregators.count == index }
      let tally = own.map { receivers[$0].tally }.reduce(Tally(), +)
      return check.faults(aggregators[index], tally)
    }
    return Outcome(times: times, faults: faults)
  }

  /// The times of a round are those of its slowest thread.
  private func round(_ receivers: [ReceiverSlot]) -> RoundTime {
    if receivers.count == 1 { return receivers[0].run(payload, passes: passes) }
    let slowest = Locked(RoundTime())
    DispatchQueue.concurrentPerform(iterations: receivers.count) { index in
      let time = receivers[index].run(payload, passes: passes)
      slowest.withLock { if time.nanoseconds > $0.nanoseconds { $0 = time } }
    }
    return slowest.withLock { $0 }
  }
}

/// The times of a case's rounds, and what is wrong with the totals.
struct Outcome {
  let times: [RoundTime]
  let faults: [String]
}
