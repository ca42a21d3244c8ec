// Safety: the actor holds the executor that it names, so that the unowned reference never dangles.

import Dispatch
import WeirSockets

/// Serves one UDP socket on a serial queue of its own, whose read source calls it directly.
actor Receiver {
  private nonisolated let executor: DispatchQueueExecutor
  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  private let socket: UDPSocket
  private var datagrams = DatagramBatch()
  private var pipeline: IngestPipeline
  private var source: (any DispatchSourceRead)?
  private var isPaused = false
  private let log: Log

  /// How long the rest of the socket is drained at a stop, so that a flood can't hold it up.
  static let drainSecondsMax = 2

  /// Batches of one turn on the queue. The source fires again when more is waiting; between turns
  /// a stop gets in, however fast senders are.
  static let turnBatchesMax = 64

  /// How long nothing is received after an error, which might otherwise be met in a tight loop.
  static let errorPauseMilliseconds = 100

  init(socket: consuming UDPSocket, pipeline: consuming IngestPipeline, log: Log) {
    executor = DispatchQueueExecutor(label: "weir.receiver", qos: .userInitiated)
    self.socket = socket
    self.pipeline = pipeline
    self.log = log
  }

  /// Begins to receive.
  func start() {
    let source = DispatchSource.makeReadSource(
      fileDescriptor: socket.descriptor.raw, queue: executor.queue)
    source.setEventHandler { [weak self] in
      self?.assumeIsolated { $0.takeTurn() }
    }
    // The descriptor may close only when the source is done with it.
    source.setCancelHandler { withExtendedLifetime(self) {} }
    source.activate()
    self.source = source
  }

  /// Applies what the socket has received so far, and receives no more.
  func stop() {
    guard let source else { return }
    self.source = nil
    defer { isPaused = false }
    // A suspended source would keep its descriptor, and never be let go.
    if isPaused { source.resume() }
    source.cancel()
    let deadline = DispatchTime.now() + .seconds(Receiver.drainSecondsMax)
    // Should it fail now, it was said before, or the socket is of no more use.
    while let count = try? receive(), count == datagrams.capacity, DispatchTime.now() < deadline {}
  }

  /// Receives until the socket is dry, or the turn is over.
  private func takeTurn() {
    do {
      for _ in 0..<Receiver.turnBatchesMax {
        guard try receive() == datagrams.capacity else { return }
      }
    } catch {
      // Nothing that a sender does ends here; such an error is this machine's, and may pass.
      log.error("receiving failed", ["error": .text("\(error)")])
      pause()
    }
  }

  private func pause() {
    isPaused = true
    source?.suspend()
    let pause = DispatchTimeInterval.milliseconds(Receiver.errorPauseMilliseconds)
    executor.queue.asyncAfter(deadline: .now() + pause) { [weak self] in
      self?.assumeIsolated { receiver in
        guard receiver.isPaused else { return }
        receiver.isPaused = false
        receiver.source?.resume()
      }
    }
  }

  /// Takes in one batch, and returns how many datagrams it had.
  private func receive() throws(SystemError) -> Int {
    let count = try datagrams.receive(from: socket)
    pipeline.ingest(datagrams)
    return count
  }
}
