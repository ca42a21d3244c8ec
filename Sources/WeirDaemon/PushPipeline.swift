import Glibc
import WeirAggregation
import WeirBytes
import WeirMetrics
import WeirWire

/// What happens to a pushed frame: read the header, check the signature, read the rest, apply, count.
///
/// Each receiver owns one, and the page that takes frames over HTTP another.
struct PushPipeline: ~Copyable {
  private var frame = PushFrame()
  private var router: PushRouter
  private var decoder: PushDecoder
  private let meter: PushMeter
  private let now: @Sendable () -> timespec

  init(owners: Owners, meter: PushMeter, now: @escaping @Sendable () -> timespec) {
    router = PushRouter(owners: owners)
    decoder = PushDecoder(owners.keySeed)
    self.meter = meter
    self.now = now
  }

  /// Takes in one frame.
  ///
  /// - Returns: The answer, where the frame asks for one.
  /// - Throws: Why it was refused, which has been counted.
  mutating func ingest(
    _ bytes: Span<UInt8>, from start: Int, to end: Int
  ) throws(PushRefusal) -> PushAnswer? {
    do throws(PushRefusal) {
      try decoder.readHeader(bytes, from: start, to: end, into: &frame)
      try decoder.readBody(bytes, into: &frame)
      _ = try router.apply(&frame, bytes: bytes, nowMilliseconds: nowMilliseconds)
    } catch {
      meter.add(error)
      throw error
    }
    meter.add(frame)
    return frame.header.wantsAnswer ? PushAnswer(to: frame.header) : nil
  }

  private var nowMilliseconds: UInt64 {
    let time = now()
    return UInt64(clamping: time.tv_sec) &* 1_000 &+ UInt64(clamping: time.tv_nsec / 1_000_000)
  }
}
