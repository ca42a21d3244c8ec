import Foundation
import TestSupport
import Testing
import WeirConfiguration

@testable import WeirDaemon

@Suite("weir explain")
struct ExplainTests {
  private static let mapping = """
    mappings:
    - match: airflow.dag.*.load
      name: airflow_load_seconds
      observer_type: summary
      ttl: 1h
      labels: {dag: $1}
    - match: noise.*
      name: x
      action: drop
    - match: open.*
      name: open
      metric_type: gauge
      scale: 2
    - match: both
      name: observed
      match_metric_type: observer
    - match: both
      name: counted
      match_metric_type: counter
    - {match: reserved.*, name: weir_x}
    - {match: empty.*, name: $1}
    """

  struct Result {
    /// What was printed, without the lines themselves.
    var sentences: [String]
    var refused: Int?
  }

  /// - Parameter input: Standard input, where there are no lines.
  private func explain(
    _ lines: [String], input: [UInt8] = [], mapping: String? = mapping, flags: [String] = []
  ) throws -> Result {
    let folder = try Folder()
    var arguments = flags
    if let mapping {
      folder.write("m.yml", Array(mapping.utf8))
      arguments.append("--statsd.mapping-config=\(folder.path)/m.yml")
    }
    guard case .run(let options) = try Invocation.parse(arguments, cores: 1) else {
      throw TestServer.NoServer()
    }
    var refused: Int?
    let text = try CommandFiles.output(in: folder, input: input) { input, output in
      do {
        try ExplainCommand.run(options, lines, from: input, to: output)
      } catch let error as ExplainCommand.Refused {
        refused = error.count
      }
    }
    return Result(
      sentences: text.split(separator: "\n").filter { $0.hasPrefix("  ") }
        .map { String($0.dropFirst(2)) }, refused: refused)
  }

  private static let bounds =
    "0.005 0.01 0.025 0.05 0.1 0.25 0.5 1.0 2.5 5.0 10.0 30.0 60.0 120.0"

