import Testing

@testable import WeirConfiguration

@Suite("A wrong value of a flag about observations or series")
struct SeriesValueErrorTests {
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
    for flags in [
      ["--histogram.native=off"], ["--histogram.native", "--observe=a=histogram"],
      ["--histogram.native", "--statsd.mapping-config=m.yml"],
    ] {
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

  private func expect(
    _ arguments: [String], _ sentence: String, location: SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: UsageError.self, sourceLocation: location) {
      try Invocation.parse(arguments, cores: 4)
    }
    #expect(error?.description == sentence, sourceLocation: location)
  }
}
