import WeirAggregation
import WeirBytes
import WeirMetrics
import WeirSockets
import WeirWire

/// What a receiver has counted.
package struct Tally: Equatable, Sendable {
  package var lines = 0
  package var samples = 0
  package var refusals = 0

  package init(lines: Int = 0, samples: Int = 0, refusals: Int = 0) {
    self.lines = lines
    self.samples = samples
    self.refusals = refusals
  }

  package static func + (left: Tally, right: Tally) -> Tally {
    Tally(
      lines: left.lines + right.lines, samples: left.samples + right.samples,
      refusals: left.refusals + right.refusals)
  }
}

/// Takes in datagrams as the server's receivers do: decode, route, apply.
package struct EngineReceiver: ~Copyable {
  private let decoder = StatsDDecoder()
  private var router: SampleRouter
  private var batch = SampleBatch()
  package private(set) var tally = Tally()

  package init(aggregator: Aggregator) {
    router = SampleRouter(aggregator: aggregator, reader: StatsDIdentityReader())
  }

  /// Whether the batch is full and has to be applied before more is decoded.
  package var isFull: Bool { batch.samples.count >= SampleBatch.samplesAim }

  /// Decodes one datagram, `bytes[start..<end]`.
  package mutating func decode(_ bytes: Span<UInt8>, from start: Int, to end: Int) {
    decoder.decode(bytes, from: start, to: end, into: &batch)
  }

  /// Routes and applies what was decoded from `bytes`.
  package mutating func apply(_ bytes: Span<UInt8>) {
    router.apply(&batch, bytes: bytes)
    tally.lines += batch.lines
    tally.refusals += batch.refusals.total
    for kind in batch.samplesApplied.indices { tally.samples += batch.samplesApplied[kind] }
    batch.removeAll()
  }

  /// Takes in every datagram of one receive call.
  package mutating func ingest(_ datagrams: borrowing DatagramBatch) {
    for index in 0..<datagrams.count {
      let start = datagrams.start(of: index)
      decode(datagrams.bytes, from: start, to: start + datagrams.length(of: index))
      if isFull { apply(datagrams.bytes) }
    }
    apply(datagrams.bytes)
  }

  /// Takes in one round of a payload from memory, which makes its series.
  package mutating func ingest(_ payload: Payload) {
    let bytes = payload.bytes.span
    for index in 0..<payload.count {
      decode(bytes, from: payload.datagramStarts[index], to: payload.datagramStarts[index + 1])
      if isFull { apply(bytes) }
    }
    apply(bytes)
  }
}
