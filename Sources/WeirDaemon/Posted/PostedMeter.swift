import WeirBytes

/// What was received at `/api/v1/statsd`.
final class PostedMeter: Sendable {
  struct Reading: Sendable {
    /// Requests whose lines were read.
    var requests = 0
    /// Of their bodies, unpacked.
    var bytes = 0
    var lines = 0
    /// What the pipeline counts, in which each batch of lines is a datagram.
    var ingest = IngestTotals()
  }

  /// The pipeline's.
  let ingest = IngestMeter()
  private let totals = Locked(Reading())

  var reading: Reading {
    var reading = totals.withLock { $0 }
    reading.ingest = ingest.reading
    return reading
  }

  func add(bytes: Int, lines: Int) {
    totals.withLock {
      $0.requests += 1
      $0.bytes += bytes
      $0.lines += lines
    }
  }
}
