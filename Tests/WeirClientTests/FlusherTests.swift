import Testing
import WeirMetrics
import WeirWire

@testable import WeirClient

@Suite("What a flush sends")
struct FlusherTests {
  /// A flusher whose flushes are a second apart.
  private struct Bench {
    var flusher: Flusher
    let time = FakeTime()

    init(_ change: (inout Configuration) -> Void = { _ in }) throws {
      let environment = Environment(clock: time.clock, random: { 7 })
      flusher = Flusher(
        instance: Instance(drawnFrom: environment), settings: try Settings.make(change))
    }

    mutating func flush() throws -> [ReadFrame] {
      time.advance(milliseconds: 1_000)
      var frames: [[UInt8]] = []
      flusher.flush(at: time.now, nextNanoseconds: 2_000_000_000) { frames.append($0) }
      return try frames.map { try ReadFrame($0) }
    }
  }

  @Test func `a total goes when it changes, and again at growing intervals`() throws {
    var bench = try Bench()
    let cell = CounterCell()
    bench.flusher.learn([SeriesEntry(series: .init("x_total"), cell: .counter(cell))], [])
    cell.add(3)
    var flushesWithIt: [Int] = []
    for flush in 0...200 {
      let frames = try bench.flush()
      if frames.contains(where: { $0.counters["x_total"] == 3 }) { flushesWithIt.append(flush) }
    }
    #expect(flushesWithIt == [0, 1, 2, 4, 8, 16, 32, 60, 120, 180])
    cell.add(1)
    #expect(try bench.flush().first?.counters == ["x_total": 4])
  }

  @Test func `silence never lasts longer than 15 seconds`() throws {
    var bench = try Bench()
    var last: UInt64 = 0
    var sequence: UInt64 = 0
    for _ in 0..<100 {
      for frame in try bench.flush() {
        #expect(frame.header.ageMilliseconds - last <= 15_000)
        #expect(frame.header.sequence == sequence + 1)
        #expect(frame.count == 0)
        last = frame.header.ageMilliseconds
        sequence += 1
      }
    }
    #expect(last >= 85_000)
  }

  @Test(arguments: [512, 1_432, 65_507])
  func `frames are no longer than they may be, and lose nothing`(limit: Int) throws {
    var bench = try Bench {
      $0.frameBytesMax = limit
      $0.labels = ["service": "gateway"]
      $0.key = try? SigningKey(id: "k1", secret: [1, 2, 3])
    }
    let cells = (0..<500).map { _ in CounterCell(stripes: 1) }
    for (index, cell) in cells.enumerated() { cell.add(Double(index)) }
    bench.flusher.learn(
      cells.enumerated().map { index, cell in
        let labels = [PushFrameWriter.Label("worker", "number \(index)")]
        return SeriesEntry(series: .init("x_total", labels: labels), cell: .counter(cell))
      }, [])
    let frames = try bench.flush()
    #expect(frames.allSatisfy { $0.bytes <= limit && $0.header.isSigned })
    var totals: [String: Double] = [:]
    for frame in frames { totals.merge(frame.counters) { _, _ in .nan } }
    #expect(totals.count == 500)
    #expect(totals["x_total{worker=number 499}"] == 499)
  }

  @Test func `what no frame has room for goes alone, in a longer one`() throws {
    var bench = try Bench { $0.frameBytesMax = 512 }
    let cell = CounterCell(stripes: 1)
    let long = String(repeating: "x", count: 2_000)
    bench.flusher.learn(
      [
        SeriesEntry(series: .init("a_total"), cell: .counter(cell)),
        SeriesEntry(series: .init(long), cell: .counter(cell)),
        SeriesEntry(series: .init("b_total"), cell: .counter(cell)),
      ], [])
    let frames = try bench.flush()
    #expect(frames.map { Set($0.counters.keys) } == [["a_total"], [long], ["b_total"]])
  }

  @Test func `gauges go as they are set, and NaN when they are removed`() throws {
    var bench = try Bench()
    let cell = GaugeCell(merge: .max)
    bench.flusher.learn([SeriesEntry(series: .init("depth"), cell: .gauge(cell))], [])
    #expect(try bench.flush().isEmpty)
    cell.set(-1.5)
    #expect(try bench.flush().first?.gauges == ["depth": -1.5])
    cell.remove()
    #expect(try bench.flush().first?.gauges["depth"]?.isNaN == true)
  }

  @Test func `exemplars and texts go with what they are of`() throws {
    var bench = try Bench()
    let cell = HistogramCell()
    bench.flusher.learn(
      [SeriesEntry(series: .init("x_seconds"), cell: .histogram(cell))],
      [MetricText(name: .init("x_seconds"), unit: .init("seconds"), help: .init("How long."))])
    cell.observe(0.25)
    cell.observe(1_000)
    cell.exemplar.offer(HeldExemplar(labels: ["trace_id": "1"], value: 1_000, atNanoseconds: 0))
    cell.exemplar.offer(HeldExemplar(labels: ["trace_id": "2"], value: 1_000, atNanoseconds: 0))
    let frame = try #require(try bench.flush().first)
    #expect(frame.sums == ["x_seconds": 1_000.25])
    #expect(frame.buckets == ["x_seconds": [5: 1, 14: 1]])
    #expect(frame.exemplars == ["x_seconds": ["trace_id=1"]])
    #expect(frame.helps == ["x_seconds": "How long."])
    #expect(try bench.flush().first?.exemplars == [:])
  }

  @Test func `the last frames have every total and no gauge, and ask for an answer`() throws {
    var bench = try Bench()
    let cell = CounterCell()
    let gauge = GaugeCell(merge: .last)
    gauge.set(1)
    bench.flusher.learn(
      [
        SeriesEntry(series: .init("x_total"), cell: .counter(cell)),
        SeriesEntry(series: .init("depth"), cell: .gauge(gauge)),
      ], [])
    _ = try bench.flush()
    let frames = try bench.flusher.lastFrames(at: bench.time.now).map { try ReadFrame($0.bytes) }
    #expect(frames.map(\.counters) == [["x_total": 0]])
    #expect(frames.allSatisfy { $0.gauges.isEmpty && $0.header.isFinal && $0.header.wantsAnswer })
  }
}

@Suite("The last frames")
struct LastFramesTests {
  private static let frames: [LastFrames.Frame] = [
    .init(bytes: [1], answer: [101]), .init(bytes: [2], answer: [102]),
  ]

  @Test func `each is sent until it is answered`() {
    let time = FakeTime()
    // The second frame's answers are lost three times, and something else comes.
    let transport = FakeTransport(time: time) { frame, before in
      if frame == [1] { return [101] }
      return before > 3 ? [102] : [7]
    }
    var last = LastFrames(Self.frames)
    let answered = last.deliver(
      over: transport, until: time.now + 60_000_000_000, clock: time.clock, sent: { _ in })
    #expect(answered)
    #expect(transport.sent == [[1], [2], [2], [2], [2]])
  }

  @Test func `a server that is dead is asked ever more seldom, and in the end no more`() {
    let time = FakeTime()
    let transport = FakeTransport(time: time)
    var last = LastFrames(Self.frames)
    let start = time.now
    let answered = last.deliver(
      over: transport, until: start + 1_000_000_000, clock: time.clock, sent: { _ in })
    #expect(!answered)
    // At 0, 50, 150, 350 and 750 ms.
    #expect(transport.sent.count == 10)
    #expect(time.now >= start + 1_000_000_000)
  }
}
