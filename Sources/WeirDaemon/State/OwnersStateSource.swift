import WeirAggregation
import WeirState

/// Everything that is counted, as it is written to the state file.
final class OwnersStateSource: StateSource {
  private let owners: Owners
  private var writer: StateWriter
  private let clock: () -> StateClock
  /// Nil where nothing is forwarded.
  private let forwarder: ForwarderInstance?

  init(
    _ owners: Owners, forwarder: ForwarderInstance? = nil,
    clock: @escaping @Sendable () -> StateClock
  ) {
    self.forwarder = forwarder
    self.owners = owners
    writer = StateWriter(owners: owners)
    self.clock = clock
  }

  func writeChanges(into blocks: inout StateBlocks) {
    let now = clock()
    let times = StateTimes(
      second: owners.second, wallMilliseconds: now.wallMilliseconds,
      bootMilliseconds: now.bootMilliseconds, bootID: now.bootID,
      memoryMilliseconds: owners.memoryMilliseconds,
      forgottenMilliseconds: owners.forgottenMilliseconds)
    _ = writer.writeChanges(times: times, into: &blocks)
    // An instance that was forgotten since then is not in the file, so the file must say that some were.
    let forgotten = owners.forgottenMilliseconds
    if forgotten > times.forgottenMilliseconds {
      var later = times
      later.forgottenMilliseconds = forgotten
      writer.write(later, into: &blocks)
    }
    forwarder?.append(to: &blocks)
  }

  func reset() { writer.reset() }

  func beginBase() { writer.beginBase() }

  func writeSlice(into blocks: inout StateBlocks) -> Bool { writer.writeSlice(into: &blocks) }
}
