import Testing
import WeirMetrics
import WeirWire

@testable import WeirConfiguration

@Suite("The command line")
struct InvocationTests {
  /// The options of a command line that must be in order.
  private func options(_ arguments: String...) throws -> Options {
    guard case .run(let options) = try Invocation.parse(arguments, cores: 4) else {
      throw UsageError("\(arguments) does not run")
    }
    return options
  }

  @Test("without flags gives the defaults")
  func defaults() throws {
    let options = try options()
    #expect(options.statsd.listenUDP == ["127.0.0.1:8125"])
    #expect(options.statsd.readBufferBytes == 16_777_216)
    #expect(options.statsd.receivers == 2)
    #expect(options.statsd.lines == StatsDOptions())
    #expect(options.statsd.lines.tagStyles == .all)
    #expect(options.statsd.gaugeSigns == GaugeSigns())
    #expect(options.limits == SeriesLimits())
    #expect(options.push.limits == OwnerLimits())
    #expect(options.rules == SeriesRules())
    #expect(options.web.listenAddresses == ["127.0.0.1:9102"])
    #expect(options.web.telemetryPaths == ["/metrics", "/api/metrics/prometheus"])
    #expect(options.log.level == .info)
    #expect(options.log.format == .logfmt)
    #expect(options == Options(cores: 4))
  }

  struct Setting: Sendable {
    let flag: String
    let value: String
    let expected: @Sendable (inout Options) -> Void
  }

  @Test("takes a value after = and as the next argument", arguments: settings)
  func bothSpellings(_ setting: Setting) throws {
    var expected = Options(cores: 4)
    setting.expected(&expected)
    #expect(try options("--\(setting.flag)=\(setting.value)") == expected)
    #expect(try options("--\(setting.flag)", setting.value) == expected)
  }

  struct Toggle: Sendable, CustomTestStringConvertible {
    let flag: String
    let isOn: @Sendable (inout Options, Bool) -> Void
    var testDescription: String { flag }

    static func tags(_ name: String, _ style: TagStyles) -> Toggle {
      Toggle(flag: "statsd.parse-\(name)-tags") { options, isOn in
        options.statsd.lines.tagStyles.remove(style)
        if isOn { options.statsd.lines.tagStyles.insert(style) }
      }
    }
  }

  static let toggles: [Toggle] = [
    .tags("dogstatsd", .dogStatsD), .tags("influxdb", .influxDB), .tags("librato", .librato),
    .tags("signalfx", .signalFx), .tags("graphite", .graphite),
    .init(flag: "statsd.text") { $0.statsd.takesText = $1 },
    .init(flag: "statsd.unclosed-brackets") { $0.statsd.lines.keepsUnclosedBrackets = $1 },
    .init(flag: "check-config") { $0.checksOnly = $1 },
    .init(flag: "web.statsd-exporter-metrics") { $0.web.showsExporterMetrics = $1 },
    .init(flag: "web.openmetrics") { $0.web.offersOpenMetrics = $1 },
    .init(flag: "pushgateway.pushes") { $0.pushgateway.isEnabled = $1 },
    .init(flag: "pushgateway.add-up") { $0.pushgateway.limits.addsUp = $1 },
    .init(flag: "statsd.gro") { $0.statsd.receivesSegments = $1 },
    .init(flag: "web.openmetrics-created") { $0.web.writesCreated = $1 },
    .init(flag: "web.auth-health") { $0.web.authenticatesHealth = $1 },
    .init(flag: "web.enable-lifecycle") { $0.web.enablesLifecycle = $1 },
    .init(flag: "web.ui") { $0.web.servesPage = $1 },
    .init(flag: "web.show-lines") { $0.web.showsLines = $1 },
  ]

  @Test("turns a choice on by its name and off by its name with no-", arguments: toggles)
  func toggle(_ toggle: Toggle) throws {
    var (on, off) = (Options(cores: 4), Options(cores: 4))
    toggle.isOn(&on, true)
    toggle.isOn(&off, false)
    #expect(try options("--\(toggle.flag)") == on)
    #expect(try options("--no-\(toggle.flag)") == off)
    #expect(on != off)
  }

