import Testing

@testable import WeirConfiguration

@Suite("A wrong command line")
struct UsageErrorTests {
  static let forms: [([String], String)] = [
    (["serve"], #""serve" is not a flag; see weir --help for the flags"#),
    ([""], #""" is not a flag; see weir --help for the flags"#),
    (["-"], #""-" is not a flag; see weir --help for the flags"#),
    (
      ["--no-statsd.parse-librato-tags", "false"],
      #""false" is not a flag; see weir --help for the flags"#
    ),
    (
      ["two\nlines\u{1B}"],
      #""two\nlines\u{1B}" is not a flag; see weir --help for the flags"#
    ),
    (["a.yml", "check-config"], #""a.yml" is not a flag; see weir --help for the flags"#),
    (["--"], "-- separates nothing here; leave it out"),
    (["--wrong"], "--wrong is not a flag of weir; see weir --help for the flags"),
    (["-v"], "-v is not a flag of weir; see weir --help for the flags"),
    (["--a\nb=c"], #"--a\nb is not a flag of weir; see weir --help for the flags"#),
    (
      ["--statsd.listen-upd=:8125"],
      "--statsd.listen-upd is not a flag of weir; did you mean --statsd.listen-udp?"
    ),
    (["-log.level=debug"], "-log.level is not a flag of weir; did you mean --log.level?"),
    (["--no-log.level"], "--no-log.level is not a flag of weir; did you mean --log.level?"),
    (
      ["--no-statsd.parse-influx-tags"],
      "--no-statsd.parse-influx-tags is not a flag of weir; "
        + "did you mean --no-statsd.parse-influxdb-tags?"
    ),
    (["--log.level"], "--log.level has no value; write --log.level=debug|info|warn|error"),
    (
      ["--web.listen-address", "--log.level=debug"],
      "--web.listen-address has no value; write --web.listen-address=ADDRESS"
    ),
    (
      ["--web.telemetry-path", "-h"],
      "--web.telemetry-path has no value; write --web.telemetry-path=PATH"
    ),
    (
      ["--statsd.parse-librato-tags=false"],
      "--statsd.parse-librato-tags takes no value; write --statsd.parse-librato-tags "
        + "to turn it on, --no-statsd.parse-librato-tags to turn it off"
    ),
    (["--help=all"], "--help takes no value; write --help alone"),
    (["--version="], "--version takes no value; write --version alone"),
    (
      ["--log.level=info", "--log.level", "warn"],
      "--log.level is given twice; leave one of them out"
    ),
    (
      ["--statsd.gauge-sign=relative", "--statsd.gauge-sign=absolute"],
      "--statsd.gauge-sign is given twice for all listeners; leave one of them out"
    ),
    (
      ["--statsd.gauge-sign=:9125=relative", "--statsd.gauge-sign=:9125=absolute"],
      #"--statsd.gauge-sign is given twice for ":9125"; leave one of them out"#
    ),
    (
      ["--statsd.parse-librato-tags", "--no-statsd.parse-librato-tags"],
      "--statsd.parse-librato-tags is given twice; leave one of them out"
    ),
  ]

  @Test("is told in one sentence what is wrong with its form", arguments: forms)
  func form(_ arguments: [String], _ sentence: String) {
    expect(arguments, sentence)
  }

  static let values: [(flag: String, value: String, sentence: String)] = [
    (
      "log.level", "trace",
      #"--log.level: "trace" is not a choice; write debug, info, warn or error"#
    ),
    ("log.level", "", #"--log.level: "" is not a choice; write debug, info, warn or error"#),
    (
      "limit.overflow", "drop", #"--limit.overflow: "drop" is not a choice; write refuse or series"#
    ),
    ("log.format", "JSON", #"--log.format: "JSON" is not a choice; write logfmt or json"#),
    (
      "statsd.names", "utf8",
      #"--statsd.names: "utf8" is not a choice; write classic or utf-8"#
    ),
    (
      "statsd.valueless-tags", "yes",
      #"--statsd.valueless-tags: "yes" is not a choice; write drop or true"#
    ),
    (
      "statsd.container-id-label", "9a",
      #"--statsd.container-id-label: "9a" is not a valid label name; write letters, digits and "#
        + "underscores, not beginning with a digit, __ or weir_"
    ),
    (
      "statsd.container-id-label", "weir_id",
      #"--statsd.container-id-label: "weir_id" is not a valid label name; write letters, digits "#
        + "and underscores, not beginning with a digit, __ or weir_"
    ),
    (
      "statsd.container-id-label", "a-b",
      #"--statsd.container-id-label: "a-b" is not a valid label name; write letters, digits and "#
        + "underscores, not beginning with a digit, __ or weir_"
    ),
    (
      "statsd.gauge-sign", ":9125=",
      #"--statsd.gauge-sign: "" is not a choice; write relative or absolute"#
    ),
    (
      "statsd.gauge-sign", "absolute=:9125",
      #"--statsd.gauge-sign: ":9125" is not a choice; write relative or absolute"#
    ),
    (
      "statsd.gauge-sign", "delta",
      #"--statsd.gauge-sign: "delta" is not a choice; write relative or absolute"#
    ),
    (
      "statsd.read-buffer", "2GiB",
      #"--statsd.read-buffer: "2GiB" is more than the kernel can grant; write 1GiB or less"#
    ),
    (
      "statsd.read-buffer", "1073741825",
      #"--statsd.read-buffer: "1073741825" is more than the kernel can grant; "#
        + "write 1GiB or less"
    ),
    (
      "observe", "gauge",
      #"--observe: "gauge" is not a choice; write histogram or summary"#
    ),
    (
      "histogram.native-max-buckets", "0",
      #"--histogram.native-max-buckets: "0" is not a number of buckets; write one from 1 to 1000"#
    ),
    (
      "summary.quantiles", "0.5,0.9,0.50",
      #"--summary.quantiles: "0.50" is given twice; leave one of them out"#
    ),
    (
      "summary.quantiles", (0...16).map { "0.\($0 + 10)" }.joined(separator: ","),
      "--summary.quantiles: there are 17 of them; write 16 at most"
    ),
    (
      "summary.age-buckets", "11",
      #"--summary.age-buckets: "11" is not a number of age buckets; write one from 1 to 10"#
    ),
    (
      "web.listen-address", "",
      #"--web.listen-address: "" is not an address; write one such as 127.0.0.1:9102"#
    ),
    (
      "web.config.file", "",
      #"--web.config.file: "" is not the name of a file; write one, or leave the flag out"#
    ),
    (
      "push.keys-file", "",
      #"--push.keys-file: "" is not the name of a file; write one, or leave the flag out"#
    ),
    (
      "web.telemetry-path", "",
      #"--web.telemetry-path: "" does not begin with a slash; write a path such as /metrics"#
    ),
    (
      "web.telemetry-path", "metrics",
      #"--web.telemetry-path: "metrics" does not begin with a slash; "#
        + "write a path such as /metrics"
    ),
    (
      "web.telemetry-path", "/" + String(repeating: "a", count: 256),
      "--web.telemetry-path: the path has 257 bytes; write one of at most 256"
    ),
  ]

  @Test(
    "is told what a limit of the HTTP server can be",
    arguments: [
      ("web.max-connections", "0", "number of connections; write one from 1 to 100000"),
      ("web.max-headers", "1001", "number of headers; write one from 1 to 1000"),
      (
        "web.max-header-bytes", "1023",
        "number of bytes; write one from 1024 to 1MiB, such as 2000 or 2KiB"
      ),
      ("web.idle-timeout", "0", "duration; write one from 1ms to 1d, such as 10s"),
      ("web.read-header-timeout", "10", "duration; write one from 1ms to 1d, such as 10s"),
      ("web.read-header-timeout", "2d", "duration; write one from 1ms to 1d, such as 10s"),
    ])
  func webLimits(_ flag: String, _ value: String, _ remedy: String) {
    expect(["--\(flag)=\(value)"], "--\(flag): \"\(value)\" is not a \(remedy)")
  }

  @Test("is told in one sentence what is wrong with a value", arguments: values)
  func value(_ flag: String, _ value: String, _ sentence: String) {
    expect(["--\(flag)=\(value)"], sentence)
    expect(["--\(flag)", value], sentence)
  }

  @Test(
    "is told what a number of bytes is",
    arguments: [
      "", "16M", "16mib", "16 MiB", " 16", "1.5MiB", "MiB", "-1", "+1", "0x10", "1_000", "16MiBKiB",
      "９", "9223372036854775808", "9223372036GiB",
    ])
  func readBuffer(_ value: String) {
    expect(
      ["--statsd.read-buffer=\(value)"],
      "--statsd.read-buffer: \"\(value)\" is not a number of bytes; "
        + "write one such as 16777216, 16MiB, or 0 for the kernel's default")
  }

  @Test("is told how many sockets there can be", arguments: ["", "65", "-1", "+2", "two", "1.0"])
  func receivers(_ value: String) {
    expect(
      ["--statsd.receivers=\(value)"],
      "--statsd.receivers: \"\(value)\" is not a number of sockets; "
        + "write 1 to 64, or 0 to choose by the machine's cores")
  }

  @Test(
    "is told how long an instance may be silent", arguments: ["", "0", "10", "999ms", "25h", "-1s"])
  func silence(_ value: String) {
    for flag in ["gauge", "owner"] {
      expect(
        ["--push.\(flag)-ttl=\(value)"],
        "--push.\(flag)-ttl: \"\(value)\" is not how long an instance may be silent; write a "
          + "duration from 1s to 1d, such as 90s or 15m")
    }
  }

  @Test("is told that gauges leave before their owner")
  func gaugesOutliveOwner() {
    expect(
      ["--push.gauge-ttl=20m"],
      "--push.gauge-ttl is longer than --push.owner-ttl, after which no gauge is left; write 15m or less"
    )
  }

  @Test("is told which native histograms there are", arguments: ["", "yes", "Both"])
  func native(_ value: String) {
    expect(
      ["--histogram.native=\(value)"],
      "--histogram.native: \"\(value)\" is not a choice; write off, both or only")
  }

  @Test("is told that summaries have no native histograms", arguments: ["", "=both", "=only"])
  func nativeSummaries(_ value: String) {
    for flags in [
      ["--histogram.native\(value)", "--observe=summary"],
      ["--observe=summary", "--histogram.native\(value)"],
    ] {
      expect(
        flags,
        "--histogram.native has no effect with --observe=summary; leave one of the two out")
    }
    for flags in [["--histogram.native=off"], ["--histogram.native", "--observe=a=histogram"]] {
      #expect(throws: Never.self) {
        try Invocation.parse(["--observe=summary"] + flags, cores: 1)
      }
    }
  }

  @Test(
    "is told how far the bounds of buckets can be apart",
    arguments: ["", "1", "0.9", "1.", "-2", "1e3", "65536.1", "nan", "inf", "0x1p1", "1,1"])
  func nativeFactor(_ value: String) {
    expect(
      ["--histogram.native-factor=\(value)"],
      "--histogram.native-factor: \"\(value)\" is not a ratio of bounds; "
        + "write a number above 1 and up to 65536, such as 1.1")
  }

  @Test(
    "is told what a quantile is",
    arguments: [
      ("", ""), ("0.5,", ""), (",0.5", ""), ("0.5, 0.9", " 0.9"), ("50", "50"), ("0.5;1", "0.5;1"),
      ("-0", "-0"), ("1.01", "1.01"), ("0.5,median", "median"),
    ])
  func quantiles(_ value: String, _ wrong: String) {
    expect(
      ["--summary.quantiles=\(value)"],
      "--summary.quantiles: \"\(wrong)\" is not a quantile; "
        + "write numbers from 0 to 1, separated by commas, such as 0.5,0.9,0.99")
  }

  @Test(
    "is told how long a set can look back", arguments: ["4s", "25h", "5", "-1m", "", "soon"])
  func setWindows(_ value: String) {
    expect(
      ["--set.window=\(value)"],
      "--set.window: \"\(value)\" is not how long a set can look back; "
        + "write a duration from 5s to 1d, such as 5m, or 0 for all since the start")
  }

  @Test(
    "is told how long a summary can look back",
    arguments: ["", "10", "9s", "9s999ms", "0", "24h1ms", "-1m", "1.5m"])
  func summaryAge(_ value: String) {
    expect(
      ["--summary.max-age=\(value)"],
      "--summary.max-age: \"\(value)\" is not how long a summary can look back; "
        + "write a duration from 10s to 1d, such as 10m")
  }

  @Test(
    "is told how long a datagram may wait", arguments: ["", "10", "1s1ms", "-1ms", "0.5s"])
  func gather(_ value: String) {
    expect(
      ["--statsd.gather=\(value)"],
      "--statsd.gather: \"\(value)\" is not a duration that a datagram can wait; "
        + "write one up to 1s, such as 10ms, or 0")
  }

  @Test(
    "is told what a limit can be",
    arguments: [
      ("limit.series", "number of series; write one from 1 to 50000000"),
      ("limit.series-per-name", "number of series; write one from 1 to 50000000"),
      ("limit.names", "number of names; write one from 1 to 50000000"),
      ("limit.sets", "number of sets; write one from 1 to 50000000"),
      ("limit.labels-per-series", "number of labels; write one from 1 to 256"),
      ("limit.exposed-bytes", "number of bytes; write one from 1 to 64GiB, such as 2000 or 2KiB"),
      ("limit.name-bytes", "number of bytes; write one from 1 to 64KiB, such as 2000 or 2KiB"),
      (
        "limit.label-name-bytes", "number of bytes; write one from 1 to 64KiB, such as 2000 or 2KiB"
      ),
      (
        "limit.label-value-bytes",
        "number of bytes; write one from 1 to 64KiB, such as 2000 or 2KiB"
      ),
      ("limit.series-bytes", "number of bytes; write one from 1 to 64KiB, such as 2000 or 2KiB"),
    ], ["0", "-1", "", "many", "1.5", "68719476737"])
  func limits(_ flag: (name: String, remedy: String), _ value: String) {
    expect(
      ["--\(flag.name)=\(value)"], "--\(flag.name): \"\(value)\" is not a \(flag.remedy)")
  }

  @Test(
    "is told how long a series may be kept",
    arguments: [
      ("", #""" is not a duration; write one such as 90s, 5m, 1h30m or 7d"#),
      ("10", #""10" has no unit; write one such as 90s, 5m, 1h30m or 7d"#),
      ("gauge=10", #""10" has no unit; write one such as 90s, 5m, 1h30m or 7d"#),
      ("5x", #""5x" is not a duration; write one such as 90s, 5m, 1h30m or 7d"#),
      ("1.5h", #""1.5h" is not a duration; write one such as 90s, 5m, 1h30m or 7d"#),
      ("-5m", #""-5m" is not a duration; write one such as 90s, 5m, 1h30m or 7d"#),
      ("gauge=", #""" is not a duration; write one such as 90s, 5m, 1h30m or 7d"#),
      ("gauge=5m=", #""5m=" is not a duration; write one such as 90s, 5m, 1h30m or 7d"#),
      ("999ms", #""999ms" is less than a second; write 1s or more"#),
      ("0s1ms", #""0s1ms" is less than a second; write 1s or more"#),
      ("3651d", #""3651d" is too long; write 3650d or less"#),
    ])
  func ttl(_ value: String, _ sentence: String) {
    expect(["--series.ttl=\(value)"], "--series.ttl: \(sentence), or 0 for never")
  }

  @Test(
    "is told how long a new series can be shown as 0",
    arguments: ["", "30", "-1s", "1h1ms", "1.5m", "5x"])
  func zeroFirst(_ value: String) {
    expect(
      ["--series.zero-first=\(value)"],
      "--series.zero-first: \"\(value)\" is not how long a new series can be shown as 0; write a "
        + "duration up to 1h, such as 30s, or 0 for not at all")
  }

  @Test(
    "is told of a misspelled kind of series",
    arguments: [
      ("timer", "histogram"), ("summary", "histogram"), ("guage", "gauge"), ("counters", "counter"),
      ("histgram", "histogram"), ("sets", "set"),
    ])
  func ttlKinds(_ word: String, _ kind: String) {
    expect(
      ["--series.ttl=\(word)=5m"],
      "--series.ttl: \"\(word)\" is not a kind of series; write \(kind), or \"\(word)*\" for the "
        + "metrics whose names begin so")
    #expect(throws: Never.self) { try Invocation.parse(["--series.ttl=\(word)*=5m"], cores: 1) }
  }

  @Test("is told of a lifetime that is given twice")
  func ttlTwice() {
    expect(
      ["--series.ttl=1h", "--series.ttl=gauge=5m", "--series.ttl=1h"],
      "--series.ttl is given twice for all kinds; leave one of them out")
    expect(
      ["--series.ttl=set=1h", "--series.ttl=gauge=5m", "--series.ttl=set=2h"],
      "--series.ttl is given twice for set; leave one of them out")
  }

  @Test(
    "is told which paths are taken", arguments: ["/", "/-/healthy", "/-/ready", "/debug/refused"])
  func serverPages(_ path: String) {
    expect(
      ["--web.telemetry-path=\(path)"],
      "--web.telemetry-path: \"\(path)\" is a page of the server itself; "
        + "write another path, such as /metrics")
  }

  @Test(
    "is told what a path cannot have", arguments: ["/a b", "/a?b", "/a#b", "/é", "/\n", "/\u{7F}"])
  func pathCharacters(_ path: String) {
    expect(
      ["--web.telemetry-path=\(path)"],
      "--web.telemetry-path: \(path.debugDescription) has a character that is not allowed in a path; "
        + "write visible ASCII characters without ? and #")
  }

  @Test(
    "is told of a value that is given twice",
    arguments: [
      ("statsd.listen-udp", ":8125"), ("web.listen-address", ":9102"), ("web.telemetry-path", "/m"),
    ])
  func twice(_ flag: String, _ value: String) {
    expect(
      ["--\(flag)=\(value)", "--\(flag)", value],
      "--\(flag): \"\(value)\" is given twice; leave one of them out")
  }

  @Test(
    "is told that off goes with no address", arguments: [["", "a:1"], ["a:1", ""], ["", ""]])
  func off(_ values: [String]) {
    expect(
      values.map { "--statsd.listen-udp=\($0)" },
      #"--statsd.listen-udp: "" turns it off, so write it alone or leave it out"#)
  }

  @Test("is told of more values than a flag can have")
  func tooMany() throws {
    let sixteen = (1...16).map { "--web.listen-address=:\($0)" }
    #expect(throws: Never.self) { try Invocation.parse(sixteen, cores: 1) }
    expect(
      sixteen + ["--web.listen-address=:17"],
      "--web.listen-address is given more than 16 times; leave some of them out")
  }

  private func expect(
    _ arguments: [String], _ sentence: String, location: SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: UsageError.self, sourceLocation: location) {
      try Invocation.parse(arguments, cores: 4)
    }
    #expect(error?.description == sentence, sourceLocation: location)
  }
}
