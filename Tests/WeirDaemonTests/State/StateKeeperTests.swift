import Synchronization
import Testing
import WeirBytes
import WeirConfiguration

@testable import WeirDaemon

@Suite("A keeper", .timeLimit(.minutes(2)))
struct StateKeeperTests {
  @Test("has published a first base before it is there")
  func first() throws {
    let harness = try KeeperHarness()
    #expect(harness.disk.published == 0)
    // To publish is to sync first, as the tests of `StateFile` show.
    #expect(harness.disk.calls == [.begin, .append, .publish])
    #expect(harness.keeper.reading().isProtected)
  }

  @Test(
    "is not there if the disk fails at its start",
    arguments: [FakeDisk.Call.begin, .append, .publish])
  func refusesToStart(call: FakeDisk.Call) {
    let disk = FakeDisk()
    disk.fail(call, "no space left")
    let keeper = StateKeeper(
      StateWorker(source: FakeSource(FakeSource.Count()), disk: FakeStateDisk(disk)),
      log: Log(level: .error, format: .logfmt, descriptor: -1), remove: {})
    #expect(throws: FakeDisk.Failure.self) { try keeper.begin() }
  }

  @Test("returns when what was counted before is on the disk")
  func commit() async throws {
    let harness = try KeeperHarness()
    for _ in 0..<50 {
      let counted = harness.count.add()
      #expect(await harness.keeper.commit() == .committed)
      #expect(try #require(harness.disk.published) >= counted)
    }
    let reading = harness.keeper.reading()
    #expect(reading.totals.commitCount == 50)
    #expect(reading.lastCommitAt == 1_767_323_045)
  }

  @Test("says when the last commit ended")
  func lastCommit() async throws {
    let time = ManualTime()
    let harness = try KeeperHarness(time: time)
    #expect(harness.keeper.reading().lastCommitAt == 1_767_323_045)
    time.pass(.seconds(10))
    #expect(harness.keeper.reading().lastCommitAt == 1_767_323_045)
    #expect(await harness.keeper.commit() == .committed)
    #expect(harness.keeper.reading().lastCommitAt == 1_767_323_055)
  }

  @Test(
    "confirms frames that are on disk, and where no state is left",
    arguments: [
      (StateVerdict.committed, true), (.unprotected, true), (.stale(""), false),
      (.refused(""), false),
    ])
  func answers(_ verdict: StateVerdict, isAnswered: Bool) {
    #expect(verdict.isAnswered == isAnswered)
  }

  @Test("serves many at a time with one commit each, however they come")
  func many() async throws {
    let harness = try KeeperHarness { $0.paceFactor = 0 }
    await withTaskGroup { group in
      for index in 0..<200 {
        group.addTask {
          let counted = harness.count.add()
          let verdict = await harness.keeper.commit(isPatient: index % 3 == 0)
          #expect(verdict == .committed)
          #expect(harness.disk.published.map { $0 >= counted } == true)
        }
      }
    }
    #expect(harness.keeper.reading().totals.commitCount <= 200)
  }

  @Test(
    "removes the file after a failure, serves, and recovers by itself",
    arguments: ["no space left on device", "input/output error"])
  func recovers(error: String) async throws {
    let harness = try KeeperHarness()
    harness.disk.fail(.commit, error)
    // Until here, so that the recovery does not come before it is looked for.
    let recovery = harness.disk.hang(.begin)
    #expect(await harness.keeper.commit() == .unprotected)
    #expect(harness.disk.published == nil)
    harness.disk.fail(.commit, nil)
    let counted = harness.count.add()
    recovery.letGo()
    try await harness.until { harness.keeper.reading().isProtected }
    #expect(try #require(harness.disk.published) >= counted)
    #expect(await harness.keeper.commit() == .committed)
    let totals = harness.keeper.reading().totals
    #expect(totals.commitsFailed == 1 && totals.commitsLate == 0)
    // Of everything, once for the first base and once for the new file.
    #expect(harness.count.resets.load(ordering: .relaxed) == 2)
  }

