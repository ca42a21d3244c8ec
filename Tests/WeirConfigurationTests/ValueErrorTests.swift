import Testing

@testable import WeirConfiguration

@Suite("A wrong value of a flag")
struct ValueErrorTests {
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
      #"--statsd.names: "utf8" is not a choice; write classic, joined-dashes or utf-8"#
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
      "statsd.unixsocket-mode", "rwx",
      #"--statsd.unixsocket-mode: "rwx" is not a mode; write three octal digits, such as 755 or 770"#
    ),
    (
      "statsd.unixsocket-mode", "758",
      #"--statsd.unixsocket-mode: "758" is not a mode; write three octal digits, such as 755 or 770"#
    ),
    (
      "statsd.unixsocket-mode", "1777",
      #"--statsd.unixsocket-mode: "1777" is not a mode; write three octal digits, such as 755 or 770"#
    ),
    (
      "statsd.unixsocket-mode", "",
      #"--statsd.unixsocket-mode: "" is not a mode; write three octal digits, such as 755 or 770"#
    ),
    (
      "statsd.listen-unix", String(repeating: "a", count: 108),
      "--statsd.listen-unix: \"\(String(repeating: "a", count: 108))\" is not the path of a Unix "
        + "socket; write one of at most 107 bytes"
    ),
    (
      "limit.tcp-connections", "0",
      #"--limit.tcp-connections: "0" is not a number of connections; write one from 1 to 100000"#
    ),
    (
      "statsd.tcp-idle-timeout", "10",
      #"--statsd.tcp-idle-timeout: "10" is not a time that a connection may be idle; write a duration "#
        + "from 1s to 1d, such as 10m, or 0 for as long as they like"
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
      "web.host", "weir.example:80",
      "--web.host: \"weir.example:80\" is not the name of a host; write one such as weir.example.com, "
        + "without a port"
    ),
    (
      "web.host", "",
      #"--web.host: "" is not the name of a host; write one such as weir.example.com, without a port"#
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

  @Test("is told in one sentence what is wrong with it", arguments: values)
  func value(_ flag: String, _ value: String, _ sentence: String) {
    expect(["--\(flag)=\(value)"], sentence)
    expect(["--\(flag)", value], sentence)
  }

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
    "is told which paths are taken",
    arguments: [
      "/ui/", "/ui/weir.js", "/api/v1/status", "/-/healthy", "/-/ready", "/debug/refused",
    ])
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

  private func expect(
    _ arguments: [String], _ sentence: String, location: SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: UsageError.self, sourceLocation: location) {
      try Invocation.parse(arguments, cores: 4)
    }
    #expect(error?.description == sentence, sourceLocation: location)
  }
}
