import Testing
import WeirBytes
import WeirMetrics
import WeirWire

@testable import WeirAggregation

/// Drops names that begin with `noise`, as they were sent, and counts how often it is asked.
private final class DropNoise: IdentityRules {
  let asked = Locked(0)

  func verdict(
    on identity: RawIdentity, kind: MetricKind, in bytes: Span<UInt8>
  ) -> IdentityVerdict {
    asked.withLock { $0 += 1 }
    let name = identity.name.map { bytes[$0] }
    let isNoise = name.starts(with: Array("noise.".utf8)) && kind == .counter
    return isNoise ? .dropped : .asSent(.nothing)
  }
}

@Suite("A rule for identities as they were sent")
struct IdentityRulesTests {
  @Test("drops samples on purpose, and is asked once for each identity")
  func drops() {
    let rules = DropNoise()
    let aggregator = Aggregator(identityRules: rules)
    var router = SampleRouter(aggregator: aggregator, reader: StatsDIdentityReader())
    let text = "noise.a:1:2|c\nnoise.g:1|g\nnoise_a:1|c\nnoise.a,k=v:1|c\nnoise.\u{7f}:1|c|@2"
    let bytes = Array(text.utf8)
    for round in 1...3 {
      var batch = SampleBatch()
      StatsDDecoder().decode(bytes.span, from: 0, to: bytes.count, into: &batch)
      router.apply(&batch, bytes: bytes.span)
      #expect(batch.samplesDropped == 3 && batch.refusals.total == 1)
      let applied = (0..<4).map { batch.samplesApplied[$0] }
      #expect(applied == [1, 1, 0, 0])
      #expect((0..<4).map { router.hasTaken($0) } == [false, true, true, false])
      #expect(rules.asked.withLock { $0 } == 4, "round \(round)")
    }
    #expect(Contents(aggregator).values == [.counter: ["noise_a": 3], .gauge: ["noise_g": 1]])
  }
}
