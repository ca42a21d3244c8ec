import Synchronization
import WeirAggregation
import WeirBytes
import WeirCluster
import WeirForwarding
import WeirPush
import WeirState

/// A node of a cluster: what comes in goes to the log, and what scrapes show comes back from it.
///
///     lines ──▶ aggregator ──▶ forwarder ─┐                           ┌─▶ view ──▶ scrapes, pages
///     frames ─────────────────▶ desk ─────┴─▶ log hop ──▶ log ──▶ reader
///     scrape ── marker ───────────────────────▲                       └─▶ marker: the scrape goes on
final class Cluster: Sendable {
  struct Settings: Sendable {
    var node: UInt64
    var stream: String
    /// As they are shown: without passwords.
    var servers: String
    /// Of this node, as the others show it, and where it serves.
    var name = ""
    var address = ""
    var barrier = Duration.seconds(2)
    var readsLocally = false
  }

  /// How long frames of others wait for more, so that many share a message.
  static let gatherMilliseconds = 50
  /// The pause after which a marker is sent again.
  static let markerMilliseconds = 300
  /// Without a message for so long a node writes one, because messages are the clock of the view.
  static let quietMilliseconds: UInt64 = 1_000
  /// The pause after a state that could not be stored.
  static let retryMilliseconds: UInt64 = 15_000
  /// Without a message for so long it is not ready, because nodes write one each second.
  static let silentMilliseconds: UInt64 = 15_000
  /// How often a node says who it is.
  static let helloMilliseconds: UInt64 = 10_000

  /// How logs and pages name this node.
  var name: String { settings.name }

  let meter: ClusterMeter
  let standing: ClusterStanding
  let shown: ShownSeries
  let hop: LogHop
  private let settings: Settings
  private let log: any OrderedLog
  private let desk: ForwardDesk
  private let forwarder: Forwarder
  private let reader: ClusterReader
  private let outcomes: OutcomeReader
  private let markers: ClusterMarkers
  let nodes: ClusterNodes
  private let states: ClusterStates
  private let uploader: StateUploader
  /// Looks after the log and the store.
  let watch: ClusterWatch
  private let journal: Log
  private let clock: @Sendable () -> UInt64
  /// Whether `finish` was called.
  private let isEnding = Atomic(false)

  init(
    _ settings: Settings, log: any OrderedLog, desk: ForwardDesk, hop: LogHop,
    forwarder: Forwarder, reader: ClusterReader, markers: ClusterMarkers, nodes: ClusterNodes,
    states: ClusterStates,
    shown: ShownSeries, standing: ClusterStanding, meter: ClusterMeter, journal: Log,
    clock: @escaping @Sendable () -> UInt64
  ) {
    self.settings = settings
    self.log = log
    self.desk = desk
    self.hop = hop
    self.forwarder = forwarder
    self.reader = reader
    outcomes = OutcomeReader(hop)
    self.markers = markers
    self.nodes = nodes
    self.states = states
    uploader = StateUploader(states, log)
    watch = ClusterWatch(log, states, meter)
    self.shown = shown
    self.standing = standing
    self.meter = meter
    self.journal = journal
    self.clock = clock
    desk.onWaiting {
      Task {
        try? await Task.sleep(for: .milliseconds(Cluster.gatherMilliseconds))
        await desk.drain(to: hop)
      }
    }
  }

  /// Runs until its task is cancelled.
  func run() async {
    await withTaskGroup { group in
      group.addTask { [reader] in await reader.run() }
      group.addTask { [forwarder] in await forwarder.run() }
      group.addTask { await self.outcomes.run() }
      group.addTask { await self.repeatFrames() }
      group.addTask { [watch] in await watch.run() }
      group.addTask { await self.keepTime() }
    }
  }

  /// Sends frames of others again that are not in the log.
  private func repeatFrames() async {
    while (try? await Task.sleep(for: .milliseconds(Forwarding.relayMilliseconds))) != nil {
      let due = desk.takeDue()
      if !due.isEmpty { _ = await hop.send(due) }
    }
  }

  /// Says who it is, writes a message when there is none, compares views, and writes a state when one is due.
  private func keepTime() async {
    var greetedAt: UInt64?
    var relief = LogRelief()
    var triedAt: UInt64?
    while (try? await Task.sleep(for: .milliseconds(250))) != nil {
      let reading = standing.reading
      // A log that begins again begins without it.
      if case .stopped = reading.course { continue }
      if greetedAt.map({ clock() > $0 + Cluster.helloMilliseconds }) ?? true {
        greetedAt = clock()
        await greet(reading.course == .current ? .current : .joining)
      } else if clock() > reading.appliedAtMilliseconds + Cluster.quietMilliseconds {
        _ = await hop.post { _ in }
      }
      if let own = nodes.takeOwn() { _ = await hop.post { $0.append(.digest, own.bytes) } }
      guard case .current = reading.course else { continue }
      // Then nodes can't agree who writes, and each may.
      if relief.isDue(refused: meter.reading.postsFull, at: clock()) { await writeState() }
      if nodes.isCompareDue(at: reading.messageMilliseconds) {
        _ = await hop.post { $0.append(.digest, ClusterDigestNote.asked.bytes) }
      }
      if states.isWriter(settings.node) {
        guard triedAt.map({ clock() > $0 + Cluster.retryMilliseconds }) ?? true else { continue }
        triedAt = await writeState() ? nil : clock()
      } else if states.isDue(at: reading.messageMilliseconds) {
        _ = await hop.post { $0.append(.state, ClusterStateNote.writing.bytes) }
        // Its own note comes back meanwhile.
        try? await Task.sleep(for: .milliseconds(1_000))
      }
    }
  }

