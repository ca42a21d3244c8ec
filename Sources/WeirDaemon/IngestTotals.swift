import WeirBytes
import WeirMetrics

/// What one receiver has received since the start. Updated once a batch, read by scrapes.
struct IngestTotals: Sendable {
  var datagrams = 0
  var bytes = 0
  /// Datagrams from sources that are not allowed.
  var refusedSources = 0
  /// Datagrams of text at a listener that accepts none.
  var refusedTexts = 0
  /// Datagrams that are longer than 64 KiB, at a Unix socket.
  var refusedTooLong = 0
  var lines = 0
  var events = 0
  var serviceChecks = 0
  var tagsDropped = 0
  /// Tags that are internal to Datadog.
  var tagsInternal = 0
  /// Samples that a mapping rule drops, and those for which one gave the name; a refused one counts as one.
  var samplesDropped = 0
  var samplesMapped = 0
  /// By `MetricKind.index`.
  var samples = [Int](repeating: 0, count: MetricKind.allCases.count)
  /// By `Refusal.rawValue`.
  var refusals = [Int](repeating: 0, count: Refusal.allCases.count)
  /// Those among `refusals` for which a mapping rule gave the name.
  var refusalsMapped = [Int](repeating: 0, count: Refusal.allCases.count)

  mutating func add(_ batch: borrowing SampleBatch) {
    lines += batch.lines
    events += batch.events
    serviceChecks += batch.serviceChecks
    tagsDropped += batch.tagsDropped
    tagsInternal += batch.tagsInternal
    samplesDropped += batch.samplesDropped
    samplesMapped += batch.samplesMapped
    for kind in samples.indices { samples[kind] += batch.samplesApplied[kind] }
    guard batch.refusals.total > 0 else { return }
    for reason in Refusal.allCases {
      refusals[Int(reason.rawValue)] += batch.refusals.count(of: reason)
      refusalsMapped[Int(reason.rawValue)] += batch.refusals.mappedCount(of: reason)
    }
  }

  mutating func add(_ other: IngestTotals) {
    datagrams += other.datagrams
    bytes += other.bytes
    refusedSources += other.refusedSources
    refusedTexts += other.refusedTexts
    refusedTooLong += other.refusedTooLong
    lines += other.lines
    events += other.events
    serviceChecks += other.serviceChecks
    tagsDropped += other.tagsDropped
    tagsInternal += other.tagsInternal
    samplesDropped += other.samplesDropped
    samplesMapped += other.samplesMapped
    for kind in samples.indices { samples[kind] += other.samples[kind] }
    for reason in refusals.indices {
      refusals[reason] += other.refusals[reason]
      refusalsMapped[reason] += other.refusalsMapped[reason]
    }
  }

  func samples(_ kind: MetricKind) -> Int { samples[kind.index] }
  func refusals(_ reason: Refusal) -> Int { refusals[Int(reason.rawValue)] }
  func refusalsMapped(_ reason: Refusal) -> Int { refusalsMapped[Int(reason.rawValue)] }
}

/// A receiver's totals with their own lock, held for a few additions per batch.
final class IngestMeter: Sendable {
  private let totals = Locked(IngestTotals())

  var reading: IngestTotals { totals.withLock { $0 } }

  func add(_ batch: borrowing SampleBatch) {
    totals.withLock { $0.add(batch) }
  }

  func add(tooLong: Int) {
    totals.withLock { $0.refusedTooLong += tooLong }
  }

  func add(datagrams: Int, bytes: Int, refusedSources: Int, refusedTexts: Int) {
    totals.withLock {
      $0.datagrams += datagrams
      $0.bytes += bytes
      $0.refusedSources += refusedSources
      $0.refusedTexts += refusedTexts
    }
  }
}
