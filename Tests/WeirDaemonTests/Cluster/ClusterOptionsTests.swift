import Foundation
import TestSupport
import Testing
import WeirCluster

@testable import WeirConfiguration
@testable import WeirDaemon

/// Which flags, and what of a mapping file, must be the same on all nodes, or is refused.
struct ClusterOptionsTests {
  /// Values that some flag takes.
  private static let values = [
    "1", "7", "7s", "1h", "7ms", "2000", "20MiB", "true", "false", "off", "both", "only",
    "histogram",
    "summary",
    "0.5", "1.5", "1,2", "a=b", "a", "/a", "a:1", "http://a/b", "https://a", "https://a/b",
    "nats://a:1",
    "10.0.0.0/8", "755", "770", "AWS/X",
  ]

  private static let base: Options = {
    var options = Options(cores: 2)
    // Else their details have no effect.
    options.observations.native = .both
    return options
  }()

  /// The options that some values of a flag make of the base.
  private func changed(by flag: Flag) -> [Options] {
    let words = flag.usage.split { !($0.isLetter || $0.isNumber || "-_.".contains($0)) }
    return (ClusterOptionsTests.values + words.map(String.init)).compactMap { value in
      var options = ClusterOptionsTests.base
      guard (try? flag.set(value, [], &options)) != nil, options != ClusterOptionsTests.base else {
        return nil
      }
      return options
    }
  }

  @Test func `the flags of the view are those that change it, and no others`() {
    for flag in Flag.all {
      if case .request = flag.kind { continue }
      let changed = changed(by: flag)
      #expect(!changed.isEmpty, "no value for --\(flag.name)")
      let changesView = changed.contains { $0.view != ClusterOptionsTests.base.view }
      #expect(changesView == Flag.namesOfView.contains(flag.name), "--\(flag.name)")
    }
    #expect(Set(Flag.namesOfView).count == 30)
  }

  @Test func `the document lists them`() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
    let text = try String(contentsOf: root.appending(path: "docs/cluster.md"), encoding: .utf8)
    let section = try #require(
      text.components(separatedBy: "## Options that must be the same\n").last?
        .components(separatedBy: "change what a view").first)
    // In brackets are those of a pattern that do not.
    let exceptions = section.matches(of: /\(without [^)]*\)/).map { String($0.0) }.joined()
    let listed = section.replacing(/\(without [^)]*\)/, with: "")
    let names = try Set(flags(in: listed)).subtracting(flags(in: exceptions))
    #expect(names == Set(Flag.namesOfView))
  }

  /// The flags that a text names between backquotes, some by a pattern such as `--limit.*`.
  private func flags(in text: String) throws -> [String] {
    try text.matches(of: /`--([a-z.*-]+)`/).flatMap { match in
      let found = Flag.all.map(\.name).filter {
        match.1.hasSuffix("*") ? $0.hasPrefix(match.1.dropLast()) : $0 == match.1
      }
      return try #require(found.isEmpty ? nil : found, "\(match.1)")
    }
  }

  @Test func `what a view follows for some names only is compared, too`() {
    func meaning(_ arguments: String...) -> String {
      ClusterOptions(ChangedFlag.all(in: arguments, cores: 2)).text
    }
    #expect(meaning("--log.level=warn", "--statsd.allow=10.0.0.0/8", "--push.keys-file=/a") == "")
    #expect(
      meaning("--series.ttl=a*=5m", "--series.ttl=gauge=300s", "--observe=b=summary")
        == """
        --observe=histogram
        --observe=b=summary
        --series.ttl=counter=0
        --series.ttl=gauge=5m
        --series.ttl=histogram=0
        --series.ttl=set=0
        --series.ttl=a*=5m
        """)
    #expect(meaning("--series.ttl=gauge=5m") == meaning("--series.ttl=gauge=300s"))
    #expect(meaning("--compat=statsd_exporter").contains("--observe=summary"))
  }

  @Test(
    "what a mapping file says and the view does not follow is refused",
    arguments: [
      ("ttl: 1m", [], "ttl", "--series.ttl=NAME-GLOB=DURATION"),
      ("observer_type: summary", [], "observer_type", "--observe=NAME-GLOB=TYPE"),
      (
        "observer_type: histogram", ["--observe=a=summary"], "observer_type",
        "--observe=NAME-GLOB=TYPE"
      ),
      (
        "observer_type: summary\n  summary_options: {max_age: 1m}", ["--observe=a=summary"],
        "summary_options", "--summary.*"
      ),
      (
        "histogram_options: {native_histogram_bucket_factor: 1.1}", [], "histogram_options",
        "--histogram.*"
      ),
      (
        "histogram_options: {buckets: [1, 2]}", ["--histogram.bounds=a*=1,5"], "buckets",
        "--histogram.bounds=NAME-GLOB=LIST"
      ),
      ("set_window: 1m", [], "set_window", "--set.window"),
    ] as [(String, [String], String, String)])
  func mapping(_ setting: String, _ flags: [String], _ key: String, _ flag: String) throws {
    let text = "mappings:\n- match: x\n  name: a\n- match: y.*\n  name: a\n  \(setting)\n"
    let sentence =
      "m.yml:4: \(key) differs from the flags, which is not possible with --cluster.nats, because what the nodes "
      + "show follows flags; leave it out, and give all nodes \(flag)"
    #expect(try check(text, flags) == sentence)
    // Not in a cluster, and not in a rule that drops.
    #expect(try check(text, flags, isCluster: false) == nil)
    if key != "set_window" { #expect(try check(text + "  action: drop\n", flags) == nil) }
  }

  @Test(
    "what a mapping file says and the view follows is taken",
    arguments: [
      ("labels: {bb: $1}\n  help: h\n  scale: 2", []), ("observer_type: histogram", []),
      ("observer_type: summary", ["--observe=summary"]),
      ("observer_type: summary", ["--observe=a=summary"]),
      ("histogram_options: {buckets: [1, 2]}", ["--histogram.bounds=b*=1,5"]),
      ("histogram_options: {native_histogram_bucket_factor: 1.1}", ["--histogram.native=both"]),
      ("set_window: 5m", []),
    ] as [(String, [String])])
  func taken(_ setting: String, _ flags: [String]) throws {
    #expect(try check("mappings:\n- match: y.*\n  name: a\n  \(setting)\n", flags) == nil)
  }

  @Test
  func `defaults of a file and names that depend on the sample are checked against all flags`()
    throws
  {
    #expect(
      try check("defaults: {ttl: 1m}\n", [])?.hasPrefix("m.yml: defaults: ttl differs") == true)
    let text = "mappings:\n- match: y.*\n  name: a_$1\n  observer_type: histogram\n"
    #expect(try check(text, []) == nil)
    #expect(try check(text, ["--observe=b=summary"])?.hasPrefix("m.yml:2: observer_type") == true)
  }

  /// The mistake in a file of rules.
  private func check(
    _ text: String, _ flags: [String], isCluster: Bool = true
  ) throws -> String? {
    let cluster = isCluster ? ["--cluster.nats=nats://a:1"] : []
    guard case .run(let options) = try Invocation.parse(flags + cluster, cores: 1) else {
      return ""
    }
    let mapping = try MappingFile.parse(Array(text.utf8), file: "m.yml")
    do throws(FileMistake) {
      try mapping.check(options, file: "m.yml")
      return nil
    } catch {
      return error.description
    }
  }
}
