import Testing
import WeirAggregation
import WeirConfiguration
import WeirExposition
import WeirMetrics

@testable import WeirDaemon

@Suite struct CloudWatchMetricsTests {
  /// The lines of Weir's own families about CloudWatch, without values that are 0.
  private func lines(_ meter: CloudWatchMeter?) -> [String] {
    let aggregator = Aggregator()
    let reader = StatusReader(
      aggregator: aggregator, pushed: Pushed(aggregator: aggregator, limits: OwnerLimits()),
      cloudWatch: meter, log: Log(level: .error, format: .logfmt))
    return OwnMetrics(reader.metrics {}).families.filter { $0.name.hasPrefix("weir_cloudwatch") }
      .flatMap { family -> [String] in
        guard case .samples(let samples) = family.values else { return [] }
        return samples.filter { $0.value != 0 }.map { "\(family.name)\($0.labels) \($0.value)" }
      }
  }

  @Test func `each number has its family, and there is none without the flag`() {
    let meter = CloudWatchMeter()
    meter.update {
      $0.requests = 1
      $0.metrics = 2
      $0.faults = [.credentials: 3, .refused: 4, .unavailable: 5, .unreachable: 6]
      $0.uncertain = 7
      $0.metricsDropped = 8
      $0.metricsInUse = 9
      $0.metricsOverLimit = 10
      $0.isFailing = true
      $0.lastSuccessSeconds = 1_767_323_045.5
    }
    #expect(
      lines(meter) == [
        "weir_cloudwatch_errors_total{reason=\"credentials\"} 3.0",
        "weir_cloudwatch_errors_total{reason=\"refused\"} 4.0",
        "weir_cloudwatch_errors_total{reason=\"unavailable\"} 5.0",
        "weir_cloudwatch_errors_total{reason=\"unreachable\"} 6.0",
        "weir_cloudwatch_failing 1.0",
        "weir_cloudwatch_last_success_timestamp_seconds 1767323045.5",
        "weir_cloudwatch_metrics 9.0", "weir_cloudwatch_metrics_dropped_total 8.0",
        "weir_cloudwatch_metrics_over_limit 10.0", "weir_cloudwatch_metrics_total 2.0",
        "weir_cloudwatch_pushes_total 1.0", "weir_cloudwatch_uncertain_total 7.0",
      ])
    #expect(lines(nil) == [])
  }
}

@Suite struct CloudWatchTargetTests {
  private func target(
    _ flags: [String], _ environment: [String: String] = [:]
  ) throws -> CloudWatch.Target {
    let all = ["--cloudwatch.namespace=N", "--cloudwatch.include=*"] + flags
    guard case .run(let options) = try Invocation.parse(all, cores: 1) else {
      throw TestServer.NoServer()
    }
    return try CloudWatch.target(options.cloudWatch, environment: environment)
  }

  @Test func `the region is that of the flag, or of the environment`() throws {
    let both = ["AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-2"]
    #expect(try target(["--cloudwatch.region=us-east-1"], both).region == "us-east-1")
    #expect(try target([], both).region == "eu-west-1")
    let found = try target([], ["AWS_DEFAULT_REGION": "eu-west-2"])
    #expect(found.region == "eu-west-2" && found.warning == nil)
    #expect(found.url == "https://monitoring.eu-west-2.amazonaws.com/")
    let none = #expect(throws: StartError.self) { try target([]) }
    #expect(
      none?.description
        == "--cloudwatch.namespace: the region is not known; write for example "
        + "--cloudwatch.region=us-east-1, or set AWS_REGION")
    let wrong = #expect(throws: StartError.self) {
      try target([], ["AWS_REGION": "evil.example/", "AWS_DEFAULT_REGION": "eu-west-2"])
    }
    #expect(
      wrong?.description
        == "AWS_REGION: \"evil.example/\" is not a region; write one such as us-east-1")
  }

  @Test func `an endpoint without TLS is warned about`() throws {
    let region = "--cloudwatch.region=us-east-1"
    let safe = try target([region, "--cloudwatch.endpoint=https://vpce.example"])
    #expect(safe.url == "https://vpce.example/" && safe.warning == nil)
    let open = try target([region, "--cloudwatch.endpoint=http://127.0.0.1:9"])
    #expect(open.url == "http://127.0.0.1:9/")
    #expect(open.warning?.contains("is without TLS") == true)
  }
}
