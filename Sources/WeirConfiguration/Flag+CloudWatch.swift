import WeirMetrics

extension Options {
  /// Whether and what this Weir pushes to AWS CloudWatch: `--cloudwatch.*`.
  package struct CloudWatch: Sendable, Equatable {
    /// Nil where nothing is pushed.
    package var namespace: String?
    /// Nil for that of the environment.
    package var region: String?
    /// Names of metrics that are pushed.
    package var include: [NameGlob] = []
    /// Labels that become dimensions. All others are summed away.
    package var dimensions: [String] = []
    package var metricsMax = 500
    package var intervalSeconds = 60
    /// Where metrics are pushed; nil for AWS.
    package var endpoint: ForwardURL?

    /// Whether a text can be the name of a region: `us-east-1`. It becomes a part of a host's name.
    package static func isRegion(_ text: String) -> Bool {
      (1...64).contains(text.utf8.count) && text.first != "-" && text.last != "-"
        && text.utf8.allSatisfy {
          UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
            || $0 == UInt8(ascii: "-")
        }
    }
  }
}

extension Flag {
  /// The flags of CloudWatch.
  static let cloudWatch: [Flag] = [
    Flag(
      name: "cloudwatch.namespace", kind: .value(metavariable: "NAME", repeatable: false),
      help: """
        Push metrics to AWS CloudWatch, into this namespace. Only those are pushed that \
        --cloudwatch.include names. weir explain --cloudwatch shows them, with what they cost.
        """,
      shown: nil,
      set: { value, _, options throws(UsageError) in
        guard (1...FlagBounds.namespaceBytesMax).contains(value.utf8.count),
          value.utf8.allSatisfy(isOfNamespace), value.first != ":"
        else {
          throw UsageError(
            "--cloudwatch.namespace: \(value.quoted) is not a namespace; write up to "
              + "\(FlagBounds.namespaceBytesMax) letters, digits, spaces and . - _ / # :")
        }
        guard !value.uppercased().hasPrefix("AWS/") else {
          throw UsageError(
            "--cloudwatch.namespace: \(value.quoted) is one of AWS' own; write another")
        }
        options.cloudWatch.namespace = value
      }),
    Flag(
      name: "cloudwatch.region", kind: .value(metavariable: "REGION", repeatable: false),
      help: """
        The region whose CloudWatch is meant, such as us-east-1. Without it, that of AWS_REGION or \
        AWS_DEFAULT_REGION.
        """,
      shown: nil,
      set: { value, _, options throws(UsageError) in
        guard Options.CloudWatch.isRegion(value) else {
          throw UsageError(
            "--cloudwatch.region: \(value.quoted) is not a region; write one such as us-east-1")
        }
        options.cloudWatch.region = value
      }),
    Flag(
      name: "cloudwatch.include", kind: .value(metavariable: "GLOB", repeatable: true),
      help: """
        Names of metrics to push, as a scrape shows them, such as llm_*. Weir's own are among them.
        """,
      shown: { $0.cloudWatch.include.map(\.description).joined(separator: " ") },
      set: { value, earlier, options throws(UsageError) in
        guard !value.isEmpty, value.utf8.count <= FlagBounds.globBytesMax else {
          throw UsageError(
            "--cloudwatch.include: \(value.quoted) is not a pattern for names; write up to "
              + "\(FlagBounds.globBytesMax) characters, such as llm_*")
        }
        guard !value.contains(",") else {
          throw UsageError(
            "--cloudwatch.include: \(value.quoted) has a comma; write the flag once for each pattern"
          )
        }
        try checkRepeats("cloudwatch.include", earlier, max: FlagBounds.cloudWatchIncludesMax)
        let glob = NameGlob(value)
        guard !options.cloudWatch.include.contains(glob) else {
          throw UsageError(
            "--cloudwatch.include: \(value.quoted) is given twice; leave one of them out")
        }
        options.cloudWatch.include.append(glob)
      }),
    Flag(
      name: "cloudwatch.dimensions", kind: .value(metavariable: "LABEL,...", repeatable: false),
      help: """
        Labels that become dimensions, such as provider,model. All others are summed away. Each \
        combination of values is a metric that CloudWatch bills.
        """,
      shown: { $0.cloudWatch.dimensions.joined(separator: ",") },
      set: { value, _, options throws(UsageError) in
        for part in value.split(separator: ",", omittingEmptySubsequences: false) {
          let name = String(part)
          guard (1...FlagBounds.dimensionNameBytesMax).contains(name.utf8.count),
            name.utf8.allSatisfy({ 0x21..<0x7F ~= $0 }), name.first != ":"
          else {
            throw UsageError(
              "--cloudwatch.dimensions: \(name.quoted) is not the name of a label that can be a "
                + "dimension; write for example provider,model")
          }
          guard !options.cloudWatch.dimensions.contains(name) else {
            throw UsageError(
              "--cloudwatch.dimensions: \(name.quoted) is given twice; leave one of them out")
          }
          options.cloudWatch.dimensions.append(name)
        }
        guard options.cloudWatch.dimensions.count <= FlagBounds.dimensionsMax else {
          throw UsageError(
            "--cloudwatch.dimensions: CloudWatch takes at most \(FlagBounds.dimensionsMax) "
              + "dimensions; leave some of them out")
        }
      }),
    .count(
      "cloudwatch.max-metrics", \.cloudWatch.metricsMax, of: "metrics",
      upTo: FlagBounds.cloudWatchMetricsMax,
      help:
        "The most metrics that are pushed. Further ones are not, and the log says what they would cost."
    ),
    .seconds(
      "cloudwatch.interval", \.cloudWatch.intervalSeconds, in: FlagBounds.cloudWatchIntervalSeconds,
      subject: "the time between two pushes", example: "60s",
      help: "The time from one push to the next."),
    Flag(
      name: "cloudwatch.endpoint", kind: .value(metavariable: "URL", repeatable: false),
      help: """
        Where to push instead of to AWS' own address: an endpoint in a VPC, or a server for tests.
        """,
      shown: nil,
      set: { value, _, options throws(UsageError) in
        guard let url = ForwardURL(value), url.credentials == nil, !url.hasPath,
          !value.contains("?")
        else {
          throw UsageError(
            "--cloudwatch.endpoint is not a URL of HTTP or HTTPS with a host and no path; write for "
              + "example https://monitoring.us-east-1.amazonaws.com")
        }
        options.cloudWatch.endpoint = url
      }),
  ]

