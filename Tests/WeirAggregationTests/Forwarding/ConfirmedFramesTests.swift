import Testing

@testable import WeirAggregation

/// The window of the forwarder's own frames.
struct ConfirmedFramesTests {
  private static let length = ConfirmedFrames.length

  private func written(_ count: UInt64) -> ConfirmedFrames {
    var frames = ConfirmedFrames()
    for sequence in 1...count { frames.write(sequence) }
    return frames
  }

  @Test func `a frame is confirmed once, and only after it was written`() {
    var frames = written(5)
    for (sequence, isConfirmed) in [
      (0, false), (3, true), (3, false), (5, true), (6, false), (.max, false), (1, true),
    ] as [(UInt64, Bool)] {
      let answer = frames.confirm(sequence)
      #expect(answer == isConfirmed, "\(sequence)")
    }
    let known = (1...6).filter { frames.contains(UInt64($0)) }
    #expect(known == [1, 3, 5])
  }

  @Test func `frames before the window are unknown, and the place of one is free for the next`() {
    var frames = written(Self.length)
    let isFirst = frames.confirm(1)
    #expect(isFirst && frames.contains(1))
    // It has the place of the first one.
    frames.write(Self.length + 1)
    #expect(!frames.contains(Self.length + 1))
    #expect(!frames.contains(1))
    let isOld = frames.confirm(1)
    #expect(!isOld)
    #expect(!frames.contains(Self.length + 1), "the answer to the old one is not its")
    let isConfirmed = frames.confirm(Self.length + 1)
    #expect(isConfirmed)
    #expect(!frames.contains(1), "nor is its answer that of the old one")
    let isOldest = frames.confirm(2)
    #expect(isOldest, "the oldest of the window")
  }
}
