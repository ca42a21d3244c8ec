import Testing
import WeirAggregation
import WeirConfiguration
import WeirMetrics

@testable import WeirDaemon

@Suite("What the command line makes of observations")
struct ObservationOptionsTests {
  private static let native = NativeOptions(schema: ExponentialSchema(3), bucketsMax: 160)

  @Test(
    "reaches the aggregator",
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
  func mapping(_ flags: [String], _ observer: Observer) throws {
    guard case .run(let options) = try Invocation.parse(flags, cores: 1) else {
      Issue.record("\(flags) does not run")
      return
    }
    var expected = SeriesRules.all(observer: observer)
    // For mapping rules that ask for the other observer.
    expected.details = options.rules.details
    #expect(Aggregator(options).rules == expected)
    #expect(expected.details.summary == observer.summary ?? SummaryOptions())
  }
}
