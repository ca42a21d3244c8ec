import WeirAggregation
import WeirForwarding

/// One forwarder without a clock or a socket.
struct Rounds: ~Copyable {
  var reader: ForwardReader
  var frames: ForwardFrames
  var since: UInt32 = 0
  /// When the instance started, in milliseconds since 1970.
  static let start: UInt64 = 1_700_000_000_000
  /// Records of the last round.
  private(set) var records = 0
  /// Bytes of the longest part in which the last round was read.
  private(set) var longestPart = 0
  /// A share of rows that no small row belongs to.
  static let emptyShare = 59

  init(
    _ aggregator: Aggregator,
    _ settings: ForwardFrames.Settings = .init(
      instance: 5, startMilliseconds: Rounds.start)
  ) {
    reader = ForwardReader(aggregator)
    frames = ForwardFrames(settings, from: 1)
  }

  mutating func round(
    second: UInt32, repeats: Bool = true, share: Int = emptyShare, upTo bytes: Int = .max
  ) -> [[UInt8]] {
    var all: [[UInt8]] = []
    (records, longestPart) = (0, 0)
    reader.begin(ForwardChoice(since: since, repeatsUnconfirmed: repeats, share: share))
    frames.begin(
      at: .init(
        ageMilliseconds: UInt64(second) * 1_000,
        wallMilliseconds: Rounds.start + UInt64(second) * 1_000, second: second))
    var isOver = false
    while !isOver {
      isOver = reader.read(into: &frames, upTo: bytes)
      if isOver { frames.finish() }
      reader.note(frames.batch)
      all += frames.batch.frames
      records += frames.batch.records
      longestPart = max(longestPart, frames.batch.bytes.count)
      frames.batch.removeAll()
    }
    since = second
    return all
  }

  mutating func confirm(_ sequence: UInt64) { _ = reader.confirm(sequence) }
}
