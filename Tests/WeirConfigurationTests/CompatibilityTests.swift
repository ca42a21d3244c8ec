import Testing
import WeirMetrics
import WeirWire

@testable import WeirConfiguration

@Suite("The defaults of statsd_exporter")
struct CompatibilityTests {
  private func options(_ arguments: [String]) throws -> Options {
    guard case .run(let options) = try Invocation.parse(arguments, cores: 4) else {
      throw UsageError("\(arguments) does not run")
    }
    return options
  }

  static let bounds = HistogramBounds(
    upper: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10])

  static let ignored = [
    "statsd.cache-size", "statsd.cache-type", "statsd.event-queue-size",
    "statsd.event-flush-threshold", "statsd.event-flush-interval",
    "statsd.udp-packet-queue-size", "debug.dump-fsm",
  ]

  @Test func `are all that --compat changes`() throws {
    var expected = Options(cores: 4)
    expected.compatibility = .statsdExporter
    expected.statsd.listenUDP = [":9125"]
    expected.statsd.listenTCP = [":9125"]
    expected.web.listenAddresses = [":9102"]
    expected.observations.observe = .summary
    expected.observations.bounds = Self.bounds
    expected.statsd.names = .joinedDashes
    expected.statsd.lines.containerLabel = "container_id"
    expected.statsd.lines.tagStyles.remove(.graphite)
    expected.statsd.lines.keepsUnclosedBrackets = true
    expected.web.boundStyle = .short
    expected.web.offersOpenMetrics = false
    expected.web.showsExporterMetrics = true
    #expect(try options(["--compat=statsd_exporter"]) == expected)
    #expect(try options(["--compat", "statsd_exporter"]) == expected)
  }

  @Test(arguments: [
    ["--statsd.mapping-config=m.yml", "--compat=statsd_exporter"],
    ["--compat", "statsd_exporter", "--statsd.mapping-config", "m.yml"],
  ])
  func `with a mapping file, histograms are native, too`(arguments: [String]) throws {
    let mapped = try options(arguments).observations
    #expect(mapped.native == .both)
    #expect(mapped.nativeBucketsMax == 256)
    #expect(try options(arguments + ["--histogram.native=off"]).observations.native == .off)
    let fewer = try options(arguments + ["--histogram.native-max-buckets=100"]).observations
    #expect(fewer.nativeBucketsMax == 100)
    // No file is named by an empty flag, and Weir alone makes none native by a file.
    for none in [
      ["--compat=statsd_exporter", "--statsd.mapping-config="], ["--statsd.mapping-config=m.yml"],
    ] {
      #expect(try options(none).observations.native == .off)
    }
  }

  @Test func `are those of statsd_exporter`() throws {
    let rules = try options(["--compat=statsd_exporter"]).rules
    #expect(rules.defaultClass(of: .histogram).observer == .summary(SummaryOptions()))
    #expect(
      SummaryOptions()
        == SummaryOptions(quantiles: [0.5, 0.9, 0.99], maxAgeSeconds: 600, ageBuckets: 5))
    #expect(rules.defaultBounds == Self.bounds)
    for kind in MetricKind.allCases { #expect(rules.lifetimes[kind] == nil) }
    let styles = try options(["--compat=statsd_exporter"]).statsd.lines.tagStyles
    #expect(styles == TagStyles.all.subtracting(.graphite))
  }

  struct Override: Sendable {
    let flag: String
    let isWon: @Sendable (Options) -> Bool
  }

  static let overrides: [Override] = [
    Override(flag: "--statsd.listen-udp=127.0.0.1:1") { $0.statsd.listenUDP == ["127.0.0.1:1"] },
    Override(flag: "--statsd.listen-udp=") { $0.statsd.listenUDP == [] },
    Override(flag: "--web.listen-address=127.0.0.1:2") {
      $0.web.listenAddresses == ["127.0.0.1:2"]
    },
    Override(flag: "--observe=histogram") { $0.observations.observe == .histogram },
    Override(flag: "--histogram.bounds=1,2") {
      $0.observations.bounds == HistogramBounds(upper: [1, 2])
    },
    Override(flag: "--statsd.names=classic") { $0.statsd.names == .classic },
    Override(flag: "--statsd.container-id-label=") { $0.statsd.lines.containerLabel == nil },
    Override(flag: "--statsd.container-id-label=pod") {
      $0.statsd.lines.containerLabel == "pod"
    },
    Override(flag: "--statsd.parse-graphite-tags") {
      $0.statsd.lines.tagStyles.contains(.graphite)
    },
    Override(flag: "--no-statsd.unclosed-brackets") { !$0.statsd.lines.keepsUnclosedBrackets },
    Override(flag: "--web.bounds=canonical") { $0.web.boundStyle == .canonical },
    Override(flag: "--web.openmetrics") { $0.web.offersOpenMetrics },
  ]

  @Test("give way to a flag, before or after --compat", arguments: overrides.indices)
  func overridden(_ index: Int) throws {
    let override = Self.overrides[index]
    for arguments in [
      ["--compat=statsd_exporter", override.flag], [override.flag, "--compat", "statsd_exporter"],
    ] {
      let options = try options(arguments)
      #expect(override.isWon(options), "\(arguments)")
      #expect(options.compatibility == .statsdExporter)
    }
    #expect(!override.isWon(try options(["--compat=statsd_exporter"])))
  }

  @Test func `do not hold without the flag`() throws {
    #expect(try options([]).compatibility == nil)
    #expect(try options(["--statsd.unclosed-brackets"]).statsd.listenUDP == ["127.0.0.1:8125"])
  }

  @Test("are of a program that is known, and given once")
  func mistakes() throws {
    for (arguments, sentence) in [
      (
        ["--compat=statsd_exporters"],
        #"--compat: "statsd_exporters" is not a choice; write statsd_exporter"#
      ),
      (["--compat"], "--compat has no value; write --compat=statsd_exporter"),
      (
        ["--compat=statsd_exporter", "--compat=statsd_exporter"],
        "--compat is given twice; leave one of them out"
      ),
    ] {
      let error = #expect(throws: UsageError.self) {
        try Invocation.parse(arguments, cores: 4)
      }
      #expect(error?.description == sentence)
    }
  }

  @Test func `take flags that have no meaning here, and remember why`() throws {
    let flags = Self.ignored
    // As charts give them: with or without --compat.
    for compat in [[], ["--compat=statsd_exporter"]] {
      let options = try options(compat + flags.flatMap { ["--\($0)", "1000"] })
      #expect(options.ignoredFlags.map(\.name) == flags)
      #expect(options.ignoredFlags.allSatisfy { $0.reason.count > 10 })
      var other = try self.options(compat)
      other.ignoredFlags = options.ignoredFlags
      #expect(options == other)
    }
  }

  @Test func `take --check-config as a flag`() throws {
    #expect(try options(["--check-config", "--compat=statsd_exporter"]).checksOnly)
    #expect(!(try options(["--compat=statsd_exporter"]).checksOnly))
  }
}
