import BenchmarkKit
import WeirAggregation
import WeirBytes
import WeirForwarding
import WeirMetrics
import WeirPush
import WeirWire

/// What a round of the forwarder costs when every series has changed: reading the rows and writing the frames.
///
///     ForwardBench [SERIES]
@main
struct ForwardBench {
  static func main() {
    let series = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 100_000
    var faults: [String] = []
    for kind in ["c", "ms"] {
      let run = Run(series: series, type: kind)
      let outcome = run.measure(rounds: 15)
      print(
        "\(kind == "c" ? "counters" : "histograms"): \(series) series, "
          + "\(outcome.nanoseconds) ns and \(outcome.bytes) bytes a series, "
          + "\(outcome.frames) frames a round")
      faults += outcome.faults
    }
    for fault in faults { print("wrong: \(fault)") }
    if !faults.isEmpty { preconditionFailure("the frames do not say what was counted") }
  }
}

/// Series of one kind, with a forwarder that has no socket.
private struct Run {
  private let aggregator = Aggregator()
  private let series: Int
  private let type: String

  init(series: Int, type: String) {
    self.series = series
    self.type = type
  }

  struct Outcome {
    var nanoseconds = 0
    var bytes = 0
    var frames = 0
    var faults: [String] = []
  }

  func measure(rounds: Int) -> Outcome {
    count(1)
    var reader = ForwardReader(aggregator)
    var frames = ForwardFrames(
      .init(
        instance: 1, startMilliseconds: 1_700_000_000_000, labels: [ForwardLabel("host", "web-1")]),
      from: 1)
    var times: [Int] = []
    var outcome = Outcome()
    var batch = FrameBatch()
    for round in 1...rounds {
      let start = Clock.threadTime()
      frames.begin(
        at: .init(
          ageMilliseconds: UInt64(round) * 1_000, wallMilliseconds: 1_700_000_001_000,
          second: UInt32(round)))
      reader.begin(
        ForwardChoice(since: 0, repeatsUnconfirmed: true, share: round % ForwardChoice.shares))
      _ = reader.read(into: &frames, upTo: .max)
      frames.finish()
      reader.note(frames.batch)
      times.append(Clock.threadTime() - start)
      batch = frames.batch
      for name in batch.names { _ = reader.confirm(name.sequence) }
      frames.batch.removeAll()
    }
    outcome.nanoseconds = times.sorted()[times.count / 2] / series
    outcome.bytes = batch.bytes.count / series
    outcome.frames = batch.count
    outcome.faults = faults(batch)
    return outcome
  }

  private func count(_ times: Int) {
    var router = SampleRouter(aggregator: aggregator, reader: StatsDIdentityReader())
    let decoder = StatsDDecoder()
    var batch = SampleBatch()
    for _ in 0..<times {
      for number in 0..<series {
        let line =
          "http_requests_duration:\(number % 97)|\(type)|#method:GET,route:/api/v1/items/\(number / 100),"
          + "status:\(200 + number % 100)"
        let bytes = Array(line.utf8)
        decoder.decode(bytes.span, from: 0, to: bytes.count, into: &batch)
        router.apply(&batch, bytes: bytes.span)
        batch.removeAll()
      }
    }
  }

  /// Has another Weir take the frames in, and compares what it shows.
  private func faults(_ batch: FrameBatch) -> [String] {
    let other = Aggregator()
    var limits = OwnerLimits()
    limits.totalsPerForwarderMax = limits.totalsMax
    // The frames are older than this Weir.
    limits.olderInstances = .count
    let owners = Owners(aggregator: other, limits: limits)
    var router = PushRouter(owners: owners)
    var decoder = PushDecoder(owners.keySeed)
    var frame = PushFrame()
    var faults: [String] = []
    for index in 0..<batch.count {
      let range = batch.range(of: index)
      do throws(PushRefusal) {
        try decoder.readHeader(
          batch.bytes.span, from: range.lowerBound, to: range.upperBound, into: &frame)
        try decoder.readBody(batch.bytes.span, into: &frame)
        if frame.refusedCount > 0 { faults.append("a record of frame \(index) is refused") }
        _ = try router.apply(
          &frame, bytes: batch.bytes.span, nowMilliseconds: 1_700_000_001_000)
      } catch {
        faults.append("frame \(index) is refused: \(error)")
      }
    }
    let (sent, shown) = (sum(aggregator), sum(other))
    if sent != shown { faults.append("\(shown) was shown and not \(sent)") }
    return Array(faults.prefix(5))
  }

  /// The number of series, and the sum of their values.
  private func sum(_ aggregator: Aggregator) -> [Double] {
    var catalog = Catalog()
    catalog.update(from: aggregator)
    var (number, sum) = (0.0, 0.0)
    for family in catalog.families {
      aggregator.forEachSeries(of: family) { piece, index in
        number += 1
        sum += piece.value(index, kind: family.kind)
        if family.kind == .histogram { sum += piece.buckets(index).reduce(0, +) }
      }
    }
    return [number, sum]
  }
}
