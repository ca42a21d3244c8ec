import Testing
import WeirConfiguration
import WeirMetrics

@testable import WeirDaemon

@Suite("What the command line makes of observations")
struct ObservationOptionsTests {
  private static let native = NativeOptions(schema: ExponentialSchema(3), bucketsMax: 160)

  @Test(
    "reaches the aggregator",
    arguments: [
      ([], .standard),
      (["--histogram.native=off", "--histogram.native-factor=2"], .standard),
      (["--histogram.native"], .histogram(.standard, native: native)),
      (["--histogram.native=both"], .histogram(.standard, native: native)),
      (["--histogram.native=only"], .histogram(.standard, native: native, keepsClassic: false)),
      (
        [
          "--histogram.native", "--histogram.native-factor=1.5",
          "--histogram.native-max-buckets=20",
        ],
        .histogram(
          .standard, native: NativeOptions(schema: ExponentialSchema(1), bucketsMax: 20))
      ),
      (["--observe=summary"], .summary(SummaryOptions())),
      (
        [
          "--observe=summary", "--summary.quantiles=0.1,1", "--summary.max-age=1m",
          "--summary.age-buckets=3",
        ],
        .summary(SummaryOptions(quantiles: [0.1, 1], maxAgeSeconds: 60, ageBuckets: 3))
      ),
    ] as [([String], Observations)])
  func mapping(_ flags: [String], _ observations: Observations) throws {
    guard case .run(let options) = try Invocation.parse(flags, cores: 1) else {
      Issue.record("\(flags) does not run")
      return
    }
    #expect(Observations(options) == observations)
  }

  @Test("tells how many lines a series takes, and whether it keeps more than its row")
  func shape() {
    let only = Observations.histogram(.standard, native: Self.native, keepsClassic: false)
    let summary = Observations.summary(SummaryOptions(quantiles: [0.5, 0.9]))
    #expect(Observations.standard.linesPerSeries == 17 && !Observations.standard.keepsMore)
    #expect(only.linesPerSeries == 3 && only.bounds.upper.isEmpty && only.keepsMore)
    #expect(summary.linesPerSeries == 4 && summary.bounds.upper.isEmpty && summary.keepsMore)
  }
}
