// Safety: the actor holds the executor that it names, so that the unowned reference never dangles.

import WeirBytes
import WeirCluster
import WeirClusterView
import WeirSockets

/// Reads the log, and applies each message to the view: the one place that does.
actor ClusterReader {
  /// A read blocks, so this queue does nothing else.
  private nonisolated let executor = DispatchQueueExecutor(label: "weir.cluster.read")
  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  /// How long a read waits for a message. Whoever wants something else of the view waits as long.
  static let readMilliseconds = 100
  /// The pause after a read that failed.
  static let pauseMilliseconds = 100

  private let node: UInt64
  private var view: ClusterView
  private let settings: ClusterView.Settings
  private let log: any OrderedLog
  private let states: ClusterStates
  private let shown: ShownSeries
  private let markers: ClusterMarkers
  private let nodes: ClusterNodes
  private let standing: ClusterStanding
  private let meter: ClusterMeter
  private let journal: Log
  private let clock: @Sendable () -> UInt64

  init(
    _ view: consuming ClusterView, _ settings: ClusterView.Settings, node: UInt64,
    log: any OrderedLog, states: ClusterStates, shown: ShownSeries, markers: ClusterMarkers,
    nodes: ClusterNodes,
    standing: ClusterStanding, meter: ClusterMeter, journal: Log,
    clock: @escaping @Sendable () -> UInt64
  ) {
    self.node = node
    self.view = view
    self.settings = settings
    self.log = log
    self.states = states
    self.shown = shown
    self.markers = markers
    self.nodes = nodes
    self.standing = standing
    self.meter = meter
    self.journal = journal
    self.clock = clock
  }

  /// Runs until its task is cancelled, or the log can't be read any more.
  func run() async {
    while !Task.isCancelled {
      do throws(LogFailure) {
        let messages = try log.read(
          after: view.sequence, milliseconds: ClusterReader.readMilliseconds)
        guard apply(messages) else { return }
      } catch {
        switch error {
        case .gap(let first): guard await loadAgain(first) else { return }
        case .streamReplaced: return stop(ClusterSentence.replaced)
        case .closed: return
        default:
          try? await Task.sleep(for: .milliseconds(ClusterReader.pauseMilliseconds))
        }
      }
      // So that others get their turn.
      await Task.yield()
    }
  }

  /// The view as the bytes of a state file, and its last message.
  func state() -> (bytes: [UInt8], sequence: UInt64) { (view.state(), view.sequence) }

  /// - Returns: False where a message can't be applied, so that the node has stopped.
  private func apply(_ messages: [LogMessage]) -> Bool {
    guard let last = messages.last else { return true }
    var arrived: UInt64 = 0
    for message in messages {
      var isDigestAsked = false
      do throws(ClusterMessageReader.Refusal) {
        try view.apply(
          message.payload, sequence: message.sequence, milliseconds: message.timeMilliseconds
        ) { [node] from, entry, payload in
          switch entry {
          case .marker where from == node:
            var cursor = ByteCursor(payload.span, from: 0, to: payload.count)
            arrived = max(arrived, cursor.varint())
          case .state:
            if let note = ClusterStateNote(payload.span) {
              states.note(note, from: from, at: message.timeMilliseconds)
            }
          case .hello:
            if let hello = ClusterHello(payload.span) {
              nodes.note(hello, from: from, at: message.timeMilliseconds)
            }
          case .digest:
            switch ClusterDigestNote(payload.span) {
            case .asked: isDigestAsked = true
            case .made(let sequence, let digest): compare(digest, asOf: sequence, from: from)
            case nil: break
            }
          case .marker, .frame, .applicationFrame: break
          }
        }
      } catch {
        stop(ClusterSentence.unreadable(error, message.sequence))
        return false
      }
      if isDigestAsked {
        nodes.noteAsked(at: message.timeMilliseconds)
        nodes.put(own: view.digest(), asOf: message.sequence)
      }
    }
    if standing.applied(last.sequence, message: last.timeMilliseconds, at: clock()) {
      journal.info("the node has caught up", ["sequence": .init(Int(clamping: last.sequence))])
    }
    meter.update { $0.view = view.totals }
    if arrived > 0 { markers.arrived(arrived) }
    return true
  }

  private nonisolated func compare(_ digest: UInt64, asOf sequence: UInt64, from number: UInt64) {
    guard let (first, second) = nodes.note(digest: digest, asOf: sequence, from: number) else {
      return
    }
    journal.error(
      "two nodes show different series, which must not happen; keep the states of both and report it",
      [
        "nodes": .text("\(first), \(second)"), "message": .init(Int(clamping: sequence)),
      ])
  }

  /// Goes on from the newest state in the store, because messages that were not read are gone.
  ///
  /// - Returns: False where there is none, so that the node has stopped.
  private func loadAgain(_ first: UInt64) async -> Bool {
    journal.warn(
      "messages of the log are gone before they were read; loading the newest state",
      ["read": .init(Int(clamping: view.sequence)), "first": .init(Int(clamping: first))])
    do {
      let end = try log.bounds(milliseconds: 2_000).last
      let loaded = try states.load(settings, from: first)
      shown.replace(loaded.aggregator, loaded.owners)
      view = loaded
      meter.update { $0.gaps += 1 }
      standing.join(until: end)
      return true
    } catch let failure as LogFailure where failure.isPassing {
      // The next read finds the same gap.
      try? await Task.sleep(for: .milliseconds(ClusterReader.pauseMilliseconds))
      return true
    } catch {
      stop(ClusterSentence.noState(first, "\(error)"))
      return false
    }
  }

  private func stop(_ sentence: String) {
    standing.stop(sentence)
    markers.end()
    journal.error("this node shows nothing any more", ["error": .text(sentence)])
  }
}
