// Safety: the actor holds the executor that it names, so that the unowned reference never dangles.

import WeirAggregation
import WeirForwarding
import WeirMetrics
import WeirSockets

/// Pushes what is counted here to the next hop, a round each second.
///
///     confirmed frames ─▶ rows that are due ─▶ frames ─▶ commit ─▶ next hop
///
/// Nothing queues: what was not confirmed is sent again in the next round, with the totals of then.
actor Forwarder {
  private nonisolated let executor = DispatchQueueExecutor(label: "weir.forward")
  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  /// After this many rounds without any answer, what is not confirmed is no longer sent in each round. Then a
  /// round sends the rows that have changed, and one share of all.
  static let silentRoundsMax = 5
  /// Rounds after which a frame is sent even without records.
  static let heartbeatRounds = 5
  /// Bytes of frames that are made before they are committed and sent. 100,000 counters take 2 to 4 MB.
  static let batchBytes = 8 << 20
  /// How long a stop waits for confirmations.
  static let stopMilliseconds: UInt64 = 2_000
  /// The first pause at a stop, and the longest.
  static let stopPauseMilliseconds = 50
  static let stopPauseMillisecondsMax = 400

  /// What the log says of the next hop.
  struct Words: Sendable {
    let silent: String
    let again: String

    static let weir = Words(
      silent:
        "the next hop does not answer; what is counted is kept and sent again when it does; check "
        + "its address, and that it has the key of --forward.key-file",
      again: "the next hop answers again")
    static let cluster = Words(
      silent:
        "the log of the cluster takes nothing; what is counted is kept and written when it does",
      again: "the log of the cluster takes messages again")
  }

  private let aggregator: Aggregator
  private let instance: ForwarderInstance
  private let desk: ForwardDesk
  private let hop: any NextHop
  private let state: ForwardState
  private let log: Log
  private let words: Words
  private let wallMilliseconds: @Sendable () -> UInt64
  private var reader: ForwardReader
  private var frames: ForwardFrames
  private var since: UInt32 = 0
  private var rounds = 0
  private var heardAt = 0
  private var sentAt = 0
  private var isHeld = false
  private var isSilent = false
  private var isLooping = false
  /// One round at a time, because a round waits for the next hop between its parts.
  private let turns = TaskTurns()

  init(
    aggregator: Aggregator, instance: ForwarderInstance, frames: ForwardFrames.Settings,
    desk: ForwardDesk, hop: any NextHop, state: ForwardState = ForwardState(), log: Log,
    words: Words = .weir, wallMilliseconds: @escaping @Sendable () -> UInt64
  ) {
    self.aggregator = aggregator
    self.instance = instance
    self.desk = desk
    self.hop = hop
    self.state = state
    self.log = log
    self.words = words
    self.wallMilliseconds = wallMilliseconds
    reader = ForwardReader(aggregator)
    self.frames = ForwardFrames(frames, from: instance.nextSequence)
  }

  /// Runs until its task is cancelled.
  func run() async {
    while true {
      // Varied, so that Weirs that were started together do not send together.
      let milliseconds = Int.random(in: 950...1_050)
      do { try await Task.sleep(for: .milliseconds(milliseconds)) } catch { return }
      await round()
    }
  }

  /// Sends what is still to be sent, again and again until all is confirmed or the time is over.
  ///
  /// - Parameter milliseconds: That time.
  /// - Returns: Whether all was confirmed.
  @discardableResult
  func finish(milliseconds: UInt64 = stopMilliseconds) async -> Bool {
    frames.isLast = !state.isKept
    let clock = ContinuousClock()
    let end = clock.now + .milliseconds(Int(milliseconds))
    var pause = Forwarder.stopPauseMilliseconds
    // Everything that has changed in the last seconds.
    await round(isLast: true)
    while true {
      try? await Task.sleep(for: .milliseconds(pause))
      if await countWaiting() == 0 { return true }
      if clock.now >= end { return false }
      pause = min(2 * pause, Forwarder.stopPauseMillisecondsMax)
      await round(isLast: true)
    }
  }

  /// How many series were sent and are not confirmed.
  private func countWaiting() async -> Int {
    await turns.enter()
    defer { turns.leave() }
    takeConfirmed()
    reader.begin(.none)
    _ = reader.read(into: &frames, upTo: .max)
    return reader.waiting
  }

  /// One round.
  func round(isLast: Bool = false) async {
    await turns.enter()
    rounds += 1
    takeConfirmed()
    let isHeard = rounds - heardAt <= Forwarder.silentRoundsMax
    // At a stop nothing is kept for later.
    if !isLast { noteSilence(!isHeard) }
    let choice = ForwardChoice(
      since: since, repeatsUnconfirmed: isHeard || isLast, share: rounds % ForwardChoice.shares)
    await send(choice) { complete(isLast: isLast) }
    noteLoop()
    turns.leave()
  }

  /// Sends what has changed until now, between two rounds.
  func flush() async {
    await turns.enter()
    await send(.changes(since: since)) { frames.finish() }
    turns.leave()
  }

  /// Sends the rows that are chosen.
  private func send(_ choice: ForwardChoice, complete: () -> Void) async {
    let start = ContinuousClock.now
    let second = aggregator.second
    reader.begin(choice)
    frames.begin(
      at: .init(
        ageMilliseconds: instance.age, wallMilliseconds: wallMilliseconds(), second: second))
    var isOver = false
    while !isOver {
      isOver = reader.read(into: &frames, upTo: Forwarder.batchBytes)
      if isOver { complete() }
      await send()
    }
    since = second
    let elapsed = ContinuousClock.now - start
    let (waiting, tooLong) = (reader.waiting, reader.tooLong)
    desk.meter.update {
      $0.unconfirmedSeries = waiting
      $0.seriesTooLong = tooLong
      $0.lastRoundSeconds = elapsed / .seconds(1)
    }
  }

  private func noteLoop() {
    guard !isLooping, desk.meter.reading.loops > 0 else { return }
    isLooping = true
    log.warn(
      "frames of this Weir came back to it, and were refused; let no Weir forward, directly or through "
        + "others, to one that forwards to it")
  }

  /// Completes the last frame of a round. If there is nothing to send, a frame without records is sent now and
  /// then: it shows whether the next hop is there, and keeps this instance alive.
  private func complete(isLast: Bool) {
    frames.finish()
    if frames.batch.isEmpty, isLast || rounds - sentAt >= Forwarder.heartbeatRounds {
      frames.heartbeat()
    }
  }

  private func send() async {
    guard !frames.batch.isEmpty else { return }
    var batch = FrameBatch()
    swap(&batch, &frames.batch)
    reader.note(batch)
    sentAt = rounds
    instance.reserve(upTo: frames.sequence)
    guard await state.commit() == .send else {
      if !isHeld { log.warn("nothing is forwarded, because the state could not be committed") }
      isHeld = true
      desk.meter.update { $0.roundsSkipped += 1 }
      return
    }
    if isHeld { log.info("forwarding again") }
    isHeld = false
    let sent = await hop.send(batch)
    desk.meter.update {
      $0.frames += sent
      $0.framesFailed += batch.count - sent
      $0.records += batch.records
      $0.bytes += batch.bytes.count
    }
  }

  private func takeConfirmed() {
    let sequences = desk.takeConfirmed()
    if sequences.isEmpty { return }
    heardAt = rounds
    var confirmed = 0
    for sequence in sequences where reader.confirm(sequence) { confirmed += 1 }
    desk.meter.update { $0.confirmed += confirmed }
  }

  private func noteSilence(_ isSilentNow: Bool) {
    guard isSilentNow != isSilent else { return }
    isSilent = isSilentNow
    if isSilent {
      log.warn(words.silent, ["rounds": .init(Forwarder.silentRoundsMax)])
    } else {
      log.info(words.again)
    }
  }
}