  private static func isOfNamespace(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: " .-_/#:".utf8.contains(byte)
    }
  }
}

extension FlagBounds {
  /// What CloudWatch takes.
  static let namespaceBytesMax = 255
  static let dimensionNameBytesMax = 255
  static let dimensionsMax = 30

  /// A new name is compared with each of them in every round.
  static let cloudWatchIncludesMax = 100

  /// 100 requests in each interval at least, and 12,000 dollars a month without these.
  static let cloudWatchMetricsMax = 100_000

  /// CloudWatch keeps what comes within a minute as one.
  static let cloudWatchIntervalSeconds = 1...3_600
}

extension Options {
  /// Checks what no single flag can check.
  func checkCloudWatch() throws(UsageError) {
    guard let given = cloudWatch.firstFlag else { return }
    guard cloudWatch.namespace != nil else {
      throw UsageError(
        "--cloudwatch.\(given) is given without --cloudwatch.namespace; add it, or leave the flag out"
      )
    }
    guard !cloudWatch.include.isEmpty else {
      throw UsageError(
        "--cloudwatch.namespace is given without --cloudwatch.include, so that nothing would be "
          + "pushed; name the metrics, for example --cloudwatch.include='llm_*'")
    }
    guard forward.target == nil else {
      throw UsageError(
        "--cloudwatch.namespace can't be used with --forward.*, because the Weir that is forwarded to "
          + "has the counts of all; push from there")
    }
  }
}

extension Options.CloudWatch {
  /// A flag that was given; nil if none was.
  fileprivate var firstFlag: String? {
    let standard = Options.CloudWatch()
    let flags: [(String, Bool)] = [
      ("namespace", namespace != nil), ("region", region != nil), ("include", !include.isEmpty),
      ("dimensions", !dimensions.isEmpty), ("max-metrics", metricsMax != standard.metricsMax),
      ("interval", intervalSeconds != standard.intervalSeconds), ("endpoint", endpoint != nil),
    ]
    return flags.first { $0.1 }?.0
  }
}
