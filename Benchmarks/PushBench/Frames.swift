import BenchmarkKit
import WeirBytes
import WeirMetrics
import WeirPush

/// Frames of one pass of all instances over their series, back to back.
struct Frames {
  private(set) var bytes: [UInt8] = []
  private(set) var starts = [0]

  var count: Int { starts.count - 1 }

  mutating func append(_ frame: [UInt8]) {
    bytes += frame
    starts.append(bytes.count)
  }
}

/// Writes the frames of an instance all of whose series have changed since its last frames.
struct FrameSource {
  private let series: [(kind: Series.Kind, series: PushFrameWriter.Series)]
  private var writer = PushFrameWriter()
  private var sequences: [UInt64]

  init(_ set: [Series], instances: Int) {
    series = set.map { item in
      let labels = item.labels.map { PushFrameWriter.Label($0.name, $0.value) }
      return (item.kind, PushFrameWriter.Series(item.family, labels: labels))
    }
    sequences = [UInt64](repeating: 0, count: instances)
  }

  /// The total of a series in a pass, by its position. Totals grow from pass to pass.
  static func total(_ position: Int, pass: Int) -> Double { Double(pass * (1 + position % 100)) }

  /// The buckets of a histogram with `total` observations, in three buckets.
  static func buckets(_ total: Double) -> [Double] {
    var buckets = [Double](repeating: 0, count: 15)
    buckets[4] = total
    buckets[8] = total * 2
    buckets[11] = total
    return buckets
  }

  /// The frames of a pass: at most `PushFormat.frameBytesDefault` bytes each.
  mutating func pass(_ pass: Int) -> Frames {
    var frames = Frames()
    for instance in sequences.indices {
      var next = 0
      while next < series.count {
        sequences[instance] += 1
        let head = PushFrameHead(
          instance: UInt64(instance), startMilliseconds: 1_767_323_045_000,
          sequence: sequences[instance], ageMilliseconds: UInt64(pass) * 1_000)
        writer.begin(room: PushFormat.frameBytesDefault - head.bytes)
        while next < series.count, writer.append(record(next, pass)) { next += 1 }
        var frame = ByteWriter()
        head.write(to: &frame)
        writer.write(to: &frame)
        frames.append(frame.bytes)
      }
    }
    return frames
  }

  private func record(_ position: Int, _ pass: Int) -> PushFrameWriter.Record {
    let total = FrameSource.total(position, pass: pass)
    let (kind, series) = series[position]
    switch kind {
    case .counter: return .counter(series, total: total)
    case .gauge: return .gauge(series, .sum, value: total)
    case .histogram:
      return .histogram(
        series, bounds: nil, sum: total * 1.5, buckets: FrameSource.buckets(total))
    }
  }
}
