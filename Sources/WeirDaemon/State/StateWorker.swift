// Safety: the actor holds the executor that it names, so that the unowned reference never dangles.

import Dispatch
import Synchronization
import WeirSockets
import WeirState

/// Does the jobs of the keeper, one at a time, on a queue of its own, which may hang in the disk.
actor StateWorker {
  typealias Job = KeeperState<StateWaiting>.Job
  typealias JobEnd = KeeperState<StateWaiting>.JobEnd

  private nonisolated let executor = DispatchQueueExecutor(label: "weir.state", qos: .userInitiated)
  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  private var source: any StateSource
  private var disk: any StateDisk
  private var blocks = StateBlocks()
  /// The generation that is not over. The keeper raises it.
  nonisolated let generation = StateGeneration()

  init(source: sending any StateSource, disk: sending any StateDisk) {
    self.source = source
    self.disk = disk
  }

  /// Begins a job, and returns. `ended` is called from the worker's queue.
  nonisolated func begin(
    _ job: Job, generation: UInt64, ended: @escaping @Sendable (JobEnd) -> Void
  ) {
    executor.queue.async {
      let end = self.assumeIsolated { $0.run(job, generation: generation) }
      ended(end)
    }
  }

  /// Writes the first base and waits for it, however long it takes. `publishNext` syncs it; a `syncNext`
  /// before that serves only to make the publication short, and here nobody waits.
  ///
  /// - Returns: Bytes of the file.
  nonisolated func writeFirst() throws -> Int {
    try executor.queue.sync {
      try self.assumeIsolated { worker throws in
        try worker.writeAll()
        try worker.disk.publishNext()
        // The whole of a large state need not stay in memory.
        worker.blocks = StateBlocks()
        return worker.disk.fileBytes
      }
    }
  }

  /// Closes the files after the last commit, if the worker does not hang.
  nonisolated func close() {
    executor.queue.async { self.assumeIsolated { $0.disk.close() } }
  }

  private func run(_ job: Job, generation: UInt64) -> JobEnd {
    let isOver = { [generation = self.generation] in generation.isOver($0) }
    var figures = JobFigures()
    do {
      guard !isOver(generation) else { throw StateJobIsOver() }
      switch job {
      case .commit: try commit(&figures)
      case .slice(let isFirst): try writeSlice(isFirst: isFirst, &figures)
      case .publish: try publish(generation)
      case .rebuild:
        try writeAll()
        try disk.syncNext()
        figures.written = blocks.byteCount
        blocks = StateBlocks()
      case .republish:
        blocks.removeAll()
        source.writeChanges(into: &blocks)
        try disk.appendNext(blocks.bytes)
        figures.written = blocks.byteCount
        try publish(generation)
      }
      guard !isOver(generation) else { throw StateJobIsOver() }
      figures.fileBytes = disk.fileBytes
      return .done(figures)
    } catch {
      giveUp(after: job, isOver: isOver(generation))
      return .failed("\(error)")
    }
  }

  private func commit(_ figures: inout JobFigures) throws {
    blocks.removeAll()
    source.writeChanges(into: &blocks)
    try disk.commit(blocks.bytes)
    figures.written = blocks.byteCount
    guard disk.hasNext else { return }
    do {
      try disk.appendNext(blocks.bytes)
      figures.written += blocks.byteCount
    } catch {
      disk.discardNext()
      figures.abandoned = "\(error)"
    }
  }

  private func writeSlice(isFirst: Bool, _ figures: inout JobFigures) throws {
    if isFirst {
      disk.discardNext()
      try disk.beginNext()
      source.beginBase()
    }
    blocks.removeAll()
    figures.isLastSlice = source.writeSlice(into: &blocks)
    try disk.appendNext(blocks.bytes)
    try disk.syncNext()
    figures.written = blocks.byteCount
  }

  /// Writes everything into a new file.
  private func writeAll() throws {
    disk.close()
    source.reset()
    try disk.beginNext()
    blocks.removeAll()
    source.writeChanges(into: &blocks)
    try disk.appendNext(blocks.bytes)
  }

  private func publish(_ generation: UInt64) throws {
    try disk.syncNext()
    // The temporary file exists. If the generation ends after this, the remover unlinks that file before
    // it is renamed, or the published one after that.
    guard !self.generation.isOver(generation) else { throw StateJobIsOver() }
    try disk.publishNext()
  }

  private func giveUp(after job: Job, isOver: Bool) {
    switch job {
    case .slice, .publish: if isOver { disk.close() } else { disk.discardNext() }
    case .commit, .rebuild, .republish: disk.close()
    }
    // Everything of a large state need not be kept in memory for the next try.
    blocks = StateBlocks()
  }
}

/// The number of the generation in which a job counts.
final class StateGeneration: Sendable {
  private let current = Atomic<UInt64>(1)

  func set(_ generation: UInt64) { current.store(generation, ordering: .sequentiallyConsistent) }

  func isOver(_ generation: UInt64) -> Bool {
    current.load(ordering: .sequentiallyConsistent) != generation
  }
}

private struct StateJobIsOver: Error, CustomStringConvertible {
  let description = "it was given up because it took too long"
}
