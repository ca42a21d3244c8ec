import TestSupport
import Testing
import WeirBytes
import WeirMetrics
import WeirPush

@testable import WeirAggregation

@Suite("An owner's entry")
struct OwnerEntryTests {
  @Test(
    "keeps lease, detail and flags apart, whatever is set when",
    arguments: 1...5 as ClosedRange<UInt64>)
  func bits(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    func lease() -> SeriesLease {
      SeriesLease(
        handle: SeriesHandle(
          shard: generator.pick([0, 63]), row: generator.pick([0, SeriesHandle.rowsMax - 1])),
        generation: generator.pick([0, 1, .max]),
        classID: ClassID(generator.pick([0, 1, 511, 512, 999])))
    }
    var (expected, detail) = (lease(), UInt64(0))
    var (isHeld, hasTotal, hasBaseline) = (false, false, false)
    var entry = OwnerEntry(.none, expected, .exponential)
    for _ in 0..<2_000 {
      switch Int.random(in: 0..<5, using: &generator) {
      case 0:
        expected = lease()
        entry.lease = expected
      case 1:
        detail = generator.pick([0, 1, 1 << 47, (1 << 48) - 1])
        entry.detail = detail
      case 2:
        isHeld.toggle()
        entry.isHeld = isHeld
      case 3:
        hasTotal.toggle()
        entry.hasTotal = hasTotal
      default:
        hasBaseline.toggle()
        entry.hasBaseline = hasBaseline
      }
      #expect(entry.lease == expected && entry.detail == detail)
      #expect(entry.isHeld == isHeld && entry.hasTotal == hasTotal)
      #expect(entry.hasBaseline == hasBaseline && entry.isSettled == (isHeld && hasTotal))
      #expect(entry.about == PushRecord.about(.exponential))
    }
    #expect(MemoryLayout<OwnerEntry>.stride == 40)
  }
}
