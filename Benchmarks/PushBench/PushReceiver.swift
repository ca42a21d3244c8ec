import BenchmarkKit
import WeirAggregation
import WeirMetrics
import WeirPush

/// Takes in frames as the server's receivers do: decode and apply.
struct PushReceiver: ~Copyable {
  /// The time that some frames took.
  struct Time {
    var decodeNanoseconds = 0
    var applyNanoseconds = 0

    static func += (left: inout Time, right: Time) {
      left.decodeNanoseconds += right.decodeNanoseconds
      left.applyNanoseconds += right.applyNanoseconds
    }
  }

  private var decoder: PushDecoder
  private var router: PushRouter
  private var frame = PushFrame()
  private(set) var refused = 0

  init(_ owners: Owners) {
    router = PushRouter(owners: owners)
    decoder = PushDecoder(owners.keySeed)
  }

  /// Takes in one frame, which begins at `start`.
  mutating func take(_ bytes: Span<UInt8>, from start: Int, to end: Int) throws {
    try decoder.readHeader(bytes, from: start, to: end, into: &frame)
    try decoder.readBody(bytes, into: &frame)
    _ = try router.apply(&frame, bytes: bytes, nowMilliseconds: PushReceiver.nowMilliseconds)
    refused += frame.refusedCount
  }

  private static let nowMilliseconds: UInt64 = 1_767_400_000_000

  /// The clock is read twice a frame, which adds about a nanosecond to a record.
  @discardableResult
  mutating func take(_ frames: Frames) throws -> Time {
    var time = Time()
    let bytes = frames.bytes.span
    var then = Clock.now()
    for index in 0..<frames.count {
      try decoder.readHeader(
        bytes, from: frames.starts[index], to: frames.starts[index + 1], into: &frame)
      try decoder.readBody(bytes, into: &frame)
      let decoded = Clock.now()
      _ = try router.apply(&frame, bytes: bytes, nowMilliseconds: PushReceiver.nowMilliseconds)
      let applied = Clock.now()
      refused += frame.refusedCount
      time.decodeNanoseconds += decoded - then
      time.applyNanoseconds += applied - decoded
      then = applied
    }
    return time
  }
}
