// Safety: the actor holds the executor that it names, so that the unowned reference never dangles.

import Dispatch
import Glibc
import WeirSockets
import WeirWire

/// One target of the relay: what waits for it, and the socket that sends it.
///
/// It connects when there is something to send, and again every `connectInterval`, so that a name that has got
/// another address is followed. All of this happens on a queue of its own.
actor LineRelayTarget {
  typealias Connect = @Sendable () throws -> DatagramSender

  static let connectInterval = Duration.seconds(30)
  /// Time after a failed connection before the next attempt.
  static let retryInterval = Duration.seconds(2)
  /// The least time between two log lines about failures.
  static let logInterval = Duration.seconds(60)
  /// How long one attempt waits for room in the kernel, and after how long it is tried again.
  static let fullMilliseconds: Int32 = 5
  static let fullPauseMilliseconds = 10

  private nonisolated let executor = DispatchQueueExecutor(label: "weir.relay")
  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  /// The target as the flag has it.
  nonisolated let name: String
  private nonisolated let queue = LineRelayQueue()
  private let connect: Connect
  private let log: Log
  private var socket: DatagramSender?
  private var connectAt = ContinuousClock.now
  private var logAt = ContinuousClock.now
  /// What was taken from the queue, in reverse order, and how many packets of the last are dealt with.
  private var blocks: [PackedLines] = []
  private var next = 0
  /// Packets that the queue had no room for, as `reportFull` last saw it.
  private var fullCount = 0
  /// Errors in a row, with nothing sent in between.
  private var errors = 0

  init(_ name: String, log: Log, connect: @escaping Connect) {
    self.name = name
    self.log = log
    self.connect = connect
  }

  nonisolated var totals: LineRelayTotals { queue.totals }

  /// Puts packets into the queue, or drops and counts them if it is full. Never waits.
  nonisolated func offer(_ lines: PackedLines) {
    guard queue.append(lines) else { return }
    executor.queue.async { [weak self] in self?.assumeIsolated { $0.drain() } }
  }

  /// Sends what is in the queue, and drops what is left at the deadline.
  func finish(by end: ContinuousClock.Instant) async {
    while !sendAll(), ContinuousClock.now < end {
      try? await Task.sleep(for: .milliseconds(LineRelayTarget.fullPauseMilliseconds))
    }
    blocks = queue.take().reversed() + blocks
    while let block = blocks.last { drop(block, .stopped) }
  }

  /// Logs that the queue was full since the last call. Never waits.
  nonisolated func reportFull() {
    executor.queue.async { [weak self] in self?.assumeIsolated { $0.reportFullNow() } }
  }

  private func reportFullNow() {
    let count = totals.dropped[.queueFull]?.packets ?? 0
    if count > fullCount { report("lines arrive faster than they can be sent") }
    fullCount = count
  }

  private func drain() {
    if sendAll() { return }
    let pause = DispatchTimeInterval.milliseconds(LineRelayTarget.fullPauseMilliseconds)
    executor.queue.asyncAfter(deadline: .now() + pause) { [weak self] in
      self?.assumeIsolated { $0.drain() }
    }
  }

  /// Sends until the queue is empty.
  ///
  /// - Returns: False if the kernel has no room.
  private func sendAll() -> Bool {
    while true {
      guard let block = blocks.last else {
        blocks = queue.take().reversed()
        if blocks.isEmpty { return true }
        continue
      }
      reconnect()
      guard let socket else {
        drop(block, .noAddress)
        continue
      }
      guard sendSome(of: block, by: socket) else { return false }
    }
  }

  /// Sends up to one batch of a block.
  ///
  /// - Returns: False if the kernel has no room.
  private func sendSome(of block: PackedLines, by socket: DatagramSender) -> Bool {
    let end = min(next + UDPSender.batchMax, block.packets.count)
    let ranges = (next..<end).map { block.range(of: $0) }
    do throws(SystemError) {
      var sent = try socket.send(block.bytes.span, ranges[...])
      if sent == 0 {
        socket.waitWritable(milliseconds: LineRelayTarget.fullMilliseconds)
        sent = try socket.send(block.bytes.span, ranges[...])
      }
      errors = 0
      advance(in: block, by: sent, nil)
      return sent > 0
    } catch {
      failed(error, block)
      return true
    }
  }

  private func failed(_ error: SystemError, _ block: PackedLines) {
    errors += 1
    report("\(error)")
    switch error.code {
    case ECONNREFUSED, ECONNRESET, ENOTCONN, EPIPE:
      queue.countRefusal()
      if socket?.isUnix == true {
        // The receiver is gone. Another one may be at its path by now, which gets the same packets.
        socket = nil
        connectAt = errors == 1 ? .now : .now + LineRelayTarget.retryInterval
        return
      }
    // By UDP an earlier packet was refused. This one was not sent, and may be sent now.
    case EMSGSIZE: errors += 1
    default: connectAt = min(connectAt, .now + LineRelayTarget.retryInterval)
    }
    if errors > 1 { advance(in: block, by: 1, .error) }
  }

  /// Counts packets of the last block as sent, or as lost, and goes on behind them.
  private func advance(in block: PackedLines, by count: Int, _ loss: LineRelayTotals.Loss?) {
    let lines = block.packets[next..<next + count].reduce(0) { $0 + $1.lines }
    next += count
    let isDone = next == block.packets.count
    queue.count(count, lines: lines, loss, bytesDone: isDone ? LineRelayQueue.cost(block) : 0)
    if isDone {
      blocks.removeLast()
      next = 0
    }
  }

  private func drop(_ block: PackedLines, _ loss: LineRelayTotals.Loss) {
    advance(in: block, by: block.packets.count - next, loss)
  }

  /// Connects if it is time to. If that fails, the old connection is kept.
  private func reconnect() {
    let now = ContinuousClock.now
    guard now >= connectAt else { return }
    do {
      socket = try connect()
      connectAt = now + LineRelayTarget.connectInterval
    } catch {
      report("\(error)")
      connectAt = now + LineRelayTarget.retryInterval
    }
  }

  private func report(_ sentence: String) {
    let now = ContinuousClock.now
    guard now >= logAt else { return }
    logAt = now + LineRelayTarget.logInterval
    let dropped = totals.dropped.values.reduce(0) { $0 + $1.lines }
    log.warn(
      "relaying failed; trying again",
      ["to": .text(name), "error": .text(sentence), "lines_dropped": .init(dropped)])
  }
}
