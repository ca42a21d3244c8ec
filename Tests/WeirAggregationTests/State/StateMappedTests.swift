import Testing
import WeirBytes
import WeirMetrics

@testable import WeirAggregation
@testable import WeirState

/// Series whose class a mapping rule chose, after a restart.
struct StateMappedTests {
  static let bounds = HistogramBounds(upper: [1, 2])
  static let others = HistogramBounds(upper: [3])

  /// Asks the same of every name.
  struct Asking: IdentityRules {
    var settings: [ClassSettings]

    func verdict(
      on identity: RawIdentity, kind: MetricKind, in bytes: Span<UInt8>
    ) -> IdentityVerdict { .asSent(.settings(settings[0])) }

    func asked(ofMetric name: [UInt8], kind: MetricKind) -> [AskedClass] {
      settings.map(AskedClass.settings)
    }
  }

  static func settings(_ change: (inout ClassSettings) -> Void) -> ClassSettings {
    var settings = ClassSettings()
    change(&settings)
    return settings
  }

  static let mapped = settings {
    $0.bounds = bounds
    $0.lifetimeSeconds = 600
    $0.setWindowSeconds = 50
  }

  static func file() -> StateRoundTripTests.WrittenFile {
    let aggregator = Aggregator(identityRules: Asking(settings: [mapped]))
    var ingest = Ingest(aggregator)
    ingest.apply("h:1.5|h", "c:4|c", "s:a|s")
    return StateFlagsTests.write(Owners(aggregator: aggregator))
  }

  struct Case: Sendable {
    let rules: (any IdentityRules)?
    let restored: [String]
    /// Seconds after which the counter expires.
    let lifetime: UInt32?
  }

  static let cases: [Case] = [
    Case(rules: Asking(settings: [mapped]), restored: ["c", "h", "s"], lifetime: 600),
    // Without the mapping file the flags decide.
    Case(rules: nil, restored: ["c"], lifetime: nil),
    Case(
      rules: Asking(settings: [settings { $0.bounds = others }]), restored: ["c"], lifetime: nil),
    // One of several rules that may have given the name.
    Case(
      rules: Asking(settings: [settings { $0.bounds = others }, mapped]),
      restored: ["c", "h", "s"], lifetime: 600),
    Case(
      rules: Asking(settings: [
        settings {
          $0.bounds = bounds
          $0.lifetimeSeconds = 9
        }
      ]), restored: ["c", "h"], lifetime: 9),
    Case(rules: Asking(settings: []), restored: [], lifetime: nil),
  ]

  @Test(arguments: cases) func `come back if a rule still asks for their class`(
    _ known: Case
  ) throws {
    let file = StateMappedTests.file()
    let image = StateImage(blocks: file.blocks, file.bytes)
    #expect(image.damage == nil)
    let aggregator = Aggregator(identityRules: known.rules ?? NoIdentityRules())
    let owners = Owners(aggregator: aggregator, keySeed: image.key)
    let restored = owners.restore(image)
    #expect(restored.series == known.restored.count)
    #expect(restored.changed == 3 - known.restored.count)
    let contents = Contents(aggregator)
    let names =
      contents.values.values.flatMap { $0.keys } + Array(contents.histograms.keys)
    #expect(names.sorted() == known.restored)
    if known.restored.contains("c") {
      let name = HashedName(Array("c".utf8), aggregator.hash)
      let lifetime = aggregator.registry.withLock { registry in
        registry.classID(of: name, .counter).map {
          registry.classes[$0].seriesClass.lifetimeSeconds
        }
      }
      #expect(try #require(lifetime) == known.lifetime)
    }
  }

  @Test func `take what comes after the restart`() {
    let file = StateMappedTests.file()
    let aggregator = Aggregator(identityRules: Asking(settings: [Self.mapped]))
    let owners = Owners(aggregator: aggregator)
    _ = owners.restore(StateImage(blocks: file.blocks, file.bytes))
    var ingest = Ingest(aggregator)
    ingest.apply("h:9|h", "c:1|c", "s:b|s")
    let contents = Contents(aggregator)
    #expect(contents.values == [.counter: ["c": 5], .set: ["s": 2]])
    #expect(contents.histograms["h"]?.buckets == [0, 1, 1])
  }
}
