import WeirBytes
import WeirMetrics

@testable import WeirPush

/// What the decoder makes of some bytes, as lines that compare with those of a vector.
struct DecodedFrame {
  var lines: [String] = []
  var refused: String?
  var recordsRefused: [String: Int] = [:]
  /// Elements of all the frame's lists.
  var elements = 0

  static func decode(_ bytes: [UInt8]) -> DecodedFrame {
    var frame = PushFrame()
    var decoder = PushDecoder(KeyStream())
    var decoded = DecodedFrame()
    do throws(PushRefusal) {
      try decoder.readHeader(bytes.span, from: 0, to: bytes.count, into: &frame)
      try decoder.readBody(bytes.span, into: &frame)
    } catch {
      decoded.refused = "\(error.label)"
    }
    decoded.elements =
      frame.strings.count + frame.common.count + frame.records.count + frame.numbers.count
      + frame.indices.count + frame.bounds.count + frame.boundsLists.count + frame.examples.count
      + frame.metas.count
    guard decoded.refused == nil else { return decoded }
    for reason in RecordRefusal.allCases where frame.refusals[Int(reason.rawValue)] > 0 {
      decoded.recordsRefused["\(reason.label)"] = frame.refusals[Int(reason.rawValue)]
    }
    decoded.lines = lines(frame, bytes)
    return decoded
  }

  private static func lines(_ frame: borrowing PushFrame, _ bytes: [UInt8]) -> [String] {
    let header = frame.header
    let key = header.isSigned ? text(header.key.indices, bytes) : "-"
    let head =
      "\(header.instance.number) \(header.instance.startMilliseconds) \(header.sequence) "
      + "\(header.ageMilliseconds) \(header.isFinal) \(header.wantsAnswer) \(key)"
    var common: [String] = []
    for index in frame.common.indices {
      let label = frame.common[index]
      common.append(
        string(Int(label.name), frame, bytes) + "=" + string(Int(label.value), frame, bytes))
    }
    var lines = [head, "common {" + common.joined(separator: ",") + "}"]
    if header.clockMilliseconds > 0 { lines.append("clock \(header.clockMilliseconds)") }
    if header.isForwarder { lines.append("forwarder") }
    for index in frame.records.indices { lines.append(line(frame.records[index], frame, bytes)) }
    for index in frame.metas.indices {
      let meta = frame.metas[index]
      let unit = meta.unit == 0 ? "-" : string(Int(meta.unit) - 1, frame, bytes)
      let help = meta.help == 0 ? "-" : string(Int(meta.help) - 1, frame, bytes)
      lines.append("meta \(string(Int(meta.name), frame, bytes)) unit=\(unit) help=\(help)")
    }
    return lines
  }

  private static func line(
    _ record: PushRecord, _ frame: borrowing PushFrame, _ bytes: [UInt8]
  ) -> String {
    var parts = [
      word(record.content), string(Int(record.name), frame, bytes),
      labels(record.labels, frame, bytes),
    ]
    switch record.content {
    case .counter, .increment: parts.append(number(record.value))
    case .gauge, .gaugeAdd: parts += ["\(record.merge)", number(record.value)]
    case .observations:
      parts += [number(record.value), list(record.numbers.indices.map { frame.numbers[$0] })]
    case .histogram:
      var bounds = "own"
      if record.bounds > 0 {
        bounds = list(
          frame.boundsLists[Int(record.bounds) - 1].indices.map { frame.bounds[$0] })
      }
      parts += [bounds, number(record.value), cells(record, 0..<Int(record.numbers.count), frame)]
    case .exponential:
      let last = Int(record.numbers.count) - 1
      parts += [
        number(Double(record.schema)), number(record.value),
        number(frame.numbers[record.numbers.indices.upperBound - 1]),
        cells(record, 0..<Int(record.positives), frame),
        cells(record, Int(record.positives)..<last, frame),
      ]
    case .members:
      let hashes = record.numbers.indices.map { "\(frame.numbers[$0].bitPattern)" }
      parts.append(hashes.joined(separator: ","))
    case .textGauge:
      parts += [number(record.value)] + record.numbers.indices.map { number(frame.numbers[$0]) }
    case .sketch: parts.append(cells(record, 0..<Int(record.numbers.count), frame))
    }
    for index in record.exemplars.indices {
      let example = frame.examples[index]
      parts.append(
        "# \(labels(example.labels, frame, bytes)) \(number(example.value)) "
          + "\(example.ageMilliseconds)")
    }
    if record.time != PushRecord.notTold { parts.append("time \(record.time)") }
    return parts.joined(separator: " ")
  }

  private static func word(_ content: PushRecord.Content) -> String {
    switch content {
    case .gaugeAdd: "gauge_add"
    case .textGauge: "text_gauge"
    default: "\(content)"
    }
  }

  private static func cells(
    _ record: PushRecord, _ places: Range<Int>, _ frame: borrowing PushFrame
  ) -> String {
    var cells: [String] = []
    for place in places {
      let count = frame.numbers[Int(record.numbers.first) + place]
      // Empty ones mean nothing.
      let index = frame.indices[Int(record.firstIndex) + place]
      cells.append("\(number(Double(index))):\(number(count))")
    }
    return "[" + cells.joined(separator: ",") + "]"
  }

  private static func labels(
    _ range: PushRange, _ frame: borrowing PushFrame, _ bytes: [UInt8]
  ) -> String {
    var cursor = ByteCursor(bytes.span, from: Int(range.first), to: bytes.count)
    var labels: [String] = []
    for _ in 0..<range.count {
      let name = string(Int(cursor.varint()), frame, bytes)
      labels.append(name + "=" + string(Int(cursor.varint()), frame, bytes))
    }
    return "{" + labels.joined(separator: ",") + "}"
  }

  private static func string(
    _ index: Int, _ frame: borrowing PushFrame, _ bytes: [UInt8]
  ) -> String {
    text(frame.strings[index].range, bytes)
  }

  private static func text(_ range: Range<Int>, _ bytes: [UInt8]) -> String {
    String(decoding: bytes[range], as: UTF8.self)
  }

  private static func list(_ values: [Double]) -> String {
    "[" + values.map(number).joined(separator: ",") + "]"
  }

  static func number(_ value: Double) -> String {
    value.isNaN ? "NaN" : value == 0 && value.sign == .minus ? "-0" : "\(value)"
  }
}
