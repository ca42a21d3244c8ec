import Foundation
import Testing
import WeirAggregation
import WeirConfiguration
import WeirMetrics
import WeirPush
import WeirWire

@testable import WeirDaemon

/// A Weir with a state directory, started again and again with other flags.
@Suite("A forwarder at a start")
struct ForwardStartTests {
  private let folder = FileManager.default.temporaryDirectory.appending(
    path: "weir-forwards-\(UUID().uuidString)")

  init() throws {
    try FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
  }

  private func start(
    forwards: Bool = true, in directory: URL? = nil, _ change: (inout Options) -> Void = { _ in }
  ) throws -> Counting {
    var options = Options(cores: 1)
    options.state.directory = (directory ?? folder).path
    if forwards { options.forward.address = "127.0.0.1:9" }
    change(&options)
    return try Counting(options, log: Log(level: .error, format: .logfmt, descriptor: -1))
  }

  private func count(_ lines: String, in counting: Counting) {
    var router = SampleRouter(aggregator: counting.aggregator, reader: StatsDIdentityReader())
    var batch = SampleBatch()
    let bytes = Array(lines.utf8)
    StatsDDecoder().decode(bytes.span, from: 0, to: bytes.count, into: &batch)
    router.apply(&batch, bytes: bytes.span)
  }

  /// The values of all counters, by name.
  private func counters(_ counting: Counting) -> [String: Double] {
    var catalog = Catalog()
    catalog.update(from: counting.aggregator)
    var values: [String: Double] = [:]
    for family in catalog.families {
      counting.aggregator.forEachSeries(of: family) { piece, index in
        let spelling = piece.spelling(index)
        let series = String(decoding: spelling.indices.map { spelling[$0] }, as: UTF8.self)
        values[series] = piece.value(index, kind: family.kind)
      }
    }
    return values
  }

  private var unused: Int {
    get throws {
      try FileManager.default.contentsOfDirectory(atPath: folder.path)
        .count { $0.hasPrefix("weir.state.unused-") }
    }
  }

  /// Writes a file with two counters, and ends.
  ///
  /// - Returns: The instance as which it forwarded.
  private func write(forwards: Bool = true) throws -> UInt64? {
    let counting = try start(forwards: forwards)
    count("a:5|c\nb:2|c", in: counting)
    counting.beginning?.instance.reserve(upTo: 12)
    try counting.begin()
    return counting.beginning?.instance.number
  }

  @Test("goes on as the same instance, with what it has counted")
  func goesOn() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let instance = try write()
    let again = try start()
    #expect(again.beginning?.instance.number == instance)
    #expect(again.beginning?.instance.nextSequence == 12)
    #expect(counters(again) == ["a": 5, "b": 2])
    try again.begin()
    #expect(try unused == 0)
  }

  @Test("does not use the file of a Weir that did not forward, and is a new instance")
  func used() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(try write(forwards: false) == nil)
    let instance: UInt64?
    do {
      let again = try start()
      #expect(counters(again) == [:], "the next hop would count them once more")
      #expect(again.beginning?.instance.nextSequence == 1)
      #expect(try unused == 0, "not before all sockets are bound")
      try again.begin()
      #expect(try unused == 1)
      instance = again.beginning?.instance.number
    }
    // From now on the file is its own.
    let last = try start()
    #expect(last.beginning?.instance.number == instance)
    #expect(counters(last) == [:])
  }

  @Test("is a new instance where not all of the file could be restored")
  func notWhole() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let instance = try write()
    let again = try start { $0.limits.seriesMax = 1 }
    #expect(again.beginning?.instance.number != instance)
    #expect(again.beginning?.instance.nextSequence == 1)
    #expect(counters(again) == [:])
    try again.begin()
    #expect(try unused == 1)
    #expect(again.keeper?.reading().start == StateStart(setAside: 1))
  }

  @Test("is a new instance where the directory was copied to")
  func copied() throws {
    let copy = folder.appendingPathExtension("copy")
    defer {
      for url in [folder, copy] { try? FileManager.default.removeItem(at: url) }
    }
    let instance = try write()
    try FileManager.default.copyItem(at: folder, to: copy)
    let again = try start(in: copy)
    #expect(again.beginning?.instance.number != instance)
    #expect(counters(again) == [:])
    // The first one is not in its way.
    #expect(try start().beginning?.instance.number == instance)
  }

  @Test("says how much of a file is not restored, and why, where it does not forward")
  func others() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    do {
      let counting = try start(forwards: false)
      count("a:5|c\nb:2|c\nh:1|h\nh:1|h|#k:2\nh:1|h|#k:3", in: counting)
      var pipeline = PushPipeline(counting.pushed, now: { PipelineHarness.time })
      for instance in 1...4 as ClosedRange<UInt64> {
        let frame = TestServer.frame(
          instance, 1, [.counter(.init("p"), total: 1)])
        _ = try pipeline.ingest(frame.span, from: 0, to: frame.count)
      }
      try counting.begin()
    }
    let again = try start(forwards: false) { options in
      options.limits.namesMax = 2
      options.observations.bounds = HistogramBounds(upper: [1])
      options.push.limits.instancesMax = 3
    }
    try again.begin()
    let start = try #require(again.keeper?.reading().start)
    // Histograms begin anew, whatever the order; of three names one is too many.
    #expect(start.series == 2)
    #expect(start.instances == 3)
    let lost = Dictionary(uniqueKeysWithValues: start.lost.map { ($0.reason, $0.count) })
    #expect(lost["limit", default: 0] + lost["changed", default: 0] == 4)
    #expect(lost["limit", default: 0] > 0)
    #expect(lost["instance"] == 1 && lost["clash"] == 0)
    #expect(start.limitsExceeded == ["names"])
  }

  @Test("says that a type has changed")
  func changed() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    do {
      let counting = try start(forwards: false)
      count("h:1|h\nh:1|h|#k:2", in: counting)
      try counting.begin()
    }
    let again = try start(forwards: false) { options in
      options.observations.bounds = HistogramBounds(upper: [1])
    }
    try again.begin()
    #expect(again.keeper?.reading().start.lost.map(\.count) == [2, 0, 0, 0])
  }
}
