import WeirAggregation
import WeirBytes
import WeirCloudWatch
import WeirGroups
import WeirState

/// Everything that is counted, as it is written to the state file.
final class OwnersStateSource: StateSource {
  private let owners: Owners
  /// Nil where there are none.
  private let groups: PushedGroups?
  /// Nil where nothing is pushed to CloudWatch.
  private let ledger: CloudWatchLedger?
  private var writer: StateWriter
  private let clock: () -> StateClock
  /// What a new base says of the ledger, until its first slice.
  private var ledgerBase: [[UInt8]] = []
  /// Nil where nothing is forwarded.
  private let forwarder: ForwarderInstance?

  init(
    _ owners: Owners, groups: PushedGroups? = nil, ledger: CloudWatchLedger? = nil,
    forwarder: ForwarderInstance? = nil,
    clock: @escaping @Sendable () -> StateClock
  ) {
    self.forwarder = forwarder
    self.owners = owners
    self.groups = groups
    self.ledger = ledger
    groups?.markAll()
    ledger?.markAll()
    writer = StateWriter(owners: owners)
    self.clock = clock
  }

  func writeChanges(into blocks: inout StateBlocks) {
    // Before the series, so that no series has less in the file than the ledger says was pushed.
    let ledgerChanges = ledger?.takeChanged() ?? []
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
    append(groups?.takeChanged() ?? [], to: &blocks)
    append(ledgerChanges, .cloudWatch, to: &blocks)
    forwarder?.append(to: &blocks)
  }

  private func append(
    _ payloads: [[UInt8]], _ type: StateBlockType = .group, to blocks: inout StateBlocks
  ) {
    for payload in payloads { blocks.append(type) { $0.append(payload) } }
  }

  func reset() {
    writer.reset()
    groups?.markAll()
    ledger?.markAll()
    ledgerBase = []
  }

  func beginBase() {
    ledgerBase = ledger?.all() ?? []
    writer.beginBase()
  }

  func writeSlice(into blocks: inout StateBlocks) -> Bool {
    // With the first slice, as above. What changes later is in the increments that follow.
    append(ledgerBase, .cloudWatch, to: &blocks)
    ledgerBase = []
    let isLast = writer.writeSlice(into: &blocks)
    // They are few. One that goes after this is in the increment that follows.
    if isLast { append(groups?.all() ?? [], to: &blocks) }
    return isLast
  }
}
