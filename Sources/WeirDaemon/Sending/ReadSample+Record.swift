import WeirMetrics
import WeirPush

extension ReadSample {
  /// The sample as a record of a frame.
  var records: [PushFrameWriter.Record] {
    let series = PushFrameWriter.Series(
      String(decoding: name, as: UTF8.self), labels: labels)
    switch kind {
    case .counter: return [.increment(series, amount: values.reduce(0, +))]
    case .gauge:
      if isRelative { return [.gaugeAdd(series, .last, change: values.reduce(0, +))] }
      return [.gauge(series, .last, value: values.last ?? 0, heldMilliseconds: 0)]
    case .histogram: return [.observations(series, weight: weight, values)]
    case .set: return [.members(series, hashes: values.map(\.bitPattern))]
    }
  }

  /// The labels of the spelling.
  private var labels: [PushFrameWriter.Label] {
    var labels: [PushFrameWriter.Label] = []
    // After `{`, then after each `,`.
    var index = nameLength + 1
    while index < spelling.count {
      let length = SpelledName.length(in: spelling.span, from: index, end: UInt8(ascii: "="))
      let name = SpelledName.raw(spelling[index..<index + length])
      // The value is quoted like a name.
      let start = index + length + 1
      let value = SpelledName.length(in: spelling.span, from: start, end: UInt8(ascii: ","))
      labels.append(
        PushFrameWriter.Label(
          String(decoding: name, as: UTF8.self),
          String(decoding: SpelledName.raw(spelling[start..<start + value]), as: UTF8.self)))
      index = start + value + 1
    }
    return labels
  }
}
