import Synchronization
import WeirBytes
import WeirConfiguration
import WeirSockets
import WeirWire

/// Passes each line on to other servers, as it came.
///
///     pipeline ── LineRelayTap ── LinePacker ─┐         ┌─ LineRelayTarget ── queue ── socket
///     pipeline ── LineRelayTap ── LinePacker ─┼─ send ──┤
///     pipeline ── LineRelayTap ── LinePacker ─┘         └─ LineRelayTarget ── queue ── socket
///
/// A pipeline packs the lines of a batch, under a lock that only the flush takes besides. Full packets go to
/// the queue of each target, which never waits; each target sends on a Dispatch queue of its own.
final class LineRelay: Sendable {
  /// The longest time that a line waits for others.
  static let flushInterval = Duration.seconds(1)
  /// How long targets have at a stop to send what waits for them.
  static let stopLimit = Duration.seconds(1)
  /// How much later than that a stop goes on without them.
  static let stopGrace = Duration.milliseconds(250)

  let targets: [LineRelayTarget]
  private let packetBytes: Int
  private let own: OwnAddresses
  private let packers = Locked<[ObjectIdentifier: LineRelayPacker]>([:])
  private let longLines = Atomic(0)
  private let log: Log

  /// Nil where nothing is relayed.
  convenience init?(_ options: Options.Relay, log: Log) throws(StartError) {
    guard !options.addresses.isEmpty else { return nil }
    let own = OwnAddresses()
    let targets = try LineRelay.addresses(options).map {
      LineRelayTarget($0.text, log: log, connect: own.connector(to: $0.address))
    }
    self.init(targets: targets, packetBytes: options.packetBytes, own: own, log: log)
  }

  init(
    targets: [LineRelayTarget], packetBytes: Int, own: OwnAddresses = OwnAddresses(), log: Log
  ) {
    self.targets = targets
    self.packetBytes = packetBytes
    self.own = own
    self.log = log
  }

  /// Learns where this Weir receives, after all addresses are bound.
  ///
  /// - Throws: `StartError` if lines would be relayed to this Weir itself.
  func begin(_ options: Options.Relay, listeners: [SocketName]) throws(StartError) {
    own.set(listeners)
    try LineRelay.check(options, listeners: listeners)
  }

  func report() {
    for target in targets {
      log.info(
        "relaying lines", ["to": .text(target.name), "packet_bytes": .init(packetBytes)])
    }
  }

  /// Refuses addresses at which this Weir itself receives.
  ///
  /// A name that can't be resolved now is resolved later.
  static func check(
    _ options: Options.Relay, listeners: [SocketName]
  ) throws(StartError) {
    for (text, address) in try addresses(options) {
      guard let own = OwnAddresses.first(of: listeners, receiving: address) else { continue }
      throw StartError(
        description: "--statsd.relay.address: \(text) is this Weir itself, which listens on "
          + "\(own.description); write the address of another server")
    }
  }

  private static func addresses(
    _ options: Options.Relay
  ) throws(StartError) -> [(text: String, address: RelayAddress)] {
    try options.addresses.map { text throws(StartError) in
      (text: text, address: try startStep { () throws(UsageError) in try RelayAddress(text) })
    }
  }

  /// What a pipeline gives its lines to, for as long as it holds it.
  func tap() -> LineRelayTap {
    let packer = LineRelayPacker(packetBytes: packetBytes)
    packers.withLock { $0[ObjectIdentifier(packer)] = packer }
    return LineRelayTap(relay: self, packer: packer)
  }

  /// Sends what a tap has not sent, and forgets it.
  fileprivate func remove(_ packer: LineRelayPacker) {
    _ = packers.withLock { $0.removeValue(forKey: ObjectIdentifier(packer)) }
    send(packer.take(open: true))
  }

  fileprivate func send(_ taken: LineRelayPacker.Taken) {
    if taken.longLines > 0 { longLines.add(taken.longLines, ordering: .relaxed) }
    guard let lines = taken.lines else { return }
    for target in targets { target.offer(lines) }
  }

  /// Sends packets that are not full each second, until its task is cancelled.
  func run() async {
    while true {
      do {
        try await Task.sleep(for: LineRelay.flushInterval)
      } catch {
        return
      }
      flush()
      for target in targets { target.reportFull() }
    }
  }

  /// Sends packets that are not full.
  func flush() {
    let packers = packers.withLock { Array($0.values) }
    for packer in packers { send(packer.take(open: true)) }
  }

  /// Sends what is left. Called after the last line was received.
  func finish() async {
    flush()
    let end = ContinuousClock.now + LineRelay.stopLimit
    let targets = targets
    // A target may be waiting for a name to be resolved, which can't be interrupted.
    _ = await isTrue(before: end + LineRelay.stopGrace) {
      await withTaskGroup { group in
        for target in targets { group.addTask { await target.finish(by: end) } }
      }
      return true
    }
  }

  struct Reading: Sendable {
    var targets: [(name: String, totals: LineRelayTotals)]
    var longLines: Int
  }

  func reading() -> Reading {
    Reading(
      targets: targets.map { ($0.name, $0.totals) }, longLines: longLines.load(ordering: .relaxed))
  }
}

/// Where one pipeline leaves the lines that it has received.
final class LineRelayTap: Sendable {
  private let relay: LineRelay
  private let packer: LineRelayPacker

  fileprivate init(relay: LineRelay, packer: LineRelayPacker) {
    self.relay = relay
    self.packer = packer
  }

  deinit { relay.remove(packer) }

  /// Packs the lines of a batch that a listener with this filter takes, and sends what is full.
  func add(
    _ messages: borrowing some MessageBatch & ~Copyable, admission: ListenerFilter
  ) {
    relay.send(packer.add(messages, admission: admission))
  }
}
