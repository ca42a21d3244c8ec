import Foundation
import Synchronization
import TestSupport
import Testing
import WeirAggregation
import WeirExposition
import WeirMetrics
import WeirPush
import WeirState

@testable import WeirDaemon

@Suite("Forgetting beside everything else")
struct ForgetConcurrencyTests {
  private static let (writers, rounds) = (2, 120)
  private static let flags = ["--histogram.native=n_*=both", "--observe=q_*=summary"]
  private static let lines = [
    "bad_total:1|c|#user:%", "n_bad:1:3|h|#user:%", "q_bad:2|h|#user:%", "s_bad:%|s|#user:%",
    "good_total:1|c|#way:text",
  ]
  private static let names = [
    "bad_total", "good_total", "n_bad", "p_bad", "p_bad_total", "q_bad", "s_bad",
  ]

  /// The rounds of one writer, each a text and a frame.
  private static func write(_ writer: Int, to server: TestServer, seed: UInt64) {
    var pipeline = server.pipeline()
    var random = SeededGenerator(seed: seed &* 64 &+ UInt64(writer))
    for round in 1...rounds {
      let user = "\(Int.random(in: 0..<20, using: &random))"
      let text = lines.joined(separator: "\n").replacing("%", with: user)
      func series(_ name: String, _ label: String, _ value: String) -> TestServer.Series {
        TestServer.Series(name, labels: [TestServer.Label(label, value)])
      }
      let label = TestServer.Label("trace_id", "t\(round)")
      let example = PushFrameWriter.Exemplar(
        labels: [label], value: 1, ageMilliseconds: 0)
      let total = Double(round)
      var messages = Messages()
      messages.append(Array(text.utf8))
      messages.append(
        TestServer.frame(
          UInt64(writer + 1), UInt64(round),
          [
            .counter(series("p_bad", "user", user), total: total, [example]),
            .counter(series("p_bad", "user", "last"), total: total),
            .counter(series("good_total", "way", "push\(writer)"), total: total),
            .histogram(
              series("n_bad", "user", user), bounds: nil, sum: total,
              buckets: [total] + [Double](repeating: 0, count: HistogramBounds.standard.upper.count)
            ),
          ]))
      pipeline.ingest(messages)
    }
  }

  /// Writes the state until the writers have ended, and once more.
  ///
  /// - Returns: The last file, as text.
  private static func writeState(
    _ server: TestServer, _ path: String, isOver: () -> Bool
  ) throws -> [Substring] {
    var file = try StateFile.create(in: try StateDirectory.open(path), number: 7)
    var writer = StateWriter(owners: server.owners)
    var isLast = false
    while !isLast {
      isLast = isOver()
      var blocks = StateBlocks()
      _ = writer.writeChanges(times: StateTimes(second: 1_000), into: &blocks)
      try file.append(blocks.bytes)
      try file.commit()
      if !file.isPublished { try file.publish() }
      let bytes = try #require(try StateDirectory.read(path))
      let scan = StateScan(bytes.span)
      #expect(scan.verdict == .whole)
      let image = StateImage(scan, bytes)
      #expect(image.damage == nil)
      guard isLast else { continue }
      var text: [UInt8] = []
      var dump = StateDump<Never>(image) { text += $0 }
      dump.write()
      return String(decoding: text, as: UTF8.self).split(separator: "\n")
    }
    return []
  }

  private static func page(_ server: TestServer, _ format: ExpositionFormat) async throws -> String
  {
    String(decoding: try await server.page(format, names), as: UTF8.self)
  }

  private static func samples(_ server: TestServer) async throws -> [String] {
    try await page(server, .text).split(separator: "\n").map(String.init)
      .filter { !$0.hasPrefix("#") }
  }

  @Test("nothing of what was forgotten comes back, and nothing else is lost", arguments: 1...2)
  func together(seed: UInt64) async throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "weir-\(UUID())").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let server = try TestServer(Self.flags)
    let selector = try SeriesSelector("*_bad*")
    let all = try SeriesSelector("bad_total")
    let course = Course(Self.writers)
    try await withThrowingTaskGroup { group in
      for writer in 0..<Self.writers {
        group.addTask {
          await onThread {
            Self.write(writer, to: server, seed: seed)
            course.writing.subtract(1, ordering: .releasing)
          }
        }
      }
      group.addTask {
        await onThread {
          while course.isWriting { _ = server.owners.forget([selector, all]) }
          _ = server.owners.forget([selector, all])
          course.isForgotten.store(true, ordering: .releasing)
        }
      }
      group.addTask {
        await onThread {
          do {
            let text = try Self.writeState(server, path) {
              course.isForgotten.load(ordering: .acquiring)
            }
            course.dump.withLock { $0 = text }
          } catch {
            Issue.record(error)
          }
        }
      }
      group.addTask {
        for second in 1...12 as ClosedRange<UInt32> {
          server.aggregator.expire(atSecond: second)
          server.owners.expire(atSecond: second)
          for format in ExpositionFormat.allCases { _ = try await Self.page(server, format) }
        }
      }
      try await group.waitForAll()
    }
    let rounds = Self.rounds
    #expect(
      try await Self.samples(server).sorted() == [
        "good_total{way=\"push0\"} \(rounds)", "good_total{way=\"push1\"} \(rounds)",
        "good_total{way=\"text\"} \(Self.writers * rounds)",
      ])
    let kept = course.dump.withLock { $0 }.filter { $0.hasPrefix("series ") }
    #expect(kept.count == 3)
    for series in ["push0\"} value=\(rounds) ", "push1\"} value=\(rounds) "] {
      #expect(kept.contains { $0.hasPrefix("series counter good_total{way=\"\(series)") })
    }

    // An instance says again what it said last. Then it has more.
    var pipeline = server.pipeline()
    let steps: [(sequence: Int, total: Double, shown: [String])] = [
      (1, Double(rounds), []), (2, Double(rounds) + 3, [#"p_bad{user="last"} 3"#]),
    ]
    for step in steps {
      let series = TestServer.Series("p_bad", labels: [TestServer.Label("user", "last")])
      var messages = Messages()
      messages.append(
        TestServer.frame(
          1, UInt64(rounds + step.sequence), [.counter(series, total: step.total)]))
      pipeline.ingest(messages)
      #expect(try await Self.samples(server).filter { $0.hasPrefix("p_bad") } == step.shown)
      #expect(!(try await Self.page(server, .openMetrics1)).contains("trace_id"))
    }
  }

  /// How far the threads are.
  private final class Course: Sendable {
    let writing: Atomic<Int>
    let isForgotten = Atomic(false)
    let dump = Mutex<[Substring]>([])

    init(_ writers: Int) { writing = Atomic(writers) }

    var isWriting: Bool { writing.load(ordering: .acquiring) > 0 }
  }
}
