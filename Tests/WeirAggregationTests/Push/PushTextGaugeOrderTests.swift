import TestSupport
import Testing
import WeirMetrics
import WeirPush

@testable import WeirAggregation

/// Two forwarders with the same gauges, and a network between them and Weir that loses, repeats and
/// reorders their frames.
@Suite("Gauges that text sets at several forwarders")
struct PushTextGaugeOrderTests {
  /// What text did to a gauge.
  private enum Line {
    case set(Double)
    case change(Double)
  }

  /// A forwarder. Its frames hold sums; the oracle sees the lines.
  private struct Forwarder {
    let instance: UInt64
    var lines: [[Line]]
    var sequence: UInt64 = 0

    init(_ instance: UInt64) {
      self.instance = instance
      lines = Array(repeating: [], count: PushTextGaugeOrderTests.gauges)
    }

    /// A frame with the gauges that have had lines, and how many lines of each are in it.
    mutating func flush(leaving left: Int?) -> (frame: Pushed, seen: [Int?]) {
      sequence += 1
      var frame = Pushed(instance: instance, sequence: sequence, isForwarder: true)
      var seen: [Int?] = Array(repeating: nil, count: lines.count)
      for gauge in lines.indices where gauge != left && !lines[gauge].isEmpty {
        seen[gauge] = lines[gauge].count
        var (settings, value, changes) = (UInt64(0), 0.0, 0.0)
        for line in lines[gauge] {
          switch line {
          case .set(let number): (settings, value, changes) = (settings + 1, number, 0)
          case .change(let amount): changes += amount
          }
        }
        frame.records.append(
          PushedRecord("g\(gauge)", .textGauge(settings: settings, value, changes: changes)))
      }
      return (frame, seen)
    }
  }

  private struct Flight {
    let forwarder: Int
    let frame: Pushed
    let seen: [Int?]
  }

  /// Applies lines one by one, as if they had come as text when the frame arrived.
  private struct Oracle {
    var values: [Double?] = Array(repeating: nil, count: PushTextGaugeOrderTests.gauges)
    private var seen = Array(
      repeating: Array(repeating: 0, count: PushTextGaugeOrderTests.gauges), count: 2)
    private var newest = Array(
      repeating: Array(repeating: UInt64(0), count: PushTextGaugeOrderTests.gauges), count: 2)

    mutating func arrive(_ flight: Flight, _ lines: [[Line]]) {
      for (gauge, count) in flight.seen.enumerated() {
        guard let count, flight.frame.sequence > newest[flight.forwarder][gauge] else { continue }
        newest[flight.forwarder][gauge] = flight.frame.sequence
        for line in lines[gauge][seen[flight.forwarder][gauge]..<count] {
          switch line {
          case .set(let value): values[gauge] = value
          case .change(let amount): values[gauge] = (values[gauge] ?? 0) + amount
          }
        }
        seen[flight.forwarder][gauge] = count
      }
    }
  }

  private static let gauges = 3

  private func shown(_ server: PushServer) -> [Double?] {
    (0..<PushTextGaugeOrderTests.gauges).map { server.gauge("g\($0)") }
  }

  @Test(
    "have the value that the lines give when they arrive with the frames", arguments: 0..<60)
  func arrivals(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    let server = PushServer()
    var ingest = PushIngest(server.owners)
    var forwarders = [Forwarder(1), Forwarder(2)]
    var oracle = Oracle()
    var flights: [Flight] = []
    for _ in 0..<80 {
      let place = Int.random(in: 0...1, using: &random)
      for _ in 0..<Int.random(in: 0...3, using: &random) {
        let number = Double(Int.random(in: -9...9, using: &random))
        let gauge = Int.random(in: 0..<PushTextGaugeOrderTests.gauges, using: &random)
        forwarders[place].lines[gauge].append(random.oneIn(4) ? .set(number) : .change(number))
      }
      let (frame, seen) = forwarders[place].flush(
        leaving: random.oneIn(2) ? Int.random(in: 0...2, using: &random) : nil)
      let flight = Flight(forwarder: place, frame: frame, seen: seen)
      // A third is lost; some come twice.
      if !random.oneIn(3) { flights.append(flight) }
      if random.oneIn(5) { flights.append(flight) }
      while flights.count > 4 || !flights.isEmpty && random.oneIn(2) {
        let next = flights.remove(at: Int.random(in: flights.indices, using: &random))
        try ingest.apply(next.frame)
        oracle.arrive(next, forwarders[next.forwarder].lines)
        #expect(shown(server) == oracle.values)
      }
    }
    #expect(ingest.refused.isEmpty && ingest.refusedSeries.isEmpty)
    #expect(oracle.values.contains { $0 != nil })
  }

  @Test("have the sum of all changes, whatever is lost before the last frames", arguments: 0..<20)
  func onlyChanges(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    let server = PushServer()
    var ingest = PushIngest(server.owners)
    var forwarders = [Forwarder(1), Forwarder(2)]
    var flights: [Pushed] = []
    var sum = 0.0
    for step in 0..<60 {
      let place = Int.random(in: 0...1, using: &random)
      let number = Double(Int.random(in: -9...9, using: &random))
      sum += number
      forwarders[place].lines[0].append(.change(number))
      let frame = forwarders[place].flush(leaving: nil).frame
      if step % 3 == 0 { flights += [frame, frame] }
    }
    flights += [forwarders[0].flush(leaving: nil).frame, forwarders[1].flush(leaving: nil).frame]
    for frame in flights.shuffled(using: &random) { try ingest.apply(frame) }
    #expect(server.gauge("g0") == sum)
  }
}