  private func greet(_ course: ClusterHello.Course) async {
    let hello = ClusterHello(
      name: settings.name, address: settings.address, version: Version.current,
      sequence: standing.reading.sequence, course: course)
    _ = await hop.post { $0.append(.hello, hello.bytes) }
  }

  /// - Returns: Whether it is in the store.
  @discardableResult
  private func writeState() async -> Bool {
    guard let (bytes, sequence) = await reader.state() else { return false }
    do {
      let needed = try await uploader.put(bytes, sequence: sequence)
      let note = ClusterStateNote.stored(sequence: sequence)
      _ = await hop.post { $0.append(.state, note.bytes) }
      meter.update { $0.statesStored += 1 }
      if needed > 0 { try await uploader.trim(through: needed) }
      return true
    } catch {
      meter.update { $0.statesFailed += 1 }
      journal.warn("the state could not be put into the store", ["error": .text("\(error)")])
      return false
    }
  }

  /// Makes what a scrape shows at least as new as what any scrape that ended before it has shown, on any node.
  ///
  /// - Parameter deadline: Of the scrape.
  /// - Returns: Nil, or why it can't be answered.
  func barrier(until deadline: ContinuousClock.Instant?) async -> String? {
    if isEnding.load(ordering: .acquiring) { return ClusterSentence.stopping }
    if case .stopped(let sentence) = standing.reading.course { return sentence }
    if case .joining(let end) = standing.reading.course {
      return
        "this node has applied message \(standing.reading.sequence) of \(end), and is not ready yet"
    }
    if settings.readsLocally { return nil }
    let start = ContinuousClock.now
    let full = meter.reading.postsFull
    var end = start + settings.barrier
    if let deadline { end = min(end, deadline) }
    await forwarder.flush()
    await desk.drain(to: hop)
    let number = markers.begin()
    while !markers.hasArrived(number), !markers.isEnded, ContinuousClock.now < end {
      _ = await hop.post { $0.append(marker: number) }
      let pause = min(end - .now, .milliseconds(Cluster.markerMilliseconds))
      let alarm = Task { [markers] in
        try? await Task.sleep(for: pause)
        // Again and again, because it may not wait yet.
        repeat { markers.wake(number) } while await markers.rests()
      }
      await markers.wait(for: number)
      alarm.cancel()
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let hasArrived = markers.hasArrived(number)
    meter.update {
      $0.barriers += 1
      $0.barrierSeconds += seconds
      if hasArrived { $0.lastMarkerSeconds = Log.wallSeconds() } else { $0.barriersFailed += 1 }
    }
    if hasArrived { return nil }
    if isEnding.load(ordering: .acquiring) { return ClusterSentence.stopping }
    if case .stopped(let sentence) = standing.reading.course { return sentence }
    if meter.reading.postsFull > full { return ClusterSentence.full(stream: settings.stream) }
    return ClusterSentence.noMarker(
      settings.barrier / .seconds(1), log.connection, servers: settings.servers,
      stream: settings.stream)
  }

  /// What own metrics show of it.
  struct Reading: Sendable {
    /// The number of this node, its name, and the servers without passwords.
    var number: UInt64
    var name: String
    var servers: String
    /// Frames of applications that came in here.
    var framesTaken: Int
    var meter: ClusterMeter.Reading
    var standing: ClusterStanding.Reading
    var connection: LogConnection
    var isReady: Bool
    var nodes: [ClusterNodes.Node]
    var isDiverged: Bool
    var quietSeconds: Double
  }

  var reading: Reading {
    let standing = standing.reading
    return Reading(
      number: settings.node, name: settings.name, servers: settings.servers,
      framesTaken: desk.relayTotals.passed, meter: meter.reading, standing: standing,
      connection: log.connection,
      isReady: unreadiness == nil, nodes: nodes.all, isDiverged: nodes.isDiverged,
      quietSeconds: Double(clock() - min(clock(), standing.appliedAtMilliseconds)) / 1_000)
  }

  /// Why the node is not ready; nil if it is.
  var unreadiness: String? {
    if isEnding.load(ordering: .acquiring) { return ClusterSentence.stopping }
    switch standing.reading.course {
    case .stopped(let sentence): return sentence
    case .joining(let end):
      return "the node has applied message \(standing.reading.sequence) of \(end)"
    case .current:
      guard log.connection.isConnected else {
        return "this node has no connection to NATS (\(settings.servers)); it tries again"
      }
      let applied = standing.reading.appliedAtMilliseconds
      let now = clock()
      let quiet = now - min(now, applied)
      return quiet < Cluster.silentMilliseconds
        ? nil : ClusterSentence.silent(seconds: quiet / 1_000, stream: settings.stream)
    }
  }

  /// Sends what is still to be sent, and saves the state. Called after the receivers have stopped.
  func finish() async {
    let end = ContinuousClock.now + .milliseconds(Int(Forwarder.stopMilliseconds))
    // The task of `run` was cancelled, and with it what brings markers back.
    isEnding.store(true, ordering: .releasing)
    markers.end()
    // So was what reads outcomes, which the last frames still need.
    let reading = Task { [outcomes] in await outcomes.run() }
    defer { reading.cancel() }
    let forwarder = forwarder
    let isStored = await isTrue(before: end + Forwarding.stopGrace) { await forwarder.finish() }
    if !isStored { journal.warn("stopped before the log had everything that was counted here") }
    await greet(.stopping)
    if let (bytes, sequence) = await reader.state() {
      do {
        try states.save(bytes, number: sequence)
      } catch {
        journal.error("the state is not saved", ["error": .text(error.description)])
      }
    }
    await hop.stop()
    log.close()
  }
}
