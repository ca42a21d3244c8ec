import WeirState

@testable import WeirDaemon

extension OwnersStateSource {
  /// The blocks of the next commit.
  func changes() -> [UInt8] {
    var blocks = StateBlocks()
    writeChanges(into: &blocks)
    return blocks.bytes
  }

  /// The blocks of a new base.
  func base() -> [UInt8] {
    beginBase()
    var blocks = StateBlocks()
    while !writeSlice(into: &blocks) {}
    return blocks.bytes
  }
}

extension StateClock {
  /// A time at which tests write.
  static let ofTests = StateClock(
    wallMilliseconds: 1_767_323_045_000, bootMilliseconds: 0, bootID: StateClock.unknownBoot)
}
