import Testing
import WeirCluster

@testable import WeirDaemon

/// Which states stay in the store, and whose turn it is to write one.
struct ClusterStatesTests {
  private let store = MemoryStore()

  private var names: [String] {
    get throws { try store.list(milliseconds: 0).map(\.name) }
  }

  @Test func `the two newest stay by their sequences, whatever the clock of the store says`()
    throws
  {
    let states = ClusterStates(store, directory: nil)
    store.setTime(milliseconds: 9_000_000)
    #expect(try states.put([1], sequence: 10) == 10)
    #expect(try states.put([2], sequence: 20) == 10)
    store.setTime(milliseconds: 1_000)
    #expect(try states.put([3], sequence: 30) == 20)
    #expect(try names == ["state-20", "state-30"])
    #expect(try states.put([4], sequence: 40) == 30)
    #expect(try names == ["state-30", "state-40"])
  }

  @Test func `the newest state of other options stays, and is none of the two`() throws {
    let states = ClusterStates(store, directory: nil)
    _ = try states.put([1], sequence: 10)
    try store.put("options-12", [2], sequence: 12, milliseconds: 0)
    #expect(try states.put([3], sequence: 20) == 10)
    #expect(try states.put([4], sequence: 30) == 20)
    #expect(try names == ["options-12", "state-20", "state-30"])
    try store.put("options-31", [5], sequence: 31, milliseconds: 0)
    #expect(try states.put([6], sequence: 40) == 30)
    #expect(try names == ["state-30", "options-31", "state-40"])
  }

  @Test
  func
    `one node writes, another when it takes too long, and a clock that is set back ends nothing`()
  {
    let states = ClusterStates(store, directory: nil)
    let start: UInt64 = 10_000_000
    #expect(states.isDue(at: start))
    states.note(.writing, from: 1, at: start)
    states.note(.writing, from: 2, at: start + 1)
    #expect(states.isWriter(1) && !states.isWriter(2))
    #expect(!states.isDue(at: start + ClusterStates.writingMilliseconds))
    #expect(states.isDue(at: start + ClusterStates.writingMilliseconds + 1))
    states.note(.writing, from: 2, at: start + ClusterStates.writingMilliseconds + 1)
    #expect(states.isWriter(2) && !states.isWriter(1))
    states.note(.stored(sequence: 5), from: 2, at: start + 70_000)
    #expect(!states.isWriter(2) && !states.isDue(at: start + 80_000))
    #expect(!states.isDue(at: start + 70_000 + ClusterStates.intervalMilliseconds))
    #expect(states.isDue(at: start + 70_001 + ClusterStates.intervalMilliseconds))
    #expect(states.isDue(at: start - 3_600_000))
  }
}
