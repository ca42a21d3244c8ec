import Testing
import WeirMetrics

@testable import WeirConfiguration

@Suite("Rules by name on the command line")
struct RulesTests {
  private static let native = NativeOptions(schema: ExponentialSchema(3), bucketsMax: 160)

  private func rules(_ flags: [String]) throws -> SeriesRules {
    guard case .run(let options) = try Invocation.parse(flags, cores: 1) else {
      throw UsageError("\(flags) does not run")
    }
    return options.rules
  }

  private func seriesClass(
    _ rules: SeriesRules, _ name: String, _ kind: MetricKind = .histogram
  ) -> SeriesClass {
    rules.seriesClass(of: kind, named: Array(name.utf8))
  }

  @Test(
    "give every name the observer of the plain flags",
    arguments: [
      ([], .buckets),
      (["--histogram.native=off", "--histogram.native-factor=2"], .buckets),
      (["--histogram.native"], .native(native, keepsBuckets: true)),
      (["--histogram.native=both"], .native(native, keepsBuckets: true)),
      (["--histogram.native=only"], .native(native, keepsBuckets: false)),
      (
        [
          "--histogram.native", "--histogram.native-factor=1.5",
          "--histogram.native-max-buckets=20",
        ],
        .native(NativeOptions(schema: ExponentialSchema(1), bucketsMax: 20), keepsBuckets: true)
      ),
      (["--observe=summary"], .summary(SummaryOptions())),
      (
        [
          "--observe=summary", "--summary.quantiles=0.1,1", "--summary.max-age=1m",
          "--summary.age-buckets=3",
        ],
        .summary(SummaryOptions(quantiles: [0.1, 1], maxAgeSeconds: 60, ageBuckets: 3))
      ),
    ] as [([String], Observer)])
  func observers(_ flags: [String], _ observer: Observer) throws {
    let rules = try rules(flags)
    #expect(rules.defaultObserver == observer && rules.hasOneObserver)
  }

  @Test("let one name be a summary and another a native histogram in one process")
  func observersByName() throws {
    let rules = try rules([
      "--observe=api_*=summary", "--histogram.native=llm_seconds=both",
      "--histogram.native=exact_*=only", "--histogram.native-factor=1.5",
      "--histogram.native-max-buckets=20", "--summary.quantiles=0.5",
    ])
    let native = NativeOptions(schema: ExponentialSchema(1), bucketsMax: 20)
    #expect(
      seriesClass(rules, "api_seconds").observer == .summary(SummaryOptions(quantiles: [0.5])))
    #expect(seriesClass(rules, "llm_seconds").observer == .native(native, keepsBuckets: true))
    #expect(seriesClass(rules, "exact_size").observer == .native(native, keepsBuckets: false))
    #expect(seriesClass(rules, "other").observer == .buckets)
  }

  @Test("take the first glob that matches, be it of --observe or of --histogram.native")
  func order() throws {
    let rules = try rules([
      "--observe=summary", "--observe=llm_*=histogram", "--histogram.native=*_seconds=off",
      "--histogram.native=fast*=only",
    ])
    #expect(seriesClass(rules, "llm_seconds").observer == .buckets)
    #expect(seriesClass(rules, "api_seconds").observer == .buckets)
    #expect(seriesClass(rules, "fast_seconds").observer == .buckets)
    #expect(
      seriesClass(rules, "faster").observer == .native(Self.native, keepsBuckets: false))
    #expect(seriesClass(rules, "other").observer == .summary(SummaryOptions()))
  }

  @Test("give bounds to some names and others to all")
  func bounds() throws {
    let rules = try rules([
      "--histogram.bounds=llm_tokens=100,1000,10000", "--histogram.bounds=0.5,2",
      "--histogram.bounds=llm_*=-1.5,0,1e3",
    ])
    #expect(seriesClass(rules, "llm_tokens").layout.upper == [100, 1_000, 10_000])
    #expect(seriesClass(rules, "llm_seconds").layout.upper == [-1.5, 0, 1_000])
    #expect(seriesClass(rules, "other").layout.upper == [0.5, 2])
    let most = (1...200).map { "\($0)" }.joined(separator: ",")
    #expect(try self.rules(["--histogram.bounds=\(most)"]).defaultBounds.upper.count == 200)
  }

  @Test("give lifetimes to names of every kind, before those of kinds")
  func lifetimes() throws {
    let rules = try rules([
      "--series.ttl=gauge=1m", "--series.ttl=job_last_success=0", "--series.ttl=job_*=5m",
      "--series.ttl=1h",
    ])
    #expect(seriesClass(rules, "job_runs", .counter).lifetimeSeconds == 300)
    #expect(seriesClass(rules, "job_queue", .gauge).lifetimeSeconds == 300)
    #expect(seriesClass(rules, "job_last_success", .gauge).lifetimeSeconds == nil)
    #expect(seriesClass(rules, "load", .gauge).lifetimeSeconds == 60)
    #expect(seriesClass(rules, "hits", .counter).lifetimeSeconds == 3_600)
  }

  @Test("may have any characters where names stay as sent")
  func utf8() throws {
    let rules = try rules(["--statsd.names=utf-8", "--series.ttl=llm.*=5m"])
    #expect(seriesClass(rules, "llm.tokens", .counter).lifetimeSeconds == 300)
  }
}
