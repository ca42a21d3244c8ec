import WeirAggregation
import WeirCloudWatch
import WeirConfiguration
import WeirCurl
import WeirMetrics

/// Pushing to CloudWatch, from the options to the last push.
struct CloudWatch: Sendable {
  /// How long the last push may take.
  static let stopLimit = Duration.seconds(4)
  /// How much longer a stop waits for the end of the last push. A waiting request is ended within a second.
  static let stopGrace = Duration.milliseconds(1_250)

  private let pusher: CloudWatchPusher
  private let options: Options.CloudWatch
  private let target: Target
  private let log: Log

  /// Where metrics go.
  struct Target: Sendable {
    let region: String
    let url: String
    /// A sentence for what is allowed but not advisable.
    let warning: String?
  }

  /// The ledger that the state keeps; nil where nothing is pushed.
  ///
  /// - Parameter payloads: Of a state file.
  static func ledger(_ options: Options.CloudWatch, payloads: [[UInt8]]) -> CloudWatchLedger? {
    options.namespace.map { _ in CloudWatchLedger(payloads: payloads) }
  }

  /// Nil where nothing is pushed.
  init?(
    _ options: Options.CloudWatch, ledger: CloudWatchLedger?, meter: CloudWatchMeter?,
    aggregator: Aggregator, scraper: Scraper, keeper: StateKeeper?, log: Log
  ) throws(StartError) {
    guard let namespace = options.namespace, let ledger, let meter else { return nil }
    let environment = AWSEnvironment.read()
    let target = try CloudWatch.target(options, environment: environment)
    self.options = options
    self.target = target
    self.log = log
    let include = options.include
    pusher = CloudWatchPusher(
      .init(
        namespace: namespace, include: include.map(\.description),
        dimensions: options.dimensions, metricsMax: options.metricsMax,
        interval: .seconds(options.intervalSeconds)),
      .init(
        aggregator: aggregator, ledger: ledger, meter: meter,
        families: {
          await scraper.shown { name in include.contains { $0.matches(name) } }
        },
        commit: {
          guard let keeper else { return }
          _ = await keeper.commit(
            isPatient: true, until: .now + .seconds(CloudWatchPusher.commitSeconds))
        }, wallClock: Log.wallClock, log: log),
      makeExchange: {
        CurlExchange(target.url, region: target.region, environment: environment)
      })
  }

  /// Checks what a start checks.
  ///
  /// - Throws: `StartError` if libcurl or the region is missing, or can't be used.
  static func target(
    _ options: Options.CloudWatch, environment: [String: String]
  ) throws(StartError) -> Target {
    do throws(CurlConnection.Failure) {
      try CurlConnection.open()
    } catch {
      throw StartError(
        description: "--cloudwatch.namespace: libcurl cannot be opened: \(error); install it "
          + "(Debian: libcurl4)")
    }
    guard CurlConnection.canSign() else {
      throw StartError(
        description: "--cloudwatch.namespace: libcurl is too old to sign requests; install 7.75 or "
          + "newer")
    }
    let region = try region(options, environment: environment)
    guard let endpoint = options.endpoint else {
      return Target(region: region, url: AWSRegion.cloudWatchURL(region), warning: nil)
    }
    let url = endpoint.text.hasSuffix("/") ? endpoint.text : endpoint.text + "/"
    return Target(
      region: region, url: url,
      warning: endpoint.isSecure
        ? nil
        : "--cloudwatch.endpoint: \(url) is without TLS, so that metrics and session tokens can be read on "
          + "the way; use https, except for a server of tests on this machine")
  }

  private static func region(
    _ options: Options.CloudWatch, environment: [String: String]
  ) throws(StartError) -> String {
    if let region = options.region { return region }
    for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
      guard let region = environment[name] else { continue }
      guard Options.CloudWatch.isRegion(region) else {
        throw StartError(
          description: "\(name): \(region.quoted) is not a region; write one such as us-east-1")
      }
      return region
    }
    throw StartError(
      description: "--cloudwatch.namespace: the region is not known; write for example "
        + "--cloudwatch.region=us-east-1, or set AWS_REGION")
  }

  /// Takes what is there before anything is received.
  func begin() async { await pusher.begin() }

  func report() {
    if let warning = target.warning {
      log.warn("the endpoint of CloudWatch is not safe", ["mistake": .text(warning)])
    }
    log.info(
      "pushing to CloudWatch",
      [
        "namespace": .text(options.namespace ?? ""), "region": .text(target.region),
        "url": .text(target.url), "max_metrics": .init(options.metricsMax),
        "interval_seconds": .init(options.intervalSeconds),
      ])
  }

  /// Pushes until its task is cancelled.
  func run() async { await pusher.run() }

  /// Pushes what is left. The task of `run` is cancelled before.
  func finish() async {
    let end = ContinuousClock.now + CloudWatch.stopLimit
    // A request that waits occupies the actor.
    pusher.stop(by: end)
    let isDone = await isTrue(before: end + CloudWatch.stopGrace) {
      await pusher.finish()
      return true
    }
    if !isDone { log.warn("the last push to CloudWatch did not end in time") }
  }
}
