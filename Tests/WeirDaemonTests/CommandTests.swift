import Testing
import WeirConfiguration

@testable import WeirDaemon

@Suite("The commands of weir")
struct CommandTests {
  private func text(_ arguments: String...) throws -> String {
    guard case .print(let text) = try Command.parse(arguments, cores: 4) else {
      throw UsageError("\(arguments) prints nothing")
    }
    return text
  }

  private func sentence(_ arguments: String...) -> String? {
    let error = #expect(throws: UsageError.self) { try Command.parse(arguments, cores: 4) }
    return error?.description
  }

  @Test("are those of the table, each once")
  func table() {
    #expect(
      Subcommand.all.map(\.name) == [
        "check-config", "cluster", "completion", "explain", "forget", "health", "help", "man",
        "record",
        "replay",
        "send", "state", "tap", "top", "version",
      ])
  }

  @Test("have a help text each, which begins with the usage and fits in 100 columns")
  func helpOfEach() throws {
    for command in Subcommand.all {
      for text in [
        try text(command.name, "--help"), try text(command.name, "-h"),
        try text("help", command.name),
      ] {
        #expect(text.hasPrefix("usage: weir \(command.usage)\n\n"))
        #expect(text.hasSuffix(".\n") && !text.hasSuffix("\n\n"))
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 })
      }
      #expect(try text("--help").contains("\n       weir \(command.usage)\n"))
      #expect(try text("--help").contains("\n      \(command.summary)\n"))
    }
  }

  @Test("have one help text for all, and one version")
  func helpAndVersion() throws {
    #expect(try text("help") == text("--help"))
    #expect(try text("-h") == text("--help"))
    #expect(try text("--help").hasPrefix("usage: weir [<flags>]\n"))
    for arguments in [["version"], ["--version"], ["health", "--version"]] {
      guard case .print(let text) = try Command.parse(arguments, cores: 4) else {
        Issue.record("\(arguments) prints nothing")
        continue
      }
      #expect(text == "weir \(Version.current)\n")
    }
  }

  @Test("serve without a command, and run with one")
  func runs() throws {
    guard case .serve(let options) = try Command.parse(["--log.level=warn"], cores: 4) else {
      Issue.record("flags alone do not serve")
      return
    }
    #expect(options.log.level == .warn)
    for arguments in [["health"], ["check-config", "a.yml", "--log.level", "warn", "b.yml"]] {
      guard case .run = try Command.parse(arguments, cores: 4) else {
        Issue.record("\(arguments) does not run")
        continue
      }
    }
  }

  @Test("take the defaults of the program whose name they are called by")
  func compatibility() {
    let compat = "--compat=statsd_exporter"
    for program in ["/bin/statsd_exporter", "statsd_exporter", "./a/../statsd_exporter"] {
      for (given, expected) in [
        ([], [compat]), (["--log.level=warn"], [compat, "--log.level=warn"]),
        ([compat], [compat]), (["-h", "--compat", "statsd_exporter"], nil),
        (["explain", "a:1|c"], ["explain", compat, "a:1|c"]),
        (["check-config", "--compat=statsd_exporter"], nil),
        (["check-config"], ["check-config", compat]),
        (["state", "dump"], nil), (["health"], nil), (["unknown"], nil),
      ] as [([String], [String]?)] {
        #expect(Command.arguments(of: [program] + given) == expected ?? given, "\(given)")
      }
    }
    for program in ["weir", "/usr/bin/weir", "statsd_exporter.bak", "/statsd_exporter/weir", ""] {
      #expect(Command.arguments(of: [program, "-h"]) == ["-h"], "\(program)")
    }
  }

  @Test("check flags and files where that is a flag")
  func checkFlag() throws {
    guard case .run = try Command.parse(["--check-config", "--log.level=warn"], cores: 4) else {
      Issue.record("--check-config serves")
      return
    }
  }

  @Test("are proposed for a name that is nearly one")
  func unknown() {
    #expect(
      sentence("check-confg")
        == #""check-confg" is not a command of weir; did you mean check-config?"#)
    #expect(sentence("helth") == #""helth" is not a command of weir; did you mean health?"#)
    #expect(
      sentence("serve-all")
        == #""serve-all" is not a command of weir; see weir --help for commands and flags"#)
    #expect(sentence("") == #""" is not a command of weir; see weir --help for commands and flags"#)
    #expect(
      sentence("help", "helth") == #""helth" is not a command of weir; did you mean health?"#)
  }

  @Test("refuse what they do not take")
  func wrong() {
    #expect(sentence("health", "a.yml") == #""a.yml" is not a flag; see weir --help for the flags"#)
    #expect(
      sentence("--log.level=warn", "health")
        == #""health" is not a flag; see weir --help for the flags"#)
    #expect(sentence("version", "now") == #"version takes no arguments; leave "now" out"#)
    #expect(sentence("help", "a", "b") == "help takes one command; leave the other words out")
    let error = #expect(throws: UsageError.self) {
      try Command.parse(["check-config"] + (1...101).map { "\($0).yml" }, cores: 4)
    }
    #expect(
      error?.description
        == "there are more than 100 arguments that are no flags; leave some of them out")
  }

  @Test("end with status 2 after a wrong command line, but health with 1")
  func status() {
    #expect(Command.misuseStatus(of: ["--wrong"]) == 2)
    #expect(Command.misuseStatus(of: ["check-config", "--wrong"]) == 2)
    #expect(Command.misuseStatus(of: ["health", "--wrong"]) == 1)
    #expect(Command.misuseStatus(of: []) == 2)
  }
}
