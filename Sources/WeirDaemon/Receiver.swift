// Safety: the actor holds the executor that it names, so that the unowned reference never dangles.

import Dispatch
import WeirSockets

/// Serves one datagram socket on a serial queue of its own, whose read source or timer calls it directly.
actor Receiver {
  private nonisolated let executor: DispatchQueueExecutor
  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  private let socket: DatagramSocket
  private var datagrams: DatagramBatch
  private var pipeline: IngestPipeline
  private let meter: IngestMeter
  private var events: Waiter?
  private var ticks: Waiter?
  private var pace: GatherPace
  private let log: Log

  /// How long the rest of the socket is drained at a stop, so that a flood can't hold it up.
  static let drainSecondsMax = 2

  /// Batches of one turn on the queue. The source fires again when more is waiting; between turns
  /// a stop gets in, however fast senders are.
  static let turnBatchesMax = 64

  /// How long nothing is received after an error, which might otherwise be met in a tight loop.
  static let errorPauseMilliseconds = 100

  /// - Parameters:
  ///   - meter: That of the pipeline.
  ///   - bufferBytes: The receive buffer as the kernel granted it.
  ///   - gatherNanoseconds: How long a sample may wait for others, at most.
  ///   - splitsSegments: Whether the socket receives segments.
  init(
    socket: consuming DatagramSocket, pipeline: consuming IngestPipeline, meter: IngestMeter,
    bufferBytes: Int, gatherNanoseconds: UInt64, splitsSegments: Bool, log: Log
  ) {
    datagrams = DatagramBatch(splitsSegments: splitsSegments)
    executor = DispatchQueueExecutor(label: "weir.receiver", qos: .userInitiated)
    pace = GatherPace(longestNanoseconds: gatherNanoseconds, bufferBytes: bufferBytes)
    self.socket = socket
    self.pipeline = pipeline
    self.meter = meter
    self.log = log
  }

  /// Returns when its queue has time, which a receiver that hangs never has.
  nonisolated func answer() async { await executor.answer() }

  /// Begins to receive.
  func start() {
    let readable = DispatchSource.makeReadSource(
      fileDescriptor: socket.raw, queue: executor.queue)
    let timer = DispatchSource.makeTimerSource(queue: executor.queue)
    let tick = DispatchTimeInterval.nanoseconds(Int(pace.tickNanoseconds))
    if pace.tickNanoseconds > 0 { timer.schedule(deadline: .now() + tick, repeating: tick) }
    events = waiter(readable)
    ticks = waiter(timer)
    events?.resume()
  }

  /// A source, not yet resumed, that calls for a turn. It keeps the receiver, and so the
  /// descriptor, until it is done with it.
  private func waiter(_ source: any DispatchSourceProtocol) -> Waiter {
    source.setEventHandler { [weak self] in
      self?.assumeIsolated { $0.takeTurn() }
    }
    source.setCancelHandler { withExtendedLifetime(self) {} }
    return Waiter(source)
  }

  /// Applies what the socket has received so far, and receives no more.
  func stop() {
    guard events != nil else { return }
    events?.cancel()
    ticks?.cancel()
    events = nil
    ticks = nil
    // Before the last look, so that later senders get an error.
    socket.file?.remove()
    let deadline = DispatchTime.now() + .seconds(Receiver.drainSecondsMax)
    // Should it fail now, it was said before, or the socket is of no more use.
    while let count = try? receive(), count == datagrams.capacity, DispatchTime.now() < deadline {}
  }

  /// Receives until the socket is dry, or the turn is over.
  private func takeTurn() {
    guard events != nil else { return }
    var received = 0
    do {
      for _ in 0..<Receiver.turnBatchesMax {
        let count = try receive()
        received += count
        guard count == datagrams.capacity else {
          let now = DispatchTime.now().uptimeNanoseconds
          return wait(for: pace.turnEnded(datagrams: received, now: now))
        }
      }
      // More is waiting: another turn immediately, but after a stop that may be queued.
      wait(for: nil)
      executor.queue.async { [weak self] in self?.assumeIsolated { $0.takeTurn() } }
    } catch {
      // Nothing that a sender does ends here; such an error is this machine's, and may pass.
      log.error("receiving failed", ["error": .text("\(error)")])
      pause()
    }
  }

  private func pause() {
    wait(for: nil)
    let pause = DispatchTimeInterval.milliseconds(Receiver.errorPauseMilliseconds)
    executor.queue.asyncAfter(deadline: .now() + pause) { [weak self] in
      self?.assumeIsolated { $0.wait(for: .event) }
    }
  }

  /// Lets one source call for the next turn, or neither.
  private func wait(for wait: GatherPace.Wait?) {
    if wait == .event { events?.resume() } else { events?.suspend() }
    if wait == .tick { ticks?.resume() } else { ticks?.suspend() }
  }

  /// Takes in one batch, and returns how many datagrams it had.
  private func receive() throws(SystemError) -> Int {
    let count = try datagrams.receive(from: socket)
    pipeline.ingest(datagrams)
    if datagrams.tooLong > 0 { meter.add(tooLong: datagrams.tooLong) }
    return count
  }
}

/// A Dispatch source that may be suspended and resumed any number of times, and begins suspended.
private final class Waiter {
  private let source: any DispatchSourceProtocol
  private var isSuspended = true

  init(_ source: any DispatchSourceProtocol) { self.source = source }

  func resume() {
    if isSuspended { source.resume() }
    isSuspended = false
  }

  func suspend() {
    if !isSuspended { source.suspend() }
    isSuspended = true
  }

  /// Ends the source. A suspended source would never be released.
  func cancel() {
    source.cancel()
    resume()
  }
}
