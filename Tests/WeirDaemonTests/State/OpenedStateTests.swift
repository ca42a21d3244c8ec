import Foundation
import TestSupport
import Testing
import WeirAggregation
import WeirBytes
import WeirConfiguration
import WeirMetrics
import WeirState

@testable import WeirDaemon

@Suite("A state directory at a start")
struct OpenedStateTests {
  private let temporary: Folder
  private var folder: URL { temporary.url }

  init() throws { temporary = try Folder() }

  private func open() throws -> (opened: OpenedState, keeper: StateKeeper) {
    var options = Options(cores: 1).state
    options.directory = folder.path
    let opened = try #require(
      try OpenedState(
        options, log: Log(level: .error, format: .logfmt, descriptor: -1),
        clock: {
          StateClock(
            wallMilliseconds: 1_767_323_045_000, bootMilliseconds: 0,
            bootID: StateClock.unknownBoot)
        }))
    let pushed = Pushed(
      aggregator: Aggregator(startSecond: opened.startSecond), limits: OwnerLimits(),
      keySeed: opened.keySeed, memoryMilliseconds: opened.memoryMilliseconds)
    return (opened, opened.keeper(of: pushed.owners))
  }

  private var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() }
  }

  /// A whole file with this block.
  private func publish(_ type: StateBlockType, _ payload: [UInt8]) throws {
    var blocks = StateBlocks()
    blocks.append(type) { $0.append(payload) }
    var file = try StateFile.create(in: try StateDirectory.open(folder.path), number: 1)
    try file.append(blocks.bytes)
    try file.commit()
    try file.publish()
  }

  /// A whole file whose last commit was a minute before `open`, of a Weir that forwarded from `place`.
  private func publishForwarder(
    place: String, committed: UInt64 = 1_767_323_045_000 - 60_000, tail: [UInt8] = []
  ) throws {
    var blocks = StateBlocks()
    blocks.append(.times) { payload in
      payload.append(varint: 700)
      payload.append(varint: committed)
      payload.append(varint: 0)
      payload.append(StateClock.unknownBoot)
      payload.append(varint: 5_000)
      payload.append(varint: 500)
    }
    blocks.append(.forwarder) { payload in
      payload.append(littleEndian: 77)
      payload.append(varint: 1_767_000_000_000)
      payload.append(varint: 12)
      payload.append(varint: UInt64(place.utf8.count))
      payload.append(place)
      payload.append(varint: 1_000)
    }
    var file = try StateFile.create(in: try StateDirectory.open(folder.path), number: 1)
    try file.append(blocks.bytes)
    try file.commit()
    try file.publish()
    if !tail.isEmpty { try file.append(tail) }
  }

  @Test(
    "continues as the same forwarder, a minute older, but only in the directory where the file was written"
  )
  func forwarder() throws {
    try publishForwarder(place: try StateDirectory.open(folder.path).placeIdentity)
    let here = try open().opened
    #expect(here.forwarder?.nextSequence == 12)
    #expect(here.forwarder?.ageMilliseconds == 61_000)
    #expect(here.startSecond == 700)
    #expect(here.memoryMilliseconds == 65_000)
  }

  @Test("is another forwarder where the file was copied to")
  func copied() throws {
    try publishForwarder(place: "elsewhere")
    #expect(try open().opened.forwarder == nil)
  }

  @Test("writes nothing before the keeper begins")
  func begins() throws {
    let (opened, keeper) = try open()
    #expect(try names == ["weir.state.lock"])
    try opened.begin(keeper)
    #expect(try names == ["weir.state", "weir.state.lock"])
    #expect(keeper.reading().start == StateStart())
    #expect(keeper.reading().totals.fileBytes > 0)
  }

  // Its check sums are right, so that only whoever reads the blocks finds it.
  @Test("sets a file aside whose blocks say what can't be, and starts without it")
  func damaged() throws {
    try publish(.owner, [1])
    let (opened, keeper) = try open()
    let aside = "weir.state.damaged-20260102T030405Z"
    #expect(try names == [aside, "weir.state.lock"].sorted())
    #expect(opened.startSecond == 0 && opened.memoryMilliseconds == 0)
    #expect(opened.keySeed == nil)
    try opened.begin(keeper)
    #expect(keeper.reading().start.setAside == 1)
    #expect(try names == ["weir.state", aside, "weir.state.lock"].sorted())
  }

  @Test("sets a file aside that is not used, but not before it begins")
  func unused() throws {
    do {
      let (opened, keeper) = try open()
      try opened.begin(keeper)
    }
    let file = folder.appending(path: "weir.state")
    let before = try Data(contentsOf: file)
    let (found, keeper) = try open()
    var opened = found
    #expect(!opened.isEmpty)
    opened.startEmpty(because: "of this test")
    // A second call has nothing more to say.
    opened.startEmpty(because: "of this test")
    #expect(try names == ["weir.state", "weir.state.lock"])
    try opened.begin(keeper)
    let aside = "weir.state.unused-20260102T030405Z"
    #expect(try names == ["weir.state", "weir.state.lock", aside])
    #expect(try Data(contentsOf: folder.appending(path: aside)) == before)
    #expect(keeper.reading().start.setAside == 1)
  }

  @Test("still knows instances that were forgotten, unless the clock jumped")
  func forgotten() throws {
    for isLater in [false, true] {
      let now: UInt64 = 1_767_323_045_000
      try publishForwarder(place: "", committed: isLater ? now + 600_000 : now - 60_000)
      var (opened, keeper) = try open()
      let pushed = Pushed(
        aggregator: Aggregator(startSecond: opened.startSecond), limits: OwnerLimits(),
        keySeed: opened.keySeed, memoryMilliseconds: opened.memoryMilliseconds)
      let isWhole = opened.restore(into: pushed.owners)
      #expect(isWhole)
      #expect(pushed.owners.forgottenMilliseconds == (isLater ? 0 : 500))
      #expect(opened.memoryMilliseconds == (isLater ? 0 : 65_000))
      try opened.begin(keeper)
      #expect(keeper.reading().start.clockJumps == (isLater ? 1 : 0))
    }
  }

  @Test("counts the bytes of a torn end")
  func torn() throws {
    try publishForwarder(place: "", tail: [1, 2, 3])
    let (opened, keeper) = try open()
    #expect(opened.startSecond == 700)
    try opened.begin(keeper)
    #expect(keeper.reading().start.tornBytes == 3)
  }

  @Test("has nothing of a file that is not used")
  func empty() throws {
    try publishForwarder(place: try StateDirectory.open(folder.path).placeIdentity, tail: [1, 2])
    var (opened, keeper) = try open()
    opened.startEmpty(because: "of this test")
    #expect(opened.isEmpty)
    #expect(opened.forwarder == nil)
    #expect(opened.startSecond == 0)
    #expect(opened.memoryMilliseconds == 0)
    try opened.begin(keeper)
    #expect(keeper.reading().start == StateStart(setAside: 1))
  }
}
