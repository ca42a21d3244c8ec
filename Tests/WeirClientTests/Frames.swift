import WeirBytes
import WeirMetrics
import WeirPush
import WeirSockets

/// A frame decoded by the server's decoder, as plain values.
struct ReadFrame {
  var header: PushHeader
  var bytes: Int
  /// The key is `name{label=value,…}`, also below.
  var counters: [String: Double] = [:]
  var gauges: [String: Double] = [:]
  var sums: [String: Double] = [:]
  var buckets: [String: [Int: Double]] = [:]
  var exemplars: [String: [String]] = [:]
  var helps: [String: String] = [:]
  /// The times of totals and of gauges; no entry if the record has none.
  var began: [String: UInt64] = [:]
  var held: [String: UInt64] = [:]

  init(_ bytes: [UInt8]) throws {
    var decoder = PushDecoder(KeyStream())
    var frame = PushFrame()
    try decoder.readHeader(bytes.span, from: 0, to: bytes.count, into: &frame)
    try decoder.readBody(bytes.span, into: &frame)
    header = frame.header
    self.bytes = bytes.count
    var strings: [String] = []
    for index in frame.strings.indices {
      strings.append(String(decoding: bytes[frame.strings[index].range], as: UTF8.self))
    }
    for index in frame.records.indices { read(frame.records[index], frame, bytes, strings) }
    for index in frame.metas.indices {
      let meta = frame.metas[index]
      helps[strings[Int(meta.name)]] = meta.help == 0 ? nil : strings[Int(meta.help) - 1]
    }
  }

  private mutating func read(
    _ record: PushRecord, _ frame: borrowing PushFrame, _ bytes: [UInt8], _ strings: [String]
  ) {
    func text(_ range: PushRange) -> String {
      // The range has the position in the frame and the number of labels.
      var cursor = ByteCursor(bytes.span, from: Int(range.first), to: frame.header.bodyEnd)
      return (0..<Int(range.count)).map { _ in
        "\(strings[Int(cursor.varint())])=\(strings[Int(cursor.varint())])"
      }.joined(separator: ",")
    }
    let labels = text(record.labels)
    let name = strings[Int(record.name)] + (labels.isEmpty ? "" : "{\(labels)}")
    switch record.content {
    case .counter:
      counters[name] = record.value
      began[name] = record.beganMilliseconds
    case .gauge:
      gauges[name] = record.value
      held[name] = record.heldMilliseconds
    case .histogram:
      began[name] = record.beganMilliseconds
      sums[name] = record.value
      buckets[name] = [:]
      for (offset, index) in record.numbers.indices.enumerated() {
        buckets[name]?[Int(frame.indices[Int(record.firstIndex) + offset])] = frame.numbers[index]
      }
    default: break
    }
    for index in record.exemplars.indices {
      exemplars[name, default: []].append(text(frame.examples[index].labels))
    }
  }

  var count: Int { counters.count + gauges.count + sums.count }
}
