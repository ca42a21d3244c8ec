import WeirAggregation
import WeirConfiguration
import WeirForwarding
import WeirMetrics
import WeirSecurity
import WeirSockets

/// All parts of forwarding, from the options to the last frame.
struct Forwarding: Sendable {
  /// How often the outbox is looked at for frames that are due again.
  static let relayMilliseconds = 100
  /// What a stop may take longer than the forwarder's own limit. A look-up of a name or a request that began before
  /// the stop may block for longer, and is not waited for.
  static let stopGrace = Duration.milliseconds(250)

  let desk: ForwardDesk
  let instance: ForwarderInstance
  private let forwarder: Forwarder
  private let hop: any NextHop
  private let log: Log
  private let target: String

  /// What the parts before the aggregator need to know: instance and desk.
  struct Beginning: Sendable {
    let options: Options.Forward
    let target: Options.Forward.Target
    let key: ForwardKey?
    let instance: ForwarderInstance
    let desk: ForwardDesk
  }

  /// Loads the files, and chooses the instance; nil where nothing is forwarded.
  ///
  /// The instance of the state file goes on if the file was written here. Otherwise a new one begins, and what the
  /// file holds is not used: the next hop has it, and would count it again.
  static func begin(
    _ options: Options.Forward, _ opened: inout OpenedState?, log: Log
  ) throws(StartError) -> Beginning? {
    guard let target = options.target else { return nil }
    let files = try startStep { () throws(FileMistake) in try ForwardFiles(options) }
    for warning in files.warnings {
      log.warn("the key file of forwarding is not safe", ["mistake": .text(warning)])
    }
    let clock = bootMilliseconds
    let instance: ForwarderInstance
    if let saved = opened?.forwarder {
      instance = ForwarderInstance(saved, clock: clock)
    } else {
      if opened?.isEmpty == false {
        opened?.startEmpty(
          because: "it was not written by a Weir that forwarded from this directory, so that what "
            + "it holds would be counted twice")
      }
      instance = .fresh(
        wallMilliseconds: wallMilliseconds(), place: opened?.place ?? "", clock: clock)
    }
    let isHTTP = if case .url = target { true } else { false }
    return Beginning(
      options: options, target: target, key: files.key, instance: instance,
      desk: ForwardDesk(
        instance: instance.number, key: files.key, confirmsAll: isHTTP, clock: clock,
        wallSeconds: Log.wallSeconds))
  }

  /// - Parameter listeners: The addresses that this Weir receives at.
  init(
    _ beginning: Beginning, aggregator: Aggregator, listeners: [SocketAddress],
    state: ForwardState = ForwardState(), log: Log
  ) throws(StartError) {
    desk = beginning.desk
    instance = beginning.instance
    self.log = log
    var settings = ForwardFrames.Settings(
      instance: instance.number, startMilliseconds: instance.startMilliseconds,
      labels: beginning.options.labels.map { ForwardLabel($0.name, $0.value) },
      keyID: beginning.key?.id)
    if let key = beginning.key?.message { settings.sign = { key.tag(of: $0, in: $1) } }
    switch beginning.target {
    case .address(let address):
      try Forwarding.check(address, listeners)
      target = address
      hop = UDPNextHop(server: address, desk: desk, log: log)
    case .url(let url):
      try ForwardFiles.checkLibrary()
      target = url.description
      // In TCP long frames cost less, because each has its strings once.
      settings.frameBytes = 32_768
      hop = HTTPNextHop(
        url: url, desk: desk, log: log,
        makePost: HTTPNextHop.curl(url, caFile: beginning.options.caFile))
    }
    forwarder = Forwarder(
      aggregator: aggregator, instance: instance, frames: settings, desk: desk, hop: hop,
      state: state, log: log, wallMilliseconds: Forwarding.wallMilliseconds)
    let (desk, hop) = (desk, hop)
    desk.onWaiting { Task { await desk.drain(to: hop) } }
  }

  /// Refuses an address at which this Weir itself receives.
  static func check(
    _ text: String, _ listeners: [SocketAddress]
  ) throws(StartError) {
    // A name that can't be resolved now is resolved later.
    guard let targets = try? ListenAddress.resolve(text) else { return }
    for target in targets {
      guard let own = listeners.first(where: { $0.receives(target) }) else { continue }
      throw StartError(
        description: "--forward.address: \(text) is this Weir itself, which listens on "
          + "\(own.description); write the address of another Weir")
    }
  }

  /// Why a Weir with these options forgets no series; nil if it does.
  static func refusalToForget(_ options: Options) -> @Sendable () -> String? {
    let isForwarding = options.forward.target != nil
    let isNode = options.cluster.isEnabled
    return {
      if isNode {
        return
          "this Weir is a node of a cluster, whose nodes would no longer show the same; series go after "
          + "--series.ttl"
      }
      return isForwarding
        ? "this Weir forwards its series, so that forgetting them here would not remove them; "
          + "forget them at the Weir that it forwards to" : nil
    }
  }

  func report() {
    log.info("forwarding", ["to": .text(target), "instance": .text(hex(instance.number))])
  }

  /// Runs until its task is cancelled.
  func run() async {
    await withTaskGroup { group in
      group.addTask { await forwarder.run() }
      group.addTask { await repeatRelayed() }
    }
  }

  /// Sends relayed frames again that are not answered.
  private func repeatRelayed() async {
    while true {
      do {
        try await Task.sleep(for: .milliseconds(Forwarding.relayMilliseconds))
      } catch {
        return
      }
      let due = desk.takeDue()
      if !due.isEmpty { _ = await hop.send(due) }
    }
  }

  /// Sends what is still to be sent. Called after the receivers have stopped.
  ///
  /// - Parameter milliseconds: How long it may take.
  func finish(milliseconds: UInt64 = Forwarder.stopMilliseconds) async {
    let end = ContinuousClock.now + .milliseconds(Int(milliseconds))
    hop.end(by: end)
    let (forwarder, hop) = (forwarder, hop)
    let isConfirmed = await isTrue(before: end + Forwarding.stopGrace) {
      let isConfirmed = await forwarder.finish(milliseconds: milliseconds)
      await hop.stop()
      return isConfirmed
    }
    if !isConfirmed { log.warn("stopped before the next hop confirmed everything") }
  }

  private func hex(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// Milliseconds of a clock that includes the time in which the machine is suspended.
  static let bootMilliseconds: @Sendable () -> UInt64 = {
    let start = ContinuousClock.now
    return {
      let (seconds, attoseconds) = (ContinuousClock.now - start).components
      return UInt64(clamping: seconds) * 1_000
        + UInt64(clamping: attoseconds / 1_000_000_000_000_000)
    }
  }()

  static let wallMilliseconds: @Sendable () -> UInt64 = {
    UInt64(clamping: Log.wallClock().inMilliseconds)
  }
}