  static let nativeChoices: [(String, NativeHistograms)] = [
    ("--histogram.native", .both), ("--histogram.native=both", .both),
    ("--histogram.native=only", .only), ("--histogram.native=off", .off),
  ]

  @Test(
    "takes a flag with its value or alone, but no value after a space", arguments: nativeChoices)
  func optionalValue(_ argument: String, _ choice: NativeHistograms) throws {
    var expected = Options(cores: 4)
    expected.observations.native = choice
    expected.log.level = .debug
    #expect(try options(argument, "--log.level=debug") == expected)
    #expect(throws: UsageError.self) { try options(argument, "only") }
  }

  @Test("may have other arguments among the flags, where that is allowed")
  func operands() throws {
    var options = Options(cores: 4)
    options.log.level = .warn
    let parsed = try Invocation.parse(
      ["a.yml", "--log.level", "warn", "b.yml"], operandsMax: 2, cores: 4)
    #expect(parsed.invocation == .run(options))
    #expect(parsed.operands == ["a.yml", "b.yml"])
    #expect(throws: UsageError.self) {
      try Invocation.parse(["a.yml"], operandsMax: 0, cores: 4)
    }
  }

  @Test("every flag of the table is in the tables of these tests")
  func everyFlagIsTested() {
    let tested =
      Self.settings.map(\.flag) + Self.toggles.map(\.flag)
      + ["histogram.native", "help", "version"]
      // They say nothing without another one: ForwardOptionsTests, StateFlagTests.
      + ["state.interval", "state.on-error"]
      + ["forward.ca-file", "forward.key-file", "forward.labels", "forward.expose"]
      // ClusterFlagTests, CloudWatchFlagTests.
      + Flag.all.map(\.name).filter { $0.hasPrefix("cluster.") }
      + Flag.all.map(\.name).filter { $0.hasPrefix("cloudwatch.") }
      // CompatibilityTests.
      + ["compat"] + CompatibilityTests.ignored
    #expect(Set(tested) == Set(Flag.all.map(\.name)))
  }

  @Test("a repeatable flag's first value replaces the default, and later ones are added")
  func repeated() throws {
    let options = try options(
      "--statsd.listen-udp=127.0.0.1:1", "--web.listen-address", "a:2", "--statsd.listen-udp",
      "[::1]:3", "--web.telemetry-path=/a", "--web.listen-address=b:4", "--web.telemetry-path=/b")
    #expect(options.statsd.listenUDP == ["127.0.0.1:1", "[::1]:3"])
    #expect(options.web.listenAddresses == ["a:2", "b:4"])
    #expect(options.web.telemetryPaths == ["/a", "/b"])
  }

  @Test("a value keeps its further equals signs, and after = its leading dashes")
  func valuesAreTakenWhole() throws {
    #expect(try options("--web.telemetry-path=/a=b").web.telemetryPaths == ["/a=b"])
    #expect(try options("--web.listen-address=--x").web.listenAddresses == ["--x"])
  }

  @Test(
    "has a socket for every second core, from 1 to 8",
    arguments: [(-1, 1), (0, 1), (1, 1), (2, 1), (3, 1), (4, 2), (8, 4), (16, 8), (256, 8)])
  func receiversByCores(cores: Int, receivers: Int) throws {
    let asked = try Invocation.parse(["--statsd.receivers=0"], cores: cores)
    #expect(Options(cores: cores).statsd.receivers == receivers)
    #expect(asked == .run(Options(cores: cores)))
  }

  @Test("--help and --version end the reading", arguments: ["--help", "-h", "--version"])
  func requests(_ argument: String) throws {
    let alone = try Invocation.parse([argument], cores: 4)
    #expect(argument == "--version" ? alone == .version : alone != .version)
    #expect(try Invocation.parse(["--log.level=warn", argument, "--wrong"], cores: 4) == alone)
    #expect(throws: UsageError.self) { try Invocation.parse(["--wrong", argument], cores: 4) }
  }
}
