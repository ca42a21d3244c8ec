import WeirBytes
import WeirForwarding
import WeirPush
import WeirSecurity
import WeirSockets

/// What receivers, the forwarder and the next hop share: frames to be passed on, and answers.
///
///     receivers ── pass ──▶ relay, outbox ── wake ──▶ next hop
///     next hop ── hear ──▶ answers: of own frames to the forwarder, of others to who waits
final class ForwardDesk: Sendable {
  /// Who waits for the next hop's answer to a frame.
  enum Reply: Sendable {
    /// A client, with the answer that it gets.
    case datagram(AnswerSocket, SocketAddress, answer: [UInt8])
    /// A request over HTTP.
    case request(RelayedRequest)
  }

  private struct State {
    var relay: FrameRelay<Reply>
    /// Frames to be sent to the next hop now.
    var outbox = FrameBatch()
    var isWoken = false
    /// Own frames that were confirmed since the forwarder asked.
    var confirmed: [UInt64] = []

    enum Posted { case full, wake, waits }

    /// Puts a frame into the outbox, if it fits.
    mutating func post(
      _ frame: [UInt8], _ name: FrameBatch.Name, isRestricted: Bool = false
    ) -> Posted {
      guard outbox.bytes.count + frame.count <= ForwardDesk.outboxBytesMax else { return .full }
      outbox.append(frame, name, isRestricted: isRestricted)
      defer { isWoken = true }
      return isWoken ? .waits : .wake
    }
  }

  /// The most bytes that wait for the next hop; those of the relay are limited, too.
  static let outboxBytesMax = 8 << 20

  let instance: UInt64
  let meter = ForwardMeter()
  private let key: ForwardKey?
  /// Whether the next hop confirms frames that ask for no answer, too, as one over HTTP does.
  private let confirmsAll: Bool
  private let state: Locked<State>
  private let clock: @Sendable () -> UInt64
  private let wallSeconds: @Sendable () -> Double
  private let wake: Locked<(@Sendable () -> Void)?> = Locked(nil)

  /// - Parameters:
  ///   - instance: As which this Weir forwards.
  ///   - clock: Milliseconds that only grow.
  init(
    instance: UInt64, key: ForwardKey?, confirmsAll: Bool = false,
    limits: RelayLimits = RelayLimits(),
    clock: @escaping @Sendable () -> UInt64, wallSeconds: @escaping @Sendable () -> Double
  ) {
    self.instance = instance
    self.key = key
    self.confirmsAll = confirmsAll
    self.clock = clock
    self.wallSeconds = wallSeconds
    state = Locked(State(relay: FrameRelay(limits)))
  }

  /// Sets what is called when frames are waiting in the outbox.
  func onWaiting(_ body: @escaping @Sendable () -> Void) { wake.withLock { $0 = body } }

  var relayTotals: RelayTotals { state.withLock { $0.relay.totals } }

  /// Passes a frame on.
  ///
  /// - Parameters:
  ///   - frame: As it is sent.
  ///   - answer: What the next hop will answer.
  ///   - reply: Who waits for the answer; nil for nobody.
  func pass(
    _ name: FrameBatch.Name, frame: [UInt8], answer: [UInt8], reply: Reply?,
    isRestricted: Bool = false
  ) -> FrameRelay<Reply>.Verdict {
    let now = clock()
    // Before the frame is known, because its answer may come at once.
    if case .request(let request) = reply { request.expectOne() }
    let (verdict, isToWake) = state.withLock { state in
      let verdict = state.relay.take(
        name, frame: frame, answer: answer, reply: reply, isRestricted: isRestricted, at: now)
      guard verdict == .pass || verdict == .passOnly else { return (verdict, false) }
      // A frame that is kept and does not fit is sent when it is due again. Others are counted as dropped already.
      return (verdict, state.post(frame, name, isRestricted: isRestricted) == .wake)
    }
    if isToWake { wake.withLock { $0 }?() }
    // It is answered already. A frame that could not be kept gets no answer, and its request none in time.
    if verdict == .answered, case .request(let request) = reply { request.confirmOne() }
    return verdict
  }

  /// Passes a frame on that was received.
  ///
  /// An unsigned frame asks for an answer from now on, and is signed if there is a key. A signed one stays as it
  /// is. If its sender asked for no answer, a next hop over UDP sends none. Then it is passed on once, and a request
  /// over HTTP can't be confirmed.
  ///
  /// - Parameter isRestricted: Whether it counts as an application's, which the log of a cluster is told. Another Weir
  ///   knows it by the key.
  /// - Returns: Whether the next hop has answered the frame before, so that it is to be answered at once.
  func pass(
    _ bytes: Span<UInt8>, from start: Int, to end: Int, _ header: PushHeader,
    key signedBy: MessageKey?, reply: Reply?, isRestricted: Bool = false
  ) -> Bool {
    var frame = [UInt8](capacity: end - start + 64) { output in
      for index in start..<end { output.append(bytes[index]) }
    }
    let name = FrameBatch.Name(
      instance: header.instance.number, sequence: header.sequence)
    var expected = ByteWriter(capacity: 40)
    let signer = header.isSigned ? signedBy : key?.message
    PushFrameHead.writeAnswer(
      to: name.instance, sequence: name.sequence, isSigned: signer != nil, into: &expected)
    var answer = expected.bytes
    if let signer, let tag = signer.tag(of: answer.span, in: 0..<answer.count) { answer += tag }
    if !header.isSigned, !sign(&frame) {
      state.withLock { $0.relay.countDropped() }
      ForwardDesk.refuse(
        reply, "a frame is too long to be signed by a forwarder; make frames shorter")
      return false
    }
    if header.isSigned && !header.wantsAnswer && !confirmsAll {
      post(frame, name)
      ForwardDesk.refuse(
        reply, "the next hop confirms no signed frame without confirm; set confirm in each frame")
      return false
    }
    return pass(
      name, frame: frame, answer: answer, reply: reply, isRestricted: isRestricted) == .answered
  }

