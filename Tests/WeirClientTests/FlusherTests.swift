import Testing
import WeirMetrics
import WeirPush

@testable import WeirClient

@Suite("A flush")
struct FlusherTests {
  /// A flusher with one flush per second.
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
      flusher.flush(at: time.clock.moment(), nextNanoseconds: 2_000_000_000) { frames.append($0) }
      return try frames.map { try ReadFrame($0) }
    }
  }

  @Test func `a total is sent when it changes, and repeated at growing intervals`() throws {
    var bench = try Bench()
    let cell = CounterCell()
    bench.flusher.add([SeriesEntry(series: .init("x_total"), cell: .counter(cell))], texts: [])
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

  @Test func `a frame is sent at least every 15 seconds`() throws {
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
  func `frames do not exceed the limit, and contain all series`(limit: Int) throws {
    var bench = try Bench {
      $0.frameBytesMax = limit
      $0.labels = ["service": "gateway"]
      $0.key = try? SigningKey(id: "k1", secret: [1, 2, 3])
    }
    let cells = (0..<500).map { _ in CounterCell(stripes: 1) }
    for (index, cell) in cells.enumerated() { cell.add(Double(index)) }
    bench.flusher.add(
      cells.enumerated().map { index, cell in
        let labels = [PushFrameWriter.Label("worker", "number \(index)")]
        return SeriesEntry(series: .init("x_total", labels: labels), cell: .counter(cell))
      }, texts: [])
    let frames = try bench.flush()
    #expect(frames.allSatisfy { $0.bytes <= limit && $0.header.isSigned })
    var totals: [String: Double] = [:]
    for frame in frames { totals.merge(frame.counters) { _, _ in .nan } }
    #expect(totals.count == 500)
    #expect(totals["x_total{worker=number 499}"] == 499)
  }

  @Test func `a record that is too long for a frame is sent alone in a longer one`() throws {
    var bench = try Bench { $0.frameBytesMax = 512 }
    let cell = CounterCell(stripes: 1)
    let long = String(repeating: "x", count: 2_000)
    bench.flusher.add(
      [
        SeriesEntry(series: .init("a_total"), cell: .counter(cell)),
        SeriesEntry(series: .init(long), cell: .counter(cell)),
        SeriesEntry(series: .init("b_total"), cell: .counter(cell)),
      ], texts: [])
    let frames = try bench.flush()
    #expect(frames.map { Set($0.counters.keys) } == [["a_total"], [long], ["b_total"]])
  }

  @Test func `gauges are sent when they are set, and as NaN when they are removed`() throws {
    var bench = try Bench()
    let cell = GaugeCell(merge: .max)
    bench.flusher.add([SeriesEntry(series: .init("depth"), cell: .gauge(cell))], texts: [])
    #expect(try bench.flush().isEmpty)
    cell.set(-1.5)
    #expect(try bench.flush().first?.gauges == ["depth": -1.5])
    cell.remove()
    #expect(try bench.flush().first?.gauges["depth"]?.isNaN == true)
  }

  @Test func `exemplars and texts are sent with their series`() throws {
    var bench = try Bench()
    let cell = HistogramCell()
    bench.flusher.add(
      [SeriesEntry(series: .init("x_seconds"), cell: .histogram(cell))],
      texts: [
        MetricText(name: .init("x_seconds"), unit: .init("seconds"), help: .init("How long."))
      ])
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

  @Test func `the last frames have all totals and no gauges, and request an answer`() throws {
    var bench = try Bench()
    let cell = CounterCell()
    let gauge = GaugeCell(merge: .last)
    gauge.set(1)
    bench.flusher.add(
      [
        SeriesEntry(series: .init("x_total"), cell: .counter(cell)),
        SeriesEntry(series: .init("depth"), cell: .gauge(gauge)),
      ], texts: [])
    _ = try bench.flush()
    let frames = try bench.flusher.lastFrames(at: bench.time.clock.moment()).map {
      try ReadFrame($0.bytes)
    }
    #expect(frames.map(\.counters) == [["x_total": 0]])
    #expect(frames.allSatisfy { $0.gauges.isEmpty && $0.header.isFinal && $0.header.wantsAnswer })
  }

  @Test func `every frame has the current wall clock, and the start never changes`() throws {
    var bench = try Bench { $0.frameBytesMax = 512 }
    let cells = (0..<40).map { _ in CounterCell(stripes: 1) }
    bench.flusher.add(
      cells.enumerated().map { index, cell in
        SeriesEntry(series: .init("number_\(index)_total"), cell: .counter(cell))
      }, texts: [])
    let first = try bench.flush()
    #expect(first.count > 1)
    #expect(first.allSatisfy { $0.header.clockMilliseconds == 1_700_000_001_000 })
    // The clock was two days behind at the start, and is corrected.
    bench.time.setWall(milliseconds: 1_700_172_800_000)
    for cell in cells { cell.add(1) }
    let second = try bench.flush()
    #expect(second.allSatisfy { $0.header.clockMilliseconds == 1_700_172_801_000 })
    #expect(second.allSatisfy { $0.header.instance == first[0].header.instance })
    #expect(second.allSatisfy { $0.header.ageMilliseconds == 2_000 })
    let last = bench.flusher.lastFrames(at: bench.time.clock.moment())
    #expect(last.count > 1)
    for frame in last {
      #expect(try ReadFrame(frame.bytes).header.clockMilliseconds == 1_700_172_801_000)
    }
  }

  @Test func `a frame without records has a clock of at least 1`() throws {
    var bench = try Bench()
    bench.time.setWall(milliseconds: 0)
    bench.time.advance(milliseconds: 20_000)
    bench.time.setWall(milliseconds: 0)
    var frames: [[UInt8]] = []
    let now = Moment(nanoseconds: bench.time.now, wallMilliseconds: 0)
    bench.flusher.flush(at: now, nextNanoseconds: 2_000_000_000) { frames.append($0) }
    #expect(try frames.map { try ReadFrame($0).header.clockMilliseconds } == [1])
  }

  @Test func `a total is always sent with the same creation time of its series`() throws {
    var bench = try Bench()
    _ = try bench.flush()
    bench.time.advance(milliseconds: 250)
    let made = bench.time.now
    let counter = CounterCell()
    let histogram = HistogramCell()
    bench.flusher.add(
      [
        // As old as the instance, or older because it was created before a fork.
        SeriesEntry(series: .init("old_total"), cell: .counter(CounterCell())),
        SeriesEntry(series: .init("x_total"), cell: .counter(counter), madeNanoseconds: made),
        SeriesEntry(series: .init("x_seconds"), cell: .histogram(histogram), madeNanoseconds: made),
      ], texts: [])
    let began: [String: UInt64] = ["old_total": 0, "x_total": 1_250, "x_seconds": 1_250]
    #expect(try bench.flush().first?.began == began)
    counter.add(1)
    histogram.observe(1)
    #expect(try bench.flush().first?.began == began)
    let last = bench.flusher.lastFrames(at: bench.time.clock.moment())
    #expect(try last.map { try ReadFrame($0.bytes).began } == [began])
  }

  @Test func `a gauge is sent with the time since it was last set`() throws {
    var bench = try Bench()
    let cell = GaugeCell(merge: .last)
    bench.flusher.add([SeriesEntry(series: .init("depth"), cell: .gauge(cell))], texts: [])
    cell.set(3)
    var held: [UInt64?] = []
    for _ in 0..<4 { held.append(try bench.flush().first?.held["depth"]) }
    // Sent 0, 1 and 2 flushes after the one that found the change.
    #expect(held == [0, 1_000, 2_000, nil])
    // Setting the same value is sent immediately, although it was repeated one flush ago.
    cell.set(3)
    #expect(try bench.flush().first?.held == ["depth": 0])
    #expect(try bench.flush().first?.held == ["depth": 1_000])
    #expect(cell.add(2))
    #expect(try bench.flush().first?.held == ["depth": 0])
    #expect(cell.add(0))
    #expect(try bench.flush().first?.held == ["depth": 0])
    cell.remove()
    let gone = try #require(try bench.flush().first)
    #expect(gone.gauges["depth"]?.isNaN == true)
    #expect(gone.held.isEmpty)
  }

  @Test(arguments: [GaugeMerge.sum, .min, .max, .avg])
  func `setting an equal value is only sent for the merge last`(merge: GaugeMerge) throws {
    var bench = try Bench()
    let cell = GaugeCell(merge: merge)
    bench.flusher.add([SeriesEntry(series: .init("depth"), cell: .gauge(cell))], texts: [])
    var flushesWithIt: [Int] = []
    for flush in 0...8 {
      cell.set(3)
      if let frame = try bench.flush().first {
        #expect(frame.held == ["depth": 0])
        flushesWithIt.append(flush)
      }
    }
    #expect(flushesWithIt == [0, 1, 2, 4, 8])
  }

  @Test func `a value that is read regularly counts as set when it changes`() throws {
    var bench = try Bench()
    let cell = GaugeCell(merge: .last)
    bench.flusher.add([SeriesEntry(series: .init("depth"), cell: .gauge(cell))], texts: [])
    var held: [UInt64?] = []
    for value in [3.0, 3, 3, 3, 3, 4, 4] {
      cell.update(value)
      held.append(try bench.flush().first?.held["depth"])
    }
    #expect(held == [0, 1_000, 2_000, nil, 4_000, 0, 1_000])
  }

  @Test func `a removed series has no late repetitions`() throws {
    var bench = try Bench()
    let cell = CounterCell()
    let unused = CounterCell()
    unused.gate.setRemoved(true)
    bench.flusher.add(
      [
        SeriesEntry(series: .init("x_total"), cell: .counter(cell)),
        SeriesEntry(series: .init("unused_total"), cell: .counter(unused)),
      ], texts: [])
    cell.add(3)
    cell.gate.setRemoved(true)
    func flushes(_ range: ClosedRange<Int>, with total: Double) throws -> [Int] {
      try range.filter { _ in try bench.flush().contains { $0.counters == ["x_total": total] } }
    }
    #expect(try flushes(0...200, with: 3) == [0, 1, 2, 4, 8, 16, 32])
    // Amounts added with an old handle still count.
    cell.add(1)
    #expect(try flushes(0...200, with: 4) == [0, 1, 2, 4, 8, 16, 32])
    let last = bench.flusher.lastFrames(at: bench.time.clock.moment())
    #expect(try last.map { try ReadFrame($0.bytes).counters } == [["x_total": 4]])
  }

  /// The size of the times in a frame: 8 bytes for the clock, and a few bytes per series that
  /// depend on the age of the instance.
  @Test(arguments: [
    (milliseconds: 0, each: 2), (100, 2), (10_000, 3), (1_800_000, 4), (86_400_000, 5),
  ])
  func `the times in a frame need few bytes`(milliseconds: Int, each: Int) throws {
    var bench = try Bench { $0.frameBytesMax = 65_507 }
    bench.time.advance(milliseconds: milliseconds)
    let series = (0..<100).map { PushFrameWriter.Series("number_\($0)_total") }
    let made = bench.time.now
    bench.flusher.add(
      series.map {
        SeriesEntry(series: $0, cell: .counter(CounterCell()), madeNanoseconds: made)
      }, texts: [])
    let frame = try #require(try bench.flush().first)
    var plain = PushFrameWriter()
    plain.begin(room: 65_507)
    for series in series { _ = plain.append(.counter(series, total: 0)) }
    let head = PushFrameHead(
      instance: 7, startMilliseconds: frame.header.instance.startMilliseconds, sequence: 1,
      ageMilliseconds: frame.header.ageMilliseconds)
    #expect(frame.bytes - head.bytes - plain.count == 8 + 100 * each)
  }
}
