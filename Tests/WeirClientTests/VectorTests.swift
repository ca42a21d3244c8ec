import Foundation
import Testing
import WeirBytes
import WeirMetrics
import WeirPush

@testable import WeirClient

/// A frame of docs/protocol-vectors.json that every encoder must produce byte for byte.
struct Vector: Sendable, CustomTestStringConvertible {
  let name: String
  let hex: String
  let frame: [String: any Sendable]
  let answer: String?

  var testDescription: String { name }

  static let document: [String: any Sendable] = {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
    let data = try? Data(contentsOf: root.appending(path: "docs/protocol-vectors.json"))
    let parsed = data.flatMap { try? JSONSerialization.jsonObject(with: $0) }
    return parsed as? [String: any Sendable] ?? [:]
  }()

  static let keys = document["keys"] as? [String: String] ?? [:]

  static let canonical: [Vector] = {
    let answers = document["answers"] as? [[String: Any]] ?? []
    let frames = document["frames"] as? [[String: Any]] ?? []
    return frames.compactMap { entry in
      guard entry["decode_only"] == nil, entry["refused"] == nil,
        let name = entry["name"] as? String, let hex = entry["hex"] as? String,
        let frame = entry["frame"] as? [String: any Sendable]
      else { return nil }
      let answer = answers.first { $0["to"] as? String == name }?["hex"] as? String
      return Vector(name: name, hex: hex, frame: frame, answer: answer)
    }
  }()
}

@Suite("The protocol's vectors")
struct VectorTests {
  @Test func `the vectors have every type of record`() {
    let records = Vector.canonical.flatMap { $0.frame["records"] as? [[String: Any]] ?? [] }
    #expect(Set(records.compactMap { $0["type"] as? String }).count == 13)
    #expect(Vector.canonical.contains { $0.answer != nil })
  }

