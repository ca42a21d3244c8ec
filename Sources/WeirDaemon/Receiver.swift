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
  private let log: Log

  /// How long the rest of the socket is drained at a stop, so that a flood can't hold it up.
  static let drainSecondsMax = 2

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
      self?.assumeIsolated { $0.drain(until: nil) }
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
    source.cancel()
    drain(until: .now() + .seconds(Receiver.drainSecondsMax))
  }

  /// Receives until the socket is dry, or until the deadline.
  private func drain(until deadline: DispatchTime?) {
    do {
      while try receive() == datagrams.capacity {
        if let deadline, DispatchTime.now() > deadline { return }
      }
    } catch {
      // Nothing that a sender does ends here; such an error is this machine's, and may pass.
      log.error("receiving failed", ["error": .text("\(error)")])
    }
  }

  /// Takes in one batch, and returns how many datagrams it had.
  private func receive() throws(SystemError) -> Int {
    let count = try datagrams.receive(from: socket)
    pipeline.ingest(datagrams)
    return count
  }
}
