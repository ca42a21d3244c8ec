import Foundation
import Testing

/// `docs/protocol-vectors.json`: frames as hex with their meaning.
struct PushVectors {
  struct Vector: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    /// Its meaning in one canonical line for each thing that it tells, or nil where it is refused.
    let meaning: [String]?
    let refused: String?
    let recordsRefused: [String: Int]

    var testDescription: String { name }
  }

  let frames: [Vector]
  let answers: [Vector]

  static let shared = load()

  private static func load() -> PushVectors {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../docs/protocol-vectors.json")
    guard let data = try? Data(contentsOf: file),
      let all = try? JSONSerialization.jsonObject(with: data) as? [String: Any],
      let frames = all["frames"] as? [[String: Any]],
      let answers = all["answers"] as? [[String: Any]]
    else { preconditionFailure("docs/protocol-vectors.json can't be read") }
    return PushVectors(frames: frames.map(Vector.init), answers: answers.map(Vector.init))
  }
}

extension PushVectors.Vector {
  fileprivate init(_ json: [String: Any]) {
    name = json["name"] as? String ?? ""
    bytes = PushVectors.bytes(json["hex"] as? String ?? "")
    refused = json["refused"] as? String
    recordsRefused = json["records_refused"] as? [String: Int] ?? [:]
    meaning = (json["frame"] as? [String: Any]).map(PushVectors.lines)
  }
}

// The canonical lines of a meaning; `DecodedFrame` makes the same of a decoded frame.
extension PushVectors {
  fileprivate static func bytes(_ hex: String) -> [UInt8] {
    let digits = Array(hex)
    return stride(from: 0, to: digits.count, by: 2).map {
      UInt8(String(digits[$0...$0 + 1]), radix: 16) ?? 0
    }
  }

  fileprivate static func lines(_ frame: [String: Any]) -> [String] {
    let instance = UInt64(frame["instance"] as? String ?? "", radix: 16) ?? 0
    let numbers = ["start_ms", "sequence", "age_ms"].map {
      integer(frame[$0])
    }
    let flags = ["final", "confirm"].map { "\(frame[$0] as? Bool ?? false)" }
    let key = frame["key"] as? String ?? "-"
    let head = ["\(instance)"] + numbers + flags + [key]
    let common = "common " + labels(holding(frame["common"]))
    let records = (frame["records"] as? [[String: Any]] ?? []).map(line)
    return [head.joined(separator: " "), common] + records
  }

  private static func line(_ record: [String: Any]) -> String {
    let type = record["type"] as? String ?? ""
    let name = record["name"] as? String ?? ""
    if type == "meta" {
      return "meta \(name) unit=\(record["unit"] as? String ?? "-") "
        + "help=\(record["help"] as? String ?? "-")"
    }
    if type == "clock" { return "clock \(integer(record["sent_ms"]))" }
    if type == "forwarder" { return "forwarder" }
    var parts = [type, name, labels(record["labels"])]
    switch type {
    case "counter", "increment": parts.append(number(record["value"]))
    case "gauge", "gauge_add": parts += [record["merge"] as? String ?? "", number(record["value"])]
    case "text_gauge":
      parts += [number(record["value"]), number(record["settings"]), number(record["changes"])]
    case "observations": parts += [number(record["weight"]), list(record["values"])]
    case "histogram":
      parts += [
        record["bounds"] is NSNull ? "own" : list(record["bounds"]), number(record["sum"]),
        cells(record["buckets"]),
      ]
    case "exponential":
      parts += [
        number(record["schema"]), number(record["sum"]), number(record["zero"]),
        cells(record["positive"]), cells(record["negative"]),
      ]
    case "members":
      let hashes = (record["hashes"] as? [String] ?? []).map { "\(UInt64($0, radix: 16) ?? 0)" }
      parts.append(hashes.joined(separator: ","))
    default: parts.append(cells(record["registers"]))
    }
    for exemplar in record["exemplars"] as? [[String: Any]] ?? [] {
      let age = integer(exemplar["age_ms"])
      parts.append("# \(labels(exemplar["labels"])) \(number(exemplar["value"])) \(age)")
    }
    for field in ["held_ms", "began_ms", "ends_ms"] {
      if let time = record[field] as? NSNumber { parts.append("time \(time.int64Value)") }
    }
    return parts.joined(separator: " ")
  }

  /// Beyond 2^53 they are strings, for not every reader of JSON has more bits.
  private static func integer(_ json: Any?) -> String {
    (json as? String) ?? "\((json as? NSNumber)?.uint64Value ?? 0)"
  }

  /// Of common labels those that hold: the last of each name, if it has a value.
  private static func holding(_ json: Any?) -> [[String]] {
    let labels = json as? [[String]] ?? []
    return labels.enumerated().filter { place, label in
      !label[0].isEmpty && !label[1].isEmpty
        && !labels[(place + 1)...].contains { $0[0] == label[0] }
    }.map(\.element)
  }

  private static func labels(_ json: Any?) -> String {
    "{" + (json as? [[String]] ?? []).map { "\($0[0])=\($0[1])" }.joined(separator: ",") + "}"
  }

  private static func list(_ json: Any?) -> String {
    "[" + (json as? [Any] ?? []).map(number).joined(separator: ",") + "]"
  }

  private static func cells(_ json: Any?) -> String {
    "["
      + (json as? [[Any]] ?? []).map { "\(number($0[0])):\(number($0[1]))" }
      .joined(separator: ",") + "]"
  }

  /// A number by its bits, so that -0 and NaN are themselves.
  private static func number(_ json: Any?) -> String {
    let value: Double =
      switch json {
      case let text as String: text == "-0" ? -0.0 : Double(text) ?? .nan
      case let number as NSNumber: number.doubleValue
      default: .nan
      }
    return DecodedFrame.number(value)
  }
}
