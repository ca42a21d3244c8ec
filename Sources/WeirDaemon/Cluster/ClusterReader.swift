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

  /// How long a read waits for a message. Others that ask for the view wait as long.
  /// A scrape does not block this actor. Making a state or a digest does, and markers wait meanwhile.
  static let readMilliseconds = 100
  /// The pause after a read that failed.
  static let pauseMilliseconds = 100
  /// How long a question to the log may take.
  static let answerMilliseconds = 2_000
  /// The pause between two looks whether the log was begun again.
  static let resetPause = Duration.seconds(1)

  let node: UInt64
  var view: ClusterView
  var isBetweenOptions = false
  /// What the node is called, and what the log is.
  let name: String
  let stream: String
  var maker: ViewMaker
  let log: any OrderedLog
  let states: ClusterStates
  let shown: ShownSeries
  let markers: ClusterMarkers
  let nodes: ClusterNodes
  let standing: ClusterStanding
  let meter: ClusterMeter
  let journal: Log
  let clock: @Sendable () -> UInt64

  init(
    _ view: consuming ClusterView, _ maker: ViewMaker, node: UInt64, name: String, stream: String,
    log: any OrderedLog, states: ClusterStates, shown: ShownSeries, markers: ClusterMarkers,
    nodes: ClusterNodes,
    standing: ClusterStanding, meter: ClusterMeter, journal: Log,
    clock: @escaping @Sendable () -> UInt64
  ) {
    self.node = node
    self.view = view
    self.name = name
    self.stream = stream
    self.maker = maker
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
        if !apply(messages) { await waitForReset() }
      } catch {
        switch error {
        case .gap(let first): if await !loadAgain(first) { await waitForReset() }
        case .streamReplaced:
          stop(ClusterSentence.replaced)
          await waitForReset()
        case .closed: return
        default:
          try? await Task.sleep(for: .milliseconds(ClusterReader.pauseMilliseconds))
        }
      }
      // So that others get their turn.
      await Task.yield()
    }
  }

  /// The view as the bytes of a state file, and its last message; nil where nobody may go on from it.
  func state() -> (bytes: [UInt8], sequence: UInt64)? {
    isBetweenOptions ? nil : (view.state(), view.sequence)
  }

  /// - Returns: False where a message can't be applied, so that the node has stopped.
  private func apply(_ messages: [LogMessage]) -> Bool {
    guard let last = messages.last else { return true }
    var arrived: UInt64 = 0
    for message in messages {
      var isDigestAsked = false
      var changed: ClusterOptionsNote?
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
            case .asked: isDigestAsked = nodes.isAnswerDue(at: message.timeMilliseconds)
            case .made(let sequence, let digest): compare(digest, asOf: sequence, from: from)
            case nil: break
            }
          case .options: changed = ClusterOptionsNote(payload.span)
          case .marker, .frame, .applicationFrame: break
          }
        }
      } catch {
        guard let isWritten = isWritten(error) else { return false }
        if isWritten {
          stop(ClusterSentence.unreadable(error, message.sequence))
          return false
        }
        view.refuse(sequence: message.sequence, milliseconds: message.timeMilliseconds)
      }
      if let changed, !rebuild(changed) { return false }
      if isDigestAsked {
        nodes.noteAsked(at: message.timeMilliseconds)
        // While it joins, others have answered long ago.
        if case .current = standing.reading.course {
          nodes.put(own: view.digest(), asOf: message.sequence)
        }
      }
    }
    if standing.applied(last.sequence, message: last.timeMilliseconds, at: clock()) {
      journal.info("the node has caught up", ["sequence": .init(Int(clamping: last.sequence))])
    }
    meter.update { $0.view = view.totals }
    if arrived > 0 { markers.arrived(arrived) }
    return true
  }

  /// Whether nodes of this log write such messages; nil if the reader is to end before that is known.
  private func isWritten(_ refusal: ClusterMessageReader.Refusal) -> Bool? {
    guard case .newer(let version) = refusal else { return false }
    while !Task.isCancelled {
      if let bounds = try? log.bounds(milliseconds: ClusterReader.answerMilliseconds) {
        return ClusterRecord.format(in: bounds.metadata).map { version <= $0 } ?? false
      }
      ClusterReader.pause()
    }
    return nil
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

  func stop(_ sentence: String) {
    standing.stop(sentence)
    markers.end()
    journal.error("this node shows nothing any more", ["error": .text(sentence)])
  }
}
