import Testing
import WeirMetrics

@testable import WeirConfiguration

@Suite struct CloudWatchFlagTests {
  private func parse(_ flags: [String]) throws -> Options.CloudWatch {
    guard case .run(let options) = try Invocation.parse(flags, cores: 1) else {
      throw UsageError("not a run")
    }
    return options.cloudWatch
  }

  @Test func `nothing is pushed by default`() throws {
    #expect(try parse([]) == Options.CloudWatch())
    #expect(Options.CloudWatch().metricsMax == 500)
    #expect(Options.CloudWatch().intervalSeconds == 60)
  }

  @Test func `every flag has its place`() throws {
    let options = try parse([
      "--cloudwatch.namespace=My App/x", "--cloudwatch.region=eu-central-1",
      "--cloudwatch.include=llm_*", "--cloudwatch.include=weir_datagrams_dropped_total",
      "--cloudwatch.dimensions=provider,model", "--cloudwatch.max-metrics=9",
      "--cloudwatch.interval=5m", "--cloudwatch.endpoint=https://vpce.example",
    ])
    #expect(options.namespace == "My App/x")
    #expect(options.region == "eu-central-1")
    #expect(options.include == [NameGlob("llm_*"), NameGlob("weir_datagrams_dropped_total")])
    #expect(options.dimensions == ["provider", "model"])
    #expect(options.metricsMax == 9)
    #expect(options.intervalSeconds == 300)
    #expect(options.endpoint?.text == "https://vpce.example")
  }

  @Test func `values at their limits are taken, and those beyond are not`() throws {
    func isTaken(_ flag: String) -> Bool {
      (try? parse(["--cloudwatch.namespace=N", "--cloudwatch.include=*", flag])) != nil
    }
    func labels(_ count: Int) -> String { (0..<count).map { "l\($0)" }.joined(separator: ",") }
    #expect(isTaken("--cloudwatch.dimensions=\(labels(30))"))
    #expect(!isTaken("--cloudwatch.dimensions=\(labels(31))"))
    #expect(isTaken("--cloudwatch.interval=1h"))
    #expect(!isTaken("--cloudwatch.interval=3601s"))
    #expect(isTaken("--cloudwatch.max-metrics=100000"))
    #expect(!isTaken("--cloudwatch.max-metrics=100001"))
    for path in ["/x", "?x"] {
      #expect(!isTaken("--cloudwatch.endpoint=https://vpce.example\(path)"))
    }
    for region in ["-us", "us-", "", String(repeating: "a", count: 65), "Us"] {
      #expect(!isTaken("--cloudwatch.region=\(region)"))
    }
    let long = String(repeating: "n", count: 255)
    let include = "--cloudwatch.include=*"
    #expect(try parse(["--cloudwatch.namespace=\(long)", include]).namespace == long)
    for namespace in ["\(long)n", ""] {
      #expect(throws: UsageError.self) {
        try parse(["--cloudwatch.namespace=\(namespace)", include])
      }
    }
  }

  @Test(arguments: [
    "region=us-east-1", "include=*", "dimensions=a", "max-metrics=7", "interval=5s",
    "endpoint=https://a.example",
  ])
  func `no flag is given without the namespace`(flag: String) {
    let error = #expect(throws: UsageError.self) { try parse(["--cloudwatch.\(flag)"]) }
    #expect(error?.description.hasSuffix("; add it, or leave the flag out") == true)
  }

  private static let mistakes: [(flags: String, sentence: String)] = [
    (
      "--cloudwatch.region=us-east-1",
      """
      --cloudwatch.region is given without --cloudwatch.namespace; add it, or leave the flag \
      out
      """
    ),
    (
      "--cloudwatch.namespace=N",
      """
      --cloudwatch.namespace is given without --cloudwatch.include, so that nothing would be \
      pushed; name the metrics, for example --cloudwatch.include='llm_*'
      """
    ),
    (
      "--cloudwatch.namespace=aws/ec2",
      """
      --cloudwatch.namespace: "aws/ec2" is one of AWS' own; write another
      """
    ),
    (
      "--cloudwatch.namespace=:x",
      """
      --cloudwatch.namespace: ":x" is not a namespace; write up to 255 letters, digits, spaces \
      and . - _ / # :
      """
    ),
    (
      "--cloudwatch.region=evil.example/",
      """
      --cloudwatch.region: "evil.example/" is not a region; write one such as us-east-1
      """
    ),
    (
      "--cloudwatch.dimensions=a,,b",
      """
      --cloudwatch.dimensions: "" is not the name of a label that can be a dimension; write \
      for example provider,model
      """
    ),
    (
      "--cloudwatch.dimensions=a,a",
      """
      --cloudwatch.dimensions: "a" is given twice; leave one of them out
      """
    ),
    (
      "--cloudwatch.include=* --cloudwatch.include=*",
      """
      --cloudwatch.include: "*" is given twice; leave one of them out
      """
    ),
    (
      "--cloudwatch.endpoint=https://user:secret@host",
      """
      --cloudwatch.endpoint is not a URL of HTTP or HTTPS with a host and no path; write for \
      example https://monitoring.us-east-1.amazonaws.com
      """
    ),
    (
      "--cloudwatch.interval=100ms",
      """
      --cloudwatch.interval: "100ms" is not the time between two pushes; write a duration from \
      1s to 1h, such as 60s
      """
    ),
    (
      "--cloudwatch.namespace=N --cloudwatch.include=* --forward.address=a:1",
      """
      --cloudwatch.namespace can't be used with --forward.*, because the Weir that is \
      forwarded to has the counts of all; push from there
      """
    ),
  ]

  @Test(arguments: mistakes)
  func `a mistake is a sentence with its remedy`(flags: String, sentence: String) {
    #expect(throws: UsageError(sentence)) {
      try parse(flags.split(separator: " ").map(String.init))
    }
  }
}