  @Test(
    "says how an accepted line is read, by which rule, and what comes of it",
    arguments: [
      (
        "airflow.dag.etl.load:93|ms",
        [
          "an observation, 0.093",
          #"the rule on line 2: "airflow.dag.*.load" -> "airflow_load_seconds""#,
          #"series airflow_load_seconds{dag="etl"}: a summary of the last 600 s with the quantiles "#
            + "0.5 0.9 0.99, removed 3600 s after its last update",
        ]
      ),
      ("noise.a:1|c", ["a counter, plus 1.0", #"the rule on line 7: "noise.*" is dropped"#]),
      (
        "open.a:-2|c",
        [
          "a counter, plus -2.0", #"the rule on line 10: "open.*" -> "open""#,
          "which makes it a gauge, changed by -4.0", "series open: a gauge, kept for ever",
        ]
      ),
      (
        "both:2|h|@0.5",
        [
          "an observation, 2.0, each with the weight 2.0",
          #"the rule on line 14: "both" for histogram -> "observed""#,
          "series observed: a histogram with the bounds \(bounds), kept for ever",
        ]
      ),
      (
        "both:1:2|c|#k:v,bare",
        [
          "a counter, plus 1.0, 2.0", #"the rule on line 17: "both" for counter -> "counted""#,
          #"series counted{k="v"}: a counter, kept for ever"#,
          "1 tag is dropped: empty, without a value, or given twice",
        ]
      ),
      (
        "both:+3|g",
        [
          "a gauge, changed by 3.0", "no mapping rule matches",
          "series both: a gauge, kept for ever",
        ]
      ),
      (
        "u:m|s",
        [
          "a member of a set", "no mapping rule matches",
          "series u: a set of members of the last 300 s, kept for ever",
        ]
      ),
      (
        // Weir itself has the series without labels.
        "process_open_fds:1|g|#a:b",
        [
          "a gauge, set to 1.0", "no mapping rule matches",
          #"series process_open_fds{a="b"}: a gauge, kept for ever"#,
        ]
      ),
      ("_e{1,1}:a|b", ["an event, which is counted and not kept"]),
      ("_sc|a|0", ["a service check, which is counted and not kept"]),
      ("", ["an empty line, which means nothing"]),
    ] as [(String, [String])])
  func accepted(_ line: String, _ sentences: [String]) throws {
    let result = try explain([line])
    #expect(result.sentences == sentences)
    #expect(result.refused == nil)
  }

  @Test(
    "says of a refused line which byte is wrong, and why",
    arguments: [
      (
        "a",
        #"refused, missing_value: there is no value; write name:value|type; see byte 2, where the line ends"#
      ),
      (
        "a:1",
        "refused, missing_type: there is no type; write |c, |g, |ms, |h, |d or |s after the value; see byte 4, "
          + "where the line ends"
      ),
      ("a:1|q", #"refused, unknown_type: the type is none of c g ms h d s; see byte 5: "q""#),
      ("a:1:x:2|c", #"refused, bad_value: the value is not a decimal number; see byte 5: "x""#),
      ("a:1|c|@2", #"refused, rate_above_one: the sample rate is above 1; see byte 7: "@2""#),
      (
        "plain:3:-1|c",
        #"refused, negative_counter: a counter can't be decreased; see byte 9: "-1""#
      ),
      ("reserved.a:1|c", "refused, reserved_name: the name is Weir's own, or Prometheus' own"),
      ("up:1|g", "refused, reserved_name: the name is Weir's own, or Prometheus' own"),
      (
        "process_open_fds:1|g", "refused, reserved_name: the name is Weir's own, or Prometheus' own"
      ),
      ("empty.:1|c", "refused, empty_name: the name that the rule gives is empty"),
      (":1|c", #"refused, empty_name: there is no name; see byte 1: ":""#),
      (
        "a[k=v:1|c",
        #"refused, unclosed_tags: the bracket of the tags does not close, or there is a second one; see byte 2: "[""#
      ),
    ])
  func refused(_ line: String, _ sentence: String) throws {
    let result = try explain([line])
    #expect(result.sentences.last == sentence)
    #expect(result.refused == 1)
  }

  @Test func `shows the series of a server that forwards`() throws {
    let result = try explain(
      ["airflow.dag.etl.load:93|ms"], flags: ["--forward.address=10.0.0.1:8126"])
    #expect(
      result.sentences.last
        == #"series airflow_load_seconds{dag="etl"}: a native histogram of schema 3, kept for ever"#
    )
  }

  @Test func `counts refused lines, and describes each`() throws {
    let result = try explain(["a:1|c", "b:x|c", "c:y|g"])
    #expect(result.refused == 2)
    #expect(ExplainCommand.Refused(count: 2).description == "2 lines are refused")
    #expect(ExplainCommand.Refused(count: 1).description == "1 line is refused")
    #expect(result.sentences.count { $0.hasPrefix("refused, bad_value") } == 2)
  }

  @Test func `reads standard input, byte for byte`() throws {
    let result = try explain(
      [],
      input: Array("both:1|c\r\nnoise.x:1|c\n\nmal".utf8) + [0xFF]
        + Array("formed:1|c\nlast:2|g".utf8))
    #expect(result.refused == 1)
    #expect(
      result.sentences == [
        "a counter, plus 1.0", #"the rule on line 17: "both" for counter -> "counted""#,
        "series counted: a counter, kept for ever", "a counter, plus 1.0",
        #"the rule on line 7: "noise.*" is dropped"#, "an empty line, which means nothing",
        #"refused, invalid_utf8: the line is not UTF-8; see byte 4: "\xff""#, "a gauge, set to 2.0",
        "no mapping rule matches", "series last: a gauge, kept for ever",
      ])
    #expect(try explain([]).sentences == [])
    // Longer than one read.
    let long = String(repeating: "x", count: 70_000)
    #expect(
      try explain([], input: Array("\(long):1|c\na:1|c\n".utf8)).sentences.map { $0.prefix(20) }
        == [
          "refused, line_too_lo", "a counter, plus 1.0", "no mapping rule matc",
          "series a: a counter,",
        ])
  }

  @Test func `goes by the flags`() throws {
    let result = try explain(
      ["a--b:1|ms|c:pod-1"], mapping: nil, flags: ["--compat=statsd_exporter", "--series.ttl=5m"])
    #expect(
      result.sentences == [
        "an observation, 0.001",
        #"series a_b{container_id="pod-1"}: a summary of the last 600 s with the quantiles 0.5 0.9 0.99, "#
          + "removed 300 s after its last update",
      ])
  }

  @Test func `prints the warnings of a file, and refuses a wrong one`() throws {
    let folder = try Folder()
    folder.write("out", [])
    let target = open("\(folder.path)/out", O_WRONLY)
    defer { close(target) }
    folder.write("m.yml", Array("defaults: {timer_type: summary}\n".utf8))
    guard
      case .run(let options) = try Invocation.parse(
        ["--statsd.mapping-config=\(folder.path)/m.yml"], cores: 1)
    else { throw TestServer.NoServer() }
    try ExplainCommand.run(options, ["a:1|c"], to: CommandOutput(descriptor: target))
    let text = String(decoding: folder.bytes("out") ?? [], as: UTF8.self)
    #expect(text.hasPrefix("warning: \(folder.path)/m.yml:1: timer_type is a key of before"))
    #expect(text.contains("\na:1|c\n  a counter, plus 1.0\n"))
    folder.write("m.yml", Array("mappings: x\n".utf8))
    #expect(throws: FileMistake.self) {
      try ExplainCommand.run(options, ["a:1|c"], to: CommandOutput(descriptor: target))
    }
  }
}

@Suite("check-config with a mapping file")
struct MappingCheckTests {
  private func check(_ mapping: String) throws -> [String] {
    let folder = try Folder()
    folder.write("m.yml", Array(mapping.utf8))
    guard
      case .run(let options) = try Invocation.parse(
        ["--statsd.mapping-config=\(folder.path)/m.yml"], cores: 1)
    else { throw TestServer.NoServer() }
    return try ConfigCheck.run(options, files: []).map { $0.replacing(folder.path, with: "") }
  }

  @Test func `says how many rules there are, and its warnings`() throws {
    #expect(
      try check("mappings:\n- {match: a, name: b}\n")
        == ["the flags are fine", "/m.yml: is fine: 1 mapping rule"])
    let lines = try check("mappings:\n- {match: a, nmae: x, name: b}\n- {match: c, name: b}\n")
    #expect(lines.contains("/m.yml: is fine: 2 mapping rules"))
    #expect(
      lines.contains { $0.hasPrefix("/m.yml:2: \"nmae\" is not a key of a rule and is ignored") })
  }

  @Test func `refuses a mistake with file, line and remedy`() {
    #expect(throws: FileMistake.self) { try check("mappings:\n- {match: a..b, name: b}\n") }
  }
}
