import Synchronization
import Testing
import WeirBytes
import WeirConfiguration

@testable import WeirDaemon

/// A keeper on a disk in memory.
struct KeeperHarness {
  let disk = FakeDisk()
  let count = FakeSource.Count()
  let keeper: StateKeeper

  /// - Parameter time: A clock that the test moves; nil for that of the system.
  init(
    serves: Bool = false, start: StateStart = StateStart(), time: ManualTime? = nil,
    _ change: (inout StateLimits) -> Void = { _ in }
  ) throws {
    var limits = StateLimits()
    limits.interval = .seconds(3_600)
    limits.retryMin = .milliseconds(1)
    change(&limits)
    let (disk, count) = (disk, count)
    keeper = StateKeeper(
      StateWorker(source: FakeSource(count), disk: FakeStateDisk(disk)), limits: limits,
      serves: serves, log: Log(level: .error, format: .logfmt, descriptor: -1),
      wallSeconds: { time?.wallSeconds ?? 1_767_323_045 },
      time: time?.time ?? .system(),
      remove: { try disk.remove() })
    try keeper.begin(start)
  }

  /// Waits until something holds, which another thread makes true.
  func until(_ condition: () -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(60)
    while !condition() {
      try #require(ContinuousClock.now < end)
      try await Task.sleep(for: .milliseconds(1))
    }
  }
}
