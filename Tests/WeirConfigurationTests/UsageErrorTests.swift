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
