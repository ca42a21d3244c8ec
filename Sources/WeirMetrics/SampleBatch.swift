import WeirBytes

/// The samples of a batch of datagrams that are not yet applied, and what was refused.
///
/// It is reused all the time. Emptying keeps the memory, so that a batch allocates only while it
/// grows.
package struct SampleBatch: ~Copyable {
  /// When a batch holds this many samples it is applied before more are decoded: enough to spread
  /// the cost of a lock, and few enough to stay in the second-level cache.
  package static let samplesAim = 1_024

  /// The most bytes of a line, because its positions in a sample have 16 bits.
  package static let lineBytesMax = 65_535

  package var samples = Column<Sample>(capacity: 2 * SampleBatch.samplesAim)
  /// The samples' values: numbers, or for sets the bits of a member's hash.
  package var values = Column<Double>(capacity: 2 * SampleBatch.samplesAim)
  package private(set) var refusals = RefusalRecord()

  package var lines = 0
  package var events = 0
  package var serviceChecks = 0
  package var tagsDropped = 0
  package var tagsInternal = 0
  /// Samples that a rule drops; each packed value counts as one.
  package var samplesDropped = 0
  /// Samples for which a rule gave the name. Each packed value counts as one, and a refused sample as one.
  package var samplesMapped = 0
  /// Samples applied, by kind; each packed value counts as one.
  package var samplesApplied: InlineArray<4, Int> = .init(repeating: 0)

  package init() {}

  /// Counts a refusal and keeps the place of its line.
  ///
  /// - Parameter isMapped: Whether a rule gave the sample its name.
  package mutating func refuse(
    _ reason: Refusal, lineStart: Int, lineEnd: Int, isMapped: Bool = false
  ) {
    refusals.add(reason, lineStart: lineStart, lineEnd: lineEnd, isMapped: isMapped)
    if isMapped { samplesMapped += 1 }
  }

  package mutating func removeAll() {
    samples.removeAll()
    values.removeAll()
    refusals.removeAll()
    lines = 0
    events = 0
    serviceChecks = 0
    tagsDropped = 0
    tagsInternal = 0
    samplesDropped = 0
    samplesMapped = 0
    samplesApplied = .init(repeating: 0)
  }
}

/// The refusals of one batch: the number for each reason, and the places of the last few lines.
package struct RefusalRecord: Sendable {
  /// A refused line and why.
  package struct Entry: Sendable {
    package let reason: Refusal
    package let lineStart: Int
    package let lineEnd: Int
  }

  /// How many refused lines are kept for an operator to see.
  package static let keptMax = 50

  package private(set) var total = 0
  private var counts = [Int](repeating: 0, count: Refusal.allCases.count)
  private var mappedCounts = [Int](repeating: 0, count: Refusal.allCases.count)
  private var ring: [Entry] = []

  package init() {
    ring.reserveCapacity(RefusalRecord.keptMax)
  }

  package func count(of reason: Refusal) -> Int { counts[Int(reason.rawValue)] }

  /// How many of them are samples for which a rule gave the name.
  package func mappedCount(of reason: Refusal) -> Int { mappedCounts[Int(reason.rawValue)] }

  /// The last refused lines, oldest first; at most `keptMax`.
  package var last: [Entry] {
    guard ring.count == RefusalRecord.keptMax else { return ring }
    let oldest = total % RefusalRecord.keptMax
    return Array(ring[oldest...] + ring[..<oldest])
  }

  mutating func add(_ reason: Refusal, lineStart: Int, lineEnd: Int, isMapped: Bool) {
    let entry = Entry(reason: reason, lineStart: lineStart, lineEnd: lineEnd)
    if ring.count < RefusalRecord.keptMax {
      ring.append(entry)
    } else {
      ring[total % RefusalRecord.keptMax] = entry
    }
    total += 1
    counts[Int(reason.rawValue)] += 1
    if isMapped { mappedCounts[Int(reason.rawValue)] += 1 }
  }

  mutating func removeAll() {
    guard total > 0 else { return }
    total = 0
    for index in counts.indices {
      counts[index] = 0
      mappedCounts[index] = 0
    }
    ring.removeAll(keepingCapacity: true)
  }
}