  @Test("refuses where the file can't be removed, unless it may serve", arguments: [false, true])
  func refuses(serves: Bool) async throws {
    let harness = try KeeperHarness(serves: serves) { $0.retryMin = .seconds(3_600) }
    harness.disk.fail(.commit, "read-only file system")
    harness.disk.fail(.remove, "read-only file system")
    let sentence =
      "the state file can't be removed: read-only file system; free or repair the disk of --state.dir"
    for _ in 0..<2 {
      #expect(
        await harness.keeper.commit() == (serves ? .stale(sentence) : .refused(sentence)))
    }
    // A restart would go on from the old file, so that nothing else than scrapes may be served.
    #expect(await ForwardState(harness.keeper).commit() == .hold)
    #expect(harness.disk.published != nil)
  }

  /// Lets time pass until the keeper is protected again.
  private func recovery(of harness: KeeperHarness, _ time: ManualTime) async throws {
    try await harness.until {
      time.pass(.milliseconds(1))
      return harness.keeper.reading().isProtected
    }
  }

  @Test("does not wait for a disk that hangs, and lets nothing old come back")
  func hangs() async throws {
    let time = ManualTime()
    let harness = try KeeperHarness(time: time)
    let hang = harness.disk.hang(.commit)
    _ = harness.count.add()
    async let verdict = harness.keeper.commit()
    try await harness.until { hang.isReached }
    #expect(harness.disk.published == 0)
    time.pass(.milliseconds(999))
    #expect(harness.keeper.reading().isProtected)
    time.pass(.milliseconds(1))
    #expect(await verdict == .unprotected)
    #expect(harness.disk.published == nil)
    let counted = harness.count.add()
    #expect(await harness.keeper.commit() == .unprotected)
    hang.letGo()
    try await recovery(of: harness, time)
    #expect(try #require(harness.disk.published) >= counted)
    #expect(harness.keeper.reading().totals.commitsLate == 1)
  }

  @Test("a rename that hangs and happens after all does not leave an old file")
  func renameHangs() async throws {
    let time = ManualTime()
    let harness = try KeeperHarness(time: time)
    harness.disk.fail(.commit, "input/output error")
    let hang = harness.disk.hang(.publish)
    #expect(await harness.keeper.commit() == .unprotected)
    harness.disk.fail(.commit, nil)
    // The new file is written in two jobs; the second one hangs.
    try await harness.until {
      time.pass(.milliseconds(1))
      return hang.isReached
    }
    // It waits for the file that is being published, until that is late.
    let counted = harness.count.add()
    async let verdict = harness.keeper.commit()
    try await harness.until {
      time.pass(.milliseconds(50))
      return !harness.disk.hasTemporary
    }
    #expect(await verdict == .unprotected)
    #expect(harness.disk.published == nil && !harness.disk.hasTemporary)
    hang.letGo()
    try await recovery(of: harness, time)
    #expect(try #require(harness.disk.published) >= counted)
  }

  @Test("does not wait for a removal that hangs")
  func removalHangs() async throws {
    let time = ManualTime()
    let harness = try KeeperHarness(time: time)
    harness.disk.fail(.commit, "input/output error")
    let hang = harness.disk.hang(.remove)
    async let verdict = harness.keeper.commit()
    try await harness.until { hang.isReached }
    time.pass(.seconds(1))
    #expect(
      await verdict
        == .refused(
          "the disk did not remove the state file in time; free or repair the disk of --state.dir"))
    harness.disk.fail(.commit, nil)
    hang.letGo()
    try await recovery(of: harness, time)
    #expect(harness.disk.published == 0)
  }

  @Test("writes a new base beside its commits")
  func base() async throws {
    let harness = try KeeperHarness { $0.incrementBytesMin = 300 }
    for _ in 0..<200 {
      let counted = harness.count.add()
      #expect(await harness.keeper.commit() == .committed)
      #expect(try #require(harness.disk.published) >= counted)
    }
    #expect(harness.keeper.reading().totals.bases > 0)
    #expect(harness.keeper.reading().totals.basesAbandoned == 0)
  }

  @Test("gives a new base up that can't be written, and goes on with the file")
  func abandoned() async throws {
    let harness = try KeeperHarness { $0.incrementBytesMin = 300 }
    harness.disk.fail(.begin, "no space left on device")
    for _ in 0..<200 {
      let counted = harness.count.add()
      #expect(await harness.keeper.commit() == .committed)
      #expect(try #require(harness.disk.published) >= counted)
    }
    let totals = harness.keeper.reading().totals
    #expect(totals.bases == 0 && totals.basesAbandoned == 1)
  }

  /// The verdict of a wait that ends when the time has come.
  private func verdict(
    _ harness: KeeperHarness, _ time: ManualTime, reaches hang: FakeDisk.Hang,
    of wait: @escaping @Sendable () async -> StateVerdict
  ) async throws -> StateVerdict? {
    let verdict = Locked<StateVerdict?>(nil)
    Task {
      let ended = await wait()
      verdict.withLock { $0 = ended }
    }
    try await harness.until { hang.isReached }
    try await harness.until {
      time.pass(.milliseconds(1))
      return verdict.withLock { $0 != nil }
    }
    return verdict.withLock { $0 }
  }

  private static let isOver = StateVerdict.refused(
    "the state was not on disk before the time of the request was over; try again")

  @Test("tells one whose time is over, and goes on")
  func deadline() async throws {
    let time = ManualTime()
    let harness = try KeeperHarness(time: time) { $0.commitMax = .seconds(3_600) }
    let hang = harness.disk.hang(.commit)
    let (keeper, end) = (harness.keeper, time.now + .milliseconds(5))
    #expect(
      try await verdict(harness, time, reaches: hang) { await keeper.commit(until: end) }
        == Self.isOver)
    #expect(time.now >= end)
    hang.letGo()
    #expect(await harness.keeper.commit() == .committed)
  }

  @Test("commits at its stop, and does not wait for a disk that hangs", arguments: [false, true])
  func stop(hangs: Bool) async throws {
    let time = ManualTime()
    let harness = try KeeperHarness(time: time)
    let hang = hangs ? harness.disk.hang(.commit) : nil
    let counted = harness.count.add()
    async let verdict = harness.keeper.stop()
    if let hang {
      try await harness.until { hang.isReached }
      time.pass(.seconds(4))
    }
    #expect(await verdict == (hangs ? .unprotected : .committed))
    #expect(harness.disk.published == (hangs ? nil : counted))
    hang?.letGo()
  }

  @Test("waits no longer for its stop than it may, whatever the disk does")
  func stopHangs() async throws {
    let time = ManualTime()
    let harness = try KeeperHarness(time: time) { limits in
      limits.lastCommitMax = .seconds(3_600)
      limits.stopMax = .milliseconds(50)
    }
    let hang = harness.disk.hang(.commit)
    let (keeper, end) = (harness.keeper, time.now + .milliseconds(50))
    #expect(
      try await verdict(harness, time, reaches: hang) { await keeper.stop() } == Self.isOver)
    #expect(time.now >= end)
    hang.letGo()
  }
}
