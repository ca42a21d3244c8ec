import Glibc
import Testing
import WeirAggregation
import WeirBytes
import WeirForwarding
import WeirHTTP
import WeirMetrics
import WeirPush
import WeirSecurity
import WeirSockets
import WeirWire

@testable import WeirConfiguration
@testable import WeirDaemon

/// What tests of the desk share: a Weir that passes frames on, its clients' frames, and the next hop's answers.
protocol DeskFixture: Sendable {
  /// The clock of the desks.
  var clock: ManualMilliseconds { get }
}

/// Milliseconds that a test moves.
final class ManualMilliseconds: Sendable {
  private let state = Locked<UInt64>(0)

  var now: UInt64 { state.withLock { $0 } }

  func set(_ milliseconds: UInt64) { state.withLock { $0 = milliseconds } }
}

extension DeskFixture {
  /// The instance as which the Weir forwards, and that of its client.
  static var ownInstance: UInt64 { 9 }
  static var client: UInt64 { 7 }
  /// The key of the forwarder.
  static var key: ForwardKey {
    ForwardKey(
      id: Array("k".utf8), message: MessageKey(secret: [UInt8](repeating: 7, count: 16)))
  }

  var log: Log { Log(level: .error, format: .logfmt, descriptor: -1) }

  func desk(
    _ instance: UInt64 = 9, key: ForwardKey? = nil, confirmsAll: Bool = false,
    limits change: (inout RelayLimits) -> Void = { _ in }
  ) -> ForwardDesk {
    var limits = RelayLimits()
    change(&limits)
    let clock = clock
    return ForwardDesk(
      instance: instance, key: key, confirmsAll: confirmsAll, limits: limits,
      clock: { clock.now }, wallSeconds: { 1_700_000_001 })
  }

  /// A Weir that passes frames on. It knows the key of the clients.
  func weir(_ desk: ForwardDesk, knowsKeys: Bool = false) -> Pushed {
    var pushed = Pushed(aggregator: Aggregator(), limits: OwnerLimits())
    pushed.forward = desk
    if knowsKeys {
      let secret = [UInt8](repeating: 5, count: 16)
      pushed.keyring.use(
        PushKeysFile(keys: [PushKeysFile.Key(id: "client", secret: secret)], warnings: []))
    }
    return pushed
  }

  func pipeline(_ pushed: Pushed) -> PushPipeline {
    PushPipeline(pushed, now: { PipelineHarness.time })
  }

  func ingest(
    _ bytes: [UInt8], into pipeline: inout PushPipeline, _ request: RelayedRequest? = nil
  ) throws(PushRefusal) -> PushAnswer? {
    try pipeline.ingest(bytes.span, from: 0, to: bytes.count, request: request)
  }

  func frame(_ sequence: UInt64, flags: PushFormat.Flags = .confirm) -> [UInt8] {
    TestServer.frame(Self.client, sequence, [], flags: flags)
  }

  /// A frame that a client has signed.
  func signedFrame(_ sequence: UInt64, flags: PushFormat.Flags = []) -> [UInt8] {
    var frame = ByteWriter()
    PushFrameHead(
      instance: Self.client, startMilliseconds: 1_767_323_000_000, sequence: sequence,
      ageMilliseconds: 0, flags: flags, keyID: Array("client".utf8)
    ).write(to: &frame)
    frame.append([0, 0, 0] as [UInt8])
    let key = MessageKey(secret: [UInt8](repeating: 5, count: 16))
    let bytes = frame.bytes
    return bytes + (key.tag(of: bytes.span, in: 0..<bytes.count) ?? [])
  }

  /// A frame of this length, filled with a string that nothing uses.
  func frame(_ sequence: UInt64, bytes: Int) -> [UInt8] {
    let bare = frame(sequence).dropLast(3)
    // The number of strings, three bytes of their length, no labels, no bounds.
    let length = bytes - bare.count - 6
    var writer = ByteWriter()
    writer.append(Array(bare))
    writer.append(1 as UInt8)
    writer.append(varint: UInt64(length))
    writer.append([UInt8](repeating: UInt8(ascii: "x"), count: length) + [0, 0])
    precondition(writer.bytes.count == bytes)
    return writer.bytes
  }

  /// What the next hop answers to a frame.
  func answer(_ sequence: UInt64, _ key: ForwardKey? = nil) -> [UInt8] {
    var writer = ByteWriter()
    PushFrameHead.writeAnswer(
      to: Self.client, sequence: sequence, isSigned: key != nil, into: &writer)
    let bytes = writer.bytes
    return bytes + (key?.message.tag(of: bytes.span, in: 0..<bytes.count) ?? [])
  }

  func name(_ sequence: UInt64) -> FrameBatch.Name {
    .init(instance: Self.client, sequence: sequence)
  }

  /// The frames that wait for the next hop.
  func taken(_ desk: ForwardDesk) async -> [[UInt8]] {
    let hop = FakeHop(desk, answers: false)
    await desk.drain(to: hop)
    return await hop.frames
  }
}
