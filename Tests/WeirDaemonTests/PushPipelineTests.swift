import Foundation
import Testing
import WeirAggregation
import WeirBytes
import WeirMetrics
import WeirPush
import WeirSecurity

@testable import WeirConfiguration
@testable import WeirDaemon

@Suite("Frames with keys")
struct PushPipelineTests {
  private struct Vector: Decodable {
    let name: String
    let hex: String
    let refused: String?
    let frame: Meaning?

    struct Meaning: Decodable {
      let key: String?
    }
  }

  private struct Vectors: Decodable {
    let keys: [String: String]
    let frames: [Vector]
    let answers: [Answer]
  }

  private struct Answer: Decodable {
    let to: String
    let hex: String
  }

  private let vectors: Vectors
  private let pushed = Pushed(aggregator: Aggregator(), limits: OwnerLimits())
  /// Shortly after the frames of the vectors were sent.
  private let now = timespec(tv_sec: 1_700_000_100, tv_nsec: 0)

  init() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../docs/protocol-vectors.json")
    vectors = try JSONDecoder().decode(Vectors.self, from: Data(contentsOf: file))
  }

  private func bytes(_ hex: String) -> [UInt8] {
    let digits = Array(hex)
    return stride(from: 0, to: digits.count, by: 2).map {
      UInt8(String(digits[$0...$0 + 1]), radix: 16) ?? 0
    }
  }

  private func useKeys() {
    let keys = vectors.keys.map { PushKeysFile.Key(id: $0.key, secret: bytes($0.value)) }
    pushed.keyring.use(PushKeysFile(keys: keys, warnings: []))
  }

  /// Why a frame is refused; nil if it is accepted.
  private func refusal(
    of vector: Vector, _ pipeline: inout PushPipeline
  ) -> (PushRefusal?, PushAnswer?) {
    let frame = bytes(vector.hex)
    do throws(PushRefusal) {
      return (nil, try pipeline.ingest(frame.span, from: 0, to: frame.count))
    } catch {
      return (error, nil)
    }
  }

  @Test("are accepted if they are signed with a known key, and their answer is signed with it")
  func signed() throws {
    useKeys()
    let now = now
    var pipeline = PushPipeline(pushed, now: { now })
    var signed = 0
    for vector in vectors.frames where vector.frame?.key != nil {
      let (refused, answer) = refusal(of: vector, &pipeline)
      #expect(refused == nil, "\(vector.name)")
      signed += 1
      if let expected = vectors.answers.first(where: { $0.to == vector.name }) {
        #expect(answer?.bytes == bytes(expected.hex), "\(vector.name)")
      }
    }
    #expect(signed >= 3)
  }

  @Test("are refused without a signature, with an unknown key, and with a wrong signature")
  func refused() throws {
    useKeys()
    let now = now
    var pipeline = PushPipeline(pushed, now: { now })
    for vector in vectors.frames {
      let (refused, _) = refusal(of: vector, &pipeline)
      if vector.refused == "bad_tag" || vector.refused == "unknown_key" {
        #expect("\(refused?.label ?? "")" == vector.refused, "\(vector.name)")
      } else if vector.refused == nil, vector.frame?.key == nil {
        #expect(refused == .unsigned, "\(vector.name)")
      }
    }
    #expect(pushed.meter.reading.frames[Int(PushRefusal.badTag.rawValue)] > 0)
    #expect(pushed.meter.reading.frames[Int(PushRefusal.unknownKey.rawValue)] > 0)
  }

  @Test("are refused if they are signed and there are no keys")
  func withoutKeys() throws {
    let now = now
    var pipeline = PushPipeline(pushed, now: { now })
    for vector in vectors.frames where vector.frame != nil {
      let (refused, answer) = refusal(of: vector, &pipeline)
      let expected: PushRefusal? = vector.frame?.key == nil ? nil : .signedWithoutKeys
      #expect(refused == expected, "\(vector.name)")
      if let wanted = vectors.answers.first(where: { $0.to == vector.name }), refused == nil {
        #expect(answer?.bytes == bytes(wanted.hex), "\(vector.name)")
      }
    }
  }

  @Test(
    "are refused if they are signed and were sent long before or after now",
    arguments: [(-3_540, true), (-3_660, false), (82_740, true), (82_860, false)],
    ["a signed frame", "a signed frame of a process that started with a wrong clock"])
  func stale(moment: (seconds: Int, isTaken: Bool), name: String) throws {
    useKeys()
    let now = timespec(tv_sec: 1_700_000_000 + moment.seconds, tv_nsec: 0)
    var pipeline = PushPipeline(pushed, now: { now })
    let vector = try #require(vectors.frames.first { $0.name == name })
    let (refused, _) = refusal(of: vector, &pipeline)
    #expect(refused == (moment.isTaken ? nil : .replayed))
  }

  /// A signed frame of a forwarder with three counters.
  private func forwarderFrame(_ key: String, sequence: UInt64) throws -> [UInt8] {
    let head = PushFrameHead(
      instance: 5, startMilliseconds: 1_700_000_000_000, sequence: sequence, ageMilliseconds: 0,
      keyID: Array(key.utf8))
    var writer = PushFrameWriter()
    writer.begin(room: PushFormat.frameBytesMax - head.bytes)
    var areTaken = writer.append(.forwarder)
    for name in ["a_total", "b_total", "c_total"] {
      areTaken = writer.append(.counter(PushFrameWriter.Series(name), total: 1)) && areTaken
    }
    #expect(areTaken)
    var frame = ByteWriter()
    head.write(to: &frame)
    writer.write(to: &frame)
    let secret = MessageKey(secret: bytes(try #require(vectors.keys[key])))
    let tag = secret.tag(of: frame.bytes.span, in: 0..<frame.bytes.count)
    frame.append(try #require(tag))
    return frame.bytes
  }

  @Test("count as a forwarder's only under a key that allows it", arguments: [true, false])
  func forwarder(mayForward: Bool) throws {
    var limits = OwnerLimits()
    limits.totalsPerInstanceMax = 1
    limits.totalsPerForwarderMax = 3
    let pushed = Pushed(aggregator: Aggregator(), limits: limits)
    let secret = bytes(try #require(vectors.keys["k1"]))
    pushed.keyring.use(
      PushKeysFile(
        keys: [PushKeysFile.Key(id: "k1", secret: secret, mayForward: mayForward)], warnings: []))
    let now = now
    var pipeline = PushPipeline(pushed, now: { now })
    let frame = try forwarderFrame("k1", sequence: 1)
    _ = try pipeline.ingest(frame.span, from: 0, to: frame.count)
    let refused = pipeline.refusedRecords(frame.span).map { "\($0.reason)" }
    #expect(
      refused == (mayForward ? [] : ["not_a_forwarder", "too_many_totals", "too_many_totals"]))
    let totals = pushed.owners.totals()
    #expect(totals.totals == (mayForward ? 3 : 1))
    #expect(totals.fullestForwarder == (mayForward ? 3 : 0))
    #expect(
      pushed.meter.reading.records[Int(RecordRefusal.notAForwarder.rawValue)]
        == (mayForward ? 0 : 1))
  }

  @Test("of forwarders need no key if there is no file of keys")
  func forwarderWithoutKeys() throws {
    var limits = OwnerLimits()
    limits.totalsPerInstanceMax = 0
    let pushed = Pushed(aggregator: Aggregator(), limits: limits)
    let now = now
    var pipeline = PushPipeline(pushed, now: { now })
    let vector = try #require(vectors.frames.first { $0.name == "a forwarder" })
    #expect(refusal(of: vector, &pipeline).0 == nil)
    #expect(!pipeline.hasRefusedRecords && pushed.owners.totals().fullestForwarder == 1)
  }
}