  private static func refuse(_ reply: Reply?, _ sentence: String) {
    guard case .request(let request) = reply else { return }
    request.expectOne()
    request.giveUp(sentence)
  }

  /// Makes an unsigned frame ask for an answer, and signs it if there is a key.
  ///
  /// - Returns: False where it could not be signed, or has become longer than a frame may be.
  private func sign(_ frame: inout [UInt8]) -> Bool {
    let flags = PushFormat.versionOffset + 1
    frame[flags] |= PushFormat.Flags.confirm.rawValue
    guard let key else { return true }
    frame[flags] |= PushFormat.Flags.signed.rawValue
    frame.insert(contentsOf: [UInt8(key.id.count)] + key.id, at: flags + 1)
    guard let tag = key.message.tag(of: frame.span, in: 0..<frame.count) else { return false }
    frame += tag
    return frame.count <= PushFormat.frameBytesMax
  }

  /// Sends a frame without waiting for an answer, unless it was sent moments ago.
  private func post(_ frame: [UInt8], _ name: FrameBatch.Name) {
    let now = clock()
    let isToWake = state.withLock { state in
      guard state.relay.passOnce(name, at: now) else { return false }
      let posted = state.post(frame, name)
      if posted == .full { state.relay.countDropped() }
      return posted == .wake
    }
    if isToWake { wake.withLock { $0 }?() }
  }

  /// Sends the frames that wait, until none is left.
  ///
  /// Only one task that was woken runs this at a time. In a cluster scrapes may run it at the same time. So while the next
  /// hop blocks, no more waits than a batch of each and the outbox.
  func drain(to hop: any NextHop) async {
    while true {
      let batch = takeOutbox()
      if batch.isEmpty { return }
      _ = await hop.send(batch)
    }
  }

  /// Takes the frames that wait; none ends the turn of who takes them.
  private func takeOutbox() -> FrameBatch {
    state.withLock { state in
      var batch = FrameBatch()
      swap(&batch, &state.outbox)
      if batch.isEmpty { state.isWoken = false }
      return batch
    }
  }

  func takeDue() -> FrameBatch {
    let now = clock()
    return state.withLock { $0.relay.due(at: now) }
  }

  /// Own frames that were confirmed since the last call.
  func takeConfirmed() -> [UInt64] {
    state.withLock { state in
      var confirmed: [UInt64] = []
      swap(&confirmed, &state.confirmed)
      return confirmed
    }
  }

  /// Takes in datagrams of the next hop.
  func hear(_ answers: [[UInt8]]) {
    var own: [UInt64] = []
    for answer in answers {
      guard let head = PushAnswerHead(answer.span, 0..<answer.count) else { continue }
      if head.instance == instance {
        if isAuthentic(answer, head) { own.append(head.sequence) }
      } else {
        settle(.init(instance: head.instance, sequence: head.sequence), answer)
      }
    }
    confirmOwn(own)
  }

  /// Notes that the next hop has taken in whole frames, as a 204 says.
  func hearAll(_ names: [FrameBatch.Name]) {
    var own: [UInt64] = []
    for name in names {
      if name.instance == instance { own.append(name.sequence) } else { settle(name, nil) }
    }
    confirmOwn(own)
  }

  private func isAuthentic(_ answer: [UInt8], _ head: PushAnswerHead) -> Bool {
    guard let key else { return !head.isSigned }
    return head.isSigned && key.message.verifies(answer.span, in: 0..<head.bodyEnd)
  }

  private func confirmOwn(_ sequences: [UInt64]) {
    if sequences.isEmpty { return }
    state.withLock { $0.confirmed += sequences }
    let now = wallSeconds()
    meter.update { $0.lastConfirmedSeconds = now }
  }

  private func settle(_ name: FrameBatch.Name, _ answer: [UInt8]?) {
    let replies = state.withLock { $0.relay.confirm(name, answer: answer) }
    for reply in replies {
      switch reply {
      case .datagram(let port, let address, let answer):
        _ = port.send(answer.span, to: address)
      case .request(let request): request.confirmOne()
      }
    }
  }
}

/// The key that signs forwarded frames.
struct ForwardKey: Sendable {
  let id: [UInt8]
  let message: MessageKey
}
