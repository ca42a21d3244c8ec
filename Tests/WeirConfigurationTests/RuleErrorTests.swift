import Testing

@testable import WeirConfiguration

@Suite("A wrong rule by name")
struct RuleErrorTests {
  /// Flags that take `NAME-GLOB=VALUE`, each with a value.
  static let flags = [
    ("histogram.bounds", "1,2"), ("observe", "summary"), ("histogram.native", "both"),
    ("series.ttl", "5m"),
  ]

  @Test("is told that the name is empty", arguments: flags)
  func emptyName(_ flag: String, _ value: String) {
    expect(
      ["--\(flag)==\(value)"],
      "--\(flag): the name before = is empty; write a metric name such as llm_requests_total, or a "
        + "pattern such as llm_*")
  }

  @Test("is told that the name is too long", arguments: flags)
  func longName(_ flag: String, _ value: String) {
    let name = String(repeating: "a", count: 1_025)
    expect(
      ["--\(flag)=\(name)=\(value)"],
      "--\(flag): the name before = has 1025 bytes; write at most 1024")
  }

  @Test("is told that a name or the default is given twice", arguments: flags)
  func twice(_ flag: String, _ value: String) {
    expect(
      ["--\(flag)=a*=\(value)", "--\(flag)=b=\(value)", "--\(flag)=a*=\(value)"],
      "--\(flag) is given twice for \"a*\"; leave one of them out")
    let subject = flag == "series.ttl" ? "kinds" : "names"
    expect(
      ["--\(flag)=\(value)", "--\(flag)=b=\(value)", "--\(flag)=\(value)"],
      "--\(flag) is given twice for all \(subject); leave one of them out")
  }

  @Test("is told that an earlier glob matches all its names", arguments: flags)
  func neverApplies(_ flag: String, _ value: String) {
    for glob in ["llm_tokens", "llm_*_seconds", "llm_*"] {
      expect(
        ["--\(flag)=l*=\(value)", "--\(flag)=\(glob)=\(value)"],
        "--\(flag): \"\(glob)\" never applies, because \"l*\" before it matches the same names; "
          + "write it first")
    }
    #expect(throws: Never.self) {
      try Invocation.parse(["--\(flag)=llm_*=\(value)", "--\(flag)=l*=\(value)"], cores: 1)
    }
  }

  @Test("is told that a scrape shows no such name", arguments: flags)
  func sentName(_ flag: String, _ value: String) {
    expect(
      ["--\(flag)=llm.tokens-*=\(value)"],
      "--\(flag): \"llm.tokens-*\" matches no name as a scrape shows it; write \"llm_tokens_*\"")
    expect(
      ["--\(flag)=5xx_*=\(value)"],
      "--\(flag): \"5xx_*\" matches no name as a scrape shows it; write \"_5xx_*\"")
    expect(
      ["--\(flag)=llm--tokens-*=\(value)", "--statsd.names=joined-dashes"],
      "--\(flag): \"llm--tokens-*\" matches no name as a scrape shows it; write \"llm_tokens_*\"")
    #expect(throws: Never.self) {
      try Invocation.parse(
        ["--\(flag)=llm--tokens-*=\(value)", "--statsd.names=utf-8"], cores: 1)
    }
  }

  @Test("with a star is never taken for a kind")
  func starred() throws {
    for glob in ["counter*", "*gauge", "timer*"] {
      #expect(throws: Never.self) {
        try Invocation.parse(["--series.ttl=\(glob)=6m"], cores: 1)
      }
    }
  }

  @Test("is told that one flag has too many names", arguments: flags)
  func tooManyNames(_ flag: String, _ value: String) throws {
    let thousand = (1...1_000).map { "--\(flag)=n\($0)=\(value)" }
    #expect(throws: Never.self) { try Invocation.parse(thousand, cores: 1) }
    expect(
      thousand + ["--\(flag)=n1001=\(value)"],
      "--\(flag) is given for more than 1000 names; leave some of them out")
  }

  @Test("is told that the flags describe too many classes of series")
  func tooManyClasses() {
    let bounds = (1...700).map { "--histogram.bounds=n\($0)=\($0)" }
    let lifetimes = (1...296).map { "--series.ttl=n\($0)=\($0)s" }
    #expect(throws: Never.self) { try Invocation.parse(bounds + lifetimes, cores: 1) }
    expect(
      bounds + lifetimes + ["--series.ttl=n297=1h"],
      "--histogram.bounds, --observe, --histogram.native and --series.ttl describe 1001 classes of "
        + "series; write at most 1000")
  }

  @Test(
    "is told what a bound is",
    arguments: [
      ("", ""), ("a=", ""), ("1,", ""), (",1", ""), ("1, 2", " 2"), ("1s", "1s"), ("1;2", "1;2"),
      ("nan", "nan"), ("1,inf", "inf"), ("+1", "+1"), ("1e999", "1e999"), ("0x1", "0x1"),
      ("a=b=1", "b=1"), ("٣", "٣"),
    ])
  func bound(_ value: String, _ wrong: String) {
    expect(
      ["--histogram.bounds=\(value)"],
      "--histogram.bounds: \"\(wrong)\" is not a bound; write numbers without a unit, separated by "
        + "commas, such as 0.1,0.5,1,5")
  }

  @Test(
    "is told that bounds ascend",
    arguments: [
      ("1,1", "1"), ("2,1", "1"), ("0,-0", "-0"), ("x=1,10,5", "5"), ("1e1,1.0e1", "1.0e1"),
    ])
  func ascending(_ value: String, _ wrong: String) {
    expect(
      ["--histogram.bounds=\(value)"],
      "--histogram.bounds: \"\(wrong)\" is not above the bound before it; write the bounds in "
        + "ascending order")
  }

  @Test("is told how many bounds there can be")
  func tooManyBounds() {
    let list = (1...201).map { "\($0)" }.joined(separator: ",")
    for value in [list, "a*=\(list)"] {
      expect(
        ["--histogram.bounds=\(value)"],
        "--histogram.bounds: there are 201 bounds; write 200 at most")
    }
  }

  @Test("is told what its value can be")
  func values() {
    expect(
      ["--observe=a*=gauge"], #"--observe: "gauge" is not a choice; write histogram or summary"#)
    expect(["--observe=a*"], #"--observe: "a*" is not a choice; write histogram or summary"#)
    expect(
      ["--histogram.native=a*"],
      #"--histogram.native: "a*" is not a choice; write off, both or only"#)
    expect(
      ["--series.ttl=a*=10"],
      #"--series.ttl: "10" has no unit; write one such as 90s, 5m, 1h30m or 7d, or 0 for never"#)
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
