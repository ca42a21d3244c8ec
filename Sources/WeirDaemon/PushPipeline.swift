import Glibc
import WeirAggregation
import WeirBytes
import WeirMetrics
import WeirPush
import WeirSecurity

/// What happens to a pushed frame: read the header, check the signature, read the rest, apply, count.
///
/// Each receiver owns one, and the page that takes frames over HTTP another.
struct PushPipeline: ~Copyable {
  private var frame = PushFrame()
  private var router: PushRouter
  private var decoder: PushDecoder
  private let meter: PushMeter
  private let keyring: PushKeyring
  /// Passes frames on instead of applying them; nil where nothing is forwarded.
  private let desk: ForwardDesk?
  private let now: @Sendable () -> timespec
  /// How old a signed frame may be: with what its sender's clock may be ahead, no longer than its instance is
  /// remembered after it came.
  private let pastMilliseconds: UInt64
  /// Of the last frame.
  private(set) var isSigned = false
  private(set) var recordCount = 0

  init(_ pushed: Pushed, now: @escaping @Sendable () -> timespec) {
    let owners = pushed.owners
    router = PushRouter(owners: owners)
    decoder = PushDecoder(owners.keySeed)
    meter = pushed.meter
    keyring = pushed.keyring
    desk = pushed.forward
    pastMilliseconds =
      UInt64(owners.limits.forgetSeconds) * 1_000 - PushPipeline.futureMilliseconds
    self.now = now
  }

  /// Takes in one frame, or passes it on.
  ///
  /// - Parameters:
  ///   - request: What waits for the frame to be confirmed, if it is passed on.
  ///   - reply: Who waits for the answer, if it can't be given yet; called only where the frame asks for one.
  /// - Returns: The answer, where the frame asks for one and it can be given.
  /// - Throws: Why it was refused, which has been counted.
  mutating func ingest(
    _ bytes: Span<UInt8>, from start: Int, to end: Int, request: RelayedRequest? = nil,
    reply: (PushAnswer) -> ForwardDesk.Reply? = { _ in nil }
  ) throws(PushRefusal) -> PushAnswer? {
    let key: PushKeyring.Key?
    do throws(PushRefusal) {
      try decoder.readHeader(bytes, from: start, to: end, into: &frame)
      key = try keyring.verify(bytes, from: start, frame.header)
      isSigned = key != nil
      // The sender's clock is told in the body, which the signature covers.
      try decoder.readBody(bytes, into: &frame)
      if let key, !key.mayForward { refuseForwarder() }
      recordCount = frame.records.count
      let now = nowMilliseconds
      try refuseStale(now)
      if let desk { return try pass(bytes, from: start, to: end, key, to: desk, request, reply) }
      _ = try router.apply(&frame, bytes: bytes, nowMilliseconds: now)
    } catch {
      meter.add(error)
      throw error
    }
    meter.add(frame)
    return frame.header.wantsAnswer ? PushAnswer(to: frame.header, key: key?.message) : nil
  }

  /// Passes a frame on that was read and checked. Its records are refused, if at all, by the next hop.
  private mutating func pass(
    _ bytes: Span<UInt8>, from start: Int, to end: Int, _ key: PushKeyring.Key?,
    to desk: ForwardDesk,
    _ request: RelayedRequest?, _ reply: (PushAnswer) -> ForwardDesk.Reply?
  ) throws(PushRefusal) -> PushAnswer? {
    let header = frame.header
    guard header.instance.number != desk.instance else {
      desk.meter.update { $0.loops += 1 }
      throw .loop
    }
    frame.removeAll()
    let answer = header.wantsAnswer ? PushAnswer(to: header, key: key?.message) : nil
    let waiting = request.map { .request($0) } ?? answer.flatMap { reply($0) }
    let isAnswered = desk.pass(
      bytes, from: start, to: end, header, key: key?.message, reply: waiting,
      isRestricted: key.map { !$0.mayForward } ?? false)
    return isAnswered ? answer : nil
  }

  /// Which instance the last frame says that it is of; nil where it ended before it said so.
  var instance: InstanceID? { frame.header.sequence > 0 ? frame.header.instance : nil }

  /// Whether a record of the last frame was refused.
  var hasRefusedRecords: Bool { frame.refusedCount > 0 }

  /// The first records of the last frame that were refused, each with the name of its metric where that
  /// could be read.
  ///
  /// - Parameter bytes: Those that the frame was read from.
  func refusedRecords(_ bytes: Span<UInt8>) -> [(reason: StaticString, name: [UInt8]?)] {
    frame.refusedRecords.map { record in
      guard let name = record.name, Int(name) < frame.strings.count else {
        return (record.reason, nil)
      }
      let range = frame.strings[Int(name)].range
      return (record.reason, range.prefix(RefusedPushes.nameBytesMax).map { bytes[$0] })
    }
  }

  /// A frame under a key that is not for forwarders counts as an application's.
  private mutating func refuseForwarder() {
    guard frame.header.isForwarder else { return }
    frame.header.isForwarder = false
    frame.refuse(.notAForwarder)
  }

  /// A signed frame that was sent so long ago that its instance may have been forgotten, or that is to be
  /// kept for a day when it will be, could be played again.
  private func refuseStale(_ now: UInt64) throws(PushRefusal) {
    let sent = frame.header.sentMilliseconds
    let isLate = sent < now && now - sent > pastMilliseconds
    let isEarly = sent > now && sent - now > PushPipeline.futureMilliseconds
    if frame.header.isSigned && (isLate || isEarly) { throw .replayed }
  }

  /// How far ahead a sender's clock may be.
  static let futureMilliseconds: UInt64 = 60 * 60 * 1_000

  private var nowMilliseconds: UInt64 {
    UInt64(clamping: now().inMilliseconds)
  }
}
