import TestSupport
import WeirBytes
import WeirMetrics
import WeirWire

/// Runs the decoder and the identity reader as the daemon does, and reports the result in the terms
/// of the naive decoder.
struct RealDecoder {
  /// One sample, with the series that it belongs to.
  struct Taken: Equatable, CustomStringConvertible {
    var kind: MetricKind
    /// The values of a counter or histogram; for a gauge, what one at 0 and one at 1000.5 become;
    /// for a set, nothing.
    var values: [Double]
    /// How many values were sent.
    var count: Int
    /// A set's member, as the bits that stand for it.
    var memberBits: UInt64 = 0
    var weight: Double
    var series: [UInt8]

    var description: String {
      let what = kind == .set ? "member \(memberBits)" : "\(values) of \(count)"
      return "\(kind) \(what) × \(weight) \(String(decoding: series, as: UTF8.self))"
    }

    /// What a gauge at 0 and one at 1000.5 become.
    static func effect(_ values: [(number: Double, isRelative: Bool)]) -> [Double] {
      [0, 1000.5].map { start in
        values.reduce(start) { CompensatedSum.clamped(($1.isRelative ? $0 : 0) + $1.number) }
      }
    }
  }

  /// The result of a datagram.
  struct Outcome: Equatable {
    var taken: [Taken] = []
    var refused: [Refusal] = []
    var lines = 0
    var events = 0
    var serviceChecks = 0
    var tagsDropped = 0
    var tagsInternal = 0
    /// Where the lines stand that samples were taken from, or that were refused.
    var lineStarts: Set<Int> = []
  }

  var options = StatsDOptions()

  /// Decodes `datagram` between `before` and `after`, which must not matter.
  func decode(_ datagram: [UInt8], before: [UInt8] = [], after: [UInt8] = []) -> Outcome {
    let buffer = before + datagram + after
    let decoder = StatsDDecoder(options: options)
    let reader = StatsDIdentityReader(options: options)
    var batch = SampleBatch()
    var builder = SeriesBuilder()
    decoder.decode(
      buffer.span, from: before.count, to: before.count + datagram.count, into: &batch)
    var outcome = Outcome(
      lines: batch.lines, events: batch.events, serviceChecks: batch.serviceChecks)
    for entry in batch.refusals.last {
      outcome.refused.append(entry.reason)
      outcome.lineStarts.insert(entry.lineStart - before.count)
    }
    for sample in batch.samples.elements {
      outcome.lineStarts.insert(Int(sample.nameStart) - before.count)
      do throws(Refusal) {
        let identity = try reader.identity(of: sample, in: buffer.span)
        try reader.spell(
          identity, as: nil, kind: sample.kind, asked: .nothing, in: buffer.span,
          into: &builder)
      } catch {
        outcome.refused.append(error)
        continue
      }
      outcome.tagsDropped += builder.tagsDropped
      outcome.tagsInternal += builder.tagsInternal
      outcome.taken.append(taken(sample, batch.values.elements, series: builder.series))
    }
    return outcome
  }

  private func taken(_ sample: Sample, _ values: [Double], series: [UInt8]) -> Taken {
    let first = Int(sample.firstValue)
    let numbers = Array(values[first..<first + Int(sample.valueCount)])
    var taken = Taken(
      kind: sample.kind, values: numbers, count: numbers.count,
      weight: sample.kind == .histogram ? sample.weight : 1, series: series)
    switch sample.kind {
    case .counter, .histogram: break
    case .gauge: taken.values = Taken.effect(numbers.map { ($0, sample.isRelative) })
    case .set:
      taken.memberBits = numbers[0].bitPattern
      taken.values = []
    }
    return taken
  }
}
