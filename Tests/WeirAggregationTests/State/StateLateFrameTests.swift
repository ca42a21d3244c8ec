import Testing
import WeirMetrics
import WeirPush

@testable import WeirAggregation
@testable import WeirState

/// Frames that arrive late, or twice, on both sides of a restart.
struct StateLateFrameTests {
  /// What the frame of each sequence number has, 1 to 4.
  struct FrameCase: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let value: @Sendable (UInt64) -> PushedRecord.Value

    init(_ name: String, _ value: @escaping @Sendable (Double) -> PushedRecord.Value) {
      testDescription = name
      self.value = { value(Double($0)) }
    }

    func frame(_ sequence: UInt64, isSigned: Bool) -> Pushed {
      Pushed(
        sequence: sequence, isSigned: isSigned,
        records: [PushedRecord("r", [("a", "b")], value(sequence))])
    }
  }

  static let cases = [
    FrameCase("counter") { .counter(10 * $0) },
    FrameCase("increment") { .increment($0) },
    FrameCase("gauge") { .gauge($0, .sum) },
    FrameCase("gauge_add") { .gaugeAdd($0, .sum) },
    FrameCase("observations") { .observations([$0, 0.5], weight: 2) },
    FrameCase("histogram") { .histogram(bounds: [1, 2], sum: $0, buckets: [0: $0, 2: 2 * $0]) },
    FrameCase("exponential") {
      .exponential(schema: 2, sum: $0, zero: 1, positive: [0: $0, 5: 1])
    },
    FrameCase("members") { .members([UInt64($0), 77]) },
    FrameCase("sketch") { .sketch([Int($0): 3, 9: UInt8($0)]) },
  ]

  static func rig() -> StateRig {
    let aggregator = Aggregator(unixSeconds: { 700 })
    return StateRig(aggregator, Owners(aggregator: aggregator), second: 0)
  }

  static func step(_ frame: Pushed) -> StateTraffic.Step {
    StateTraffic.Step(lines: [], frames: [frame], seconds: 0)
  }

  /// What arrives before and after the restart. Together they have each frame at least once.
  static let orders: [(before: [UInt64], after: [UInt64])] = [
    ([1, 3], [3, 2, 2, 1, 4, 4, 1]), ([2], [1, 1, 4, 3, 2, 3]), ([4], [3, 2, 1, 4, 1]),
    ([1, 2, 3, 4], [4, 1, 3, 2]), ([1, 4, 2], [2, 3, 3, 1]),
  ]

  @Test(arguments: cases, 0..<5) func `count once, as without the restart`(
    _ known: FrameCase, _ order: Int
  ) {
    let (before, after) = StateLateFrameTests.orders[order]
    for isSigned in [false, true] {
      var first = StateLateFrameTests.rig()
      for sequence in before {
        first.take(StateLateFrameTests.step(known.frame(sequence, isSigned: isSigned)))
      }
      var writer = StateWriter(owners: first.server.owners)
      var file = StateRoundTripTests.WrittenFile()
      file.append(&writer, second: 0)
      let image = StateImage(blocks: file.blocks, file.bytes)
      #expect(image.damage == nil)
      var again = StateRoundTripTests.restored(image, SeriesRules())
      for sequence in after {
        let step = StateLateFrameTests.step(known.frame(sequence, isSigned: isSigned))
        first.take(step)
        again.rig.take(step)
        let (contents, expected) = (again.rig.contents, first.contents)
        #expect(contents == expected, "after \(sequence)")
        let (instances, expectedInstances) = (again.rig.instances, first.instances)
        #expect(instances == expectedInstances, "after \(sequence)")
      }
      // As if each had come once, in order.
      var plain = StateLateFrameTests.rig()
      for sequence in 1...4 as ClosedRange<UInt64> {
        plain.take(StateLateFrameTests.step(known.frame(sequence, isSigned: isSigned)))
      }
      let (contents, expected) = (again.rig.contents, plain.contents)
      #expect(contents == expected)
      #expect(contents.count == 1)
    }
  }
}