  @Test(arguments: Vector.canonical)
  func `a frame is encoded byte for byte as in the vector`(vector: Vector) throws {
    let meaning = vector.frame
    var flags: PushFormat.Flags = []
    if meaning["final"] as? Bool == true { flags.insert(.final) }
    if meaning["confirm"] as? Bool == true { flags.insert(.confirm) }
    let key = try (meaning["key"] as? String).map { id in
      try SigningKey(id: id, secret: bytes(try #require(Vector.keys[id])))
    }
    let head = PushFrameHead(
      instance: try #require(UInt64(meaning["instance"] as? String ?? "", radix: 16)),
      startMilliseconds: try whole(meaning["start_ms"]),
      sequence: try whole(meaning["sequence"]), ageMilliseconds: try whole(meaning["age_ms"]),
      flags: flags, keyID: key?.idBytes)
    var writer = PushFrameWriter()
    writer.begin(room: PushFormat.frameBytesMax - head.bytes, common: labels(meaning["common"]))
    for record in meaning["records"] as? [[String: Any]] ?? [] {
      #expect(writer.append(try self.record(record)))
    }
    var frame = ByteWriter()
    head.write(to: &frame)
    let headBytes = frame.bytes.count
    writer.write(to: &frame)
    #expect(frame.bytes.count - headBytes == writer.count)
    if let key { frame.append(key.tag(of: frame.bytes)) }
    #expect(head.bytes == headBytes + (key == nil ? 0 : PushFormat.tagBytes))
    #expect(hex(frame.bytes) == vector.hex)
    if let answer = vector.answer {
      var written = ByteWriter()
      head.writeAnswer(to: &written)
      if let key { written.append(key.tag(of: written.bytes)) }
      #expect(hex(written.bytes) == answer)
    }
  }

  private func record(_ json: [String: Any]) throws -> PushFrameWriter.Record {
    if json["type"] as? String == "clock" {
      return .clock(sentMilliseconds: try whole(json["sent_ms"]))
    }
    if json["type"] as? String == "forwarder" { return .forwarder }
    let began = try json["began_ms"].map { try whole($0) }
    let ends = (json["ends_ms"] as? NSNumber)?.int64Value
    let name = try #require(json["name"] as? String)
    let series = PushFrameWriter.Series(name, labels: labels(json["labels"]))
    let exemplars = try (json["exemplars"] as? [[String: Any]] ?? []).map {
      PushFrameWriter.Exemplar(
        labels: labels($0["labels"]), value: try number($0["value"]),
        ageMilliseconds: try whole($0["age_ms"]))
    }
    switch json["type"] as? String {
    case "counter":
      return .counter(
        series, total: try number(json["value"]), exemplars, beganMilliseconds: began)
    case "increment": return .increment(series, amount: try number(json["value"]), exemplars)
    case "gauge":
      return .gauge(
        series, try merge(json), value: try number(json["value"]),
        heldMilliseconds: try json["held_ms"].map { try whole($0) })
    case "gauge_add": return .gaugeAdd(series, try merge(json), change: try number(json["value"]))
    case "text_gauge":
      return .textGauge(
        series, settings: try whole(json["settings"]), value: try number(json["value"]),
        changes: try number(json["changes"]), beganMilliseconds: began)
    case "observations":
      let values = try #require(json["values"] as? [Any]).map { try number($0) }
      return .observations(series, weight: try number(json["weight"]), values, exemplars)
    case "histogram":
      let bounds = try (json["bounds"] as? [Any])?.map { try number($0) }
      let count = (bounds ?? HistogramBounds.standard.upper).count + 1
      var buckets = [Double](repeating: 0, count: count)
      for run in try pairs(json["buckets"]) { buckets[Int(run.0)] = run.1 }
      return .histogram(
        series, bounds: bounds, sum: try number(json["sum"]), buckets: buckets, exemplars,
        beganMilliseconds: began)
    case "exponential":
      return .exponential(
        series, schema: Int64(try number(json["schema"])), sum: try number(json["sum"]),
        zero: try number(json["zero"]),
        positive: try pairs(json["positive"]).map { .init(index: Int64($0.0), observations: $0.1) },
        negative: try pairs(json["negative"]).map { .init(index: Int64($0.0), observations: $0.1) },
        exemplars, beganMilliseconds: began)
    case "members":
      let hashes = try #require(json["hashes"] as? [String])
      if let of = json["of"] as? [String] {
        #expect(of.map { MemberHash.hash($0) } == hashes.map { UInt64($0, radix: 16) })
      }
      return .members(
        series, hashes: hashes.compactMap { UInt64($0, radix: 16) }, endsMilliseconds: ends)
    case "sketch":
      let registers = try pairs(json["registers"])
      return .sketch(
        series, registers.map { .init(index: Int($0.0), rank: UInt8($0.1)) },
        endsMilliseconds: ends)
    default:
      return .meta(
        name: .init(name), unit: (json["unit"] as? String).map { .init($0) },
        help: (json["help"] as? String).map { .init($0) })
    }
  }

  private func merge(_ json: [String: Any]) throws -> GaugeMerge {
    try #require(GaugeMerge.allCases.first { "\($0)" == json["merge"] as? String })
  }

  private func labels(_ json: Any?) -> [PushFrameWriter.Label] {
    (json as? [[String]] ?? []).map { .init($0[0], $0[1]) }
  }

  private func pairs(_ json: Any?) throws -> [(Double, Double)] {
    try #require(json as? [[Any]]).map { (try number($0[0]), try number($0[1])) }
  }

  private func whole(_ json: Any?) throws -> UInt64 {
    if let text = json as? String { return try #require(UInt64(text)) }
    return try #require(json as? NSNumber).uint64Value
  }

  /// A number, or the name of one that JSON cannot represent.
  private func number(_ json: Any?) throws -> Double {
    switch json as? String {
    case "NaN": .nan
    case "-0": -0.0
    case let text?: try #require(Double(text))
    case nil: try #require(json as? NSNumber).doubleValue
    }
  }

  private func bytes(_ hex: String) -> [UInt8] {
    let digits = Array(hex)
    return stride(from: 0, to: digits.count, by: 2).compactMap {
      UInt8(String(digits[$0...$0 + 1]), radix: 16)
    }
  }

  private func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
