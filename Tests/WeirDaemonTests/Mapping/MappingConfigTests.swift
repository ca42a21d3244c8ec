import Glibc
import TestSupport
import Testing
import WeirConfiguration
import WeirMapping
import WeirMetrics

@testable import WeirDaemon

@Suite("A mapping file of a running server")
struct MappingConfigTests {
  private static func rule(_ name: String) -> String {
    "mappings:\n- {match: a.*, name: \(name), labels: {part: '$1'}}\n"
  }

  /// A check of the file, as every five seconds.
  private func check(_ server: MappedServer) async throws {
    try await server.config.reloaded.item.reloadIfChanged()
  }

  @Test func `is loaded again when asked, for the next datagram`() async throws {
    let server = try MappedServer(Self.rule("one"))
    server.send("a.x:1|c")
    server.write(Self.rule("two"))
    server.send("a.x:1|c")
    try await server.config.reloaded.item.reload()
    server.send("a.x:1|c", "a.y:1|c")
    #expect(
      try await server.samples() == [
        #"one{part="x"} 2"#, #"two{part="x"} 1"#, #"two{part="y"} 1"#,
      ])
    #expect(server.config.rules.rules[0].hits == 2)
  }

  @Test func `is loaded again when two checks have found it changed, and once`() async throws {
    let server = try MappedServer(Self.rule("one"))
    try await check(server)
    server.write(Self.rule("second"))
    try await check(server)
    server.send("a.x:1|c")
    try await check(server)
    server.send("a.x:1|c")
    #expect(try await server.samples() == [#"one{part="x"} 1"#, #"second{part="x"} 1"#])
    let rules = server.config.rules
    try await check(server)
    #expect(server.config.rules === rules)
  }

  @Test func `that is wrong leaves the old rules, and says so until it is mended`() async throws {
    let server = try MappedServer(Self.rule("one"))
    let name = "weir_mapping_config_last_reload_successful"
    #expect(try await server.own(name) == 1)
    let before = try await server.own("weir_mapping_config_last_reload_success_timestamp_seconds")
    server.write("mappings:\n- match: a.*\n")
    let sentence =
      "\(server.folder.path)/mapping.yml:2: a rule has no name, which even one that drops needs; "
      + "write name: below match:"
    for _ in 0..<2 {
      await #expect(throws: FileMistake.self) { try await server.config.reloaded.item.reload() }
    }
    do { try await server.config.reloaded.item.reload() } catch { #expect("\(error)" == sentence) }
    server.send("a.x:1|c")
    #expect(try await server.samples() == [#"one{part="x"} 1"#])
    #expect(try await server.own(name) == 0)
    #expect(
      try await server.own("weir_mapping_config_last_reload_success_timestamp_seconds") == before)
    server.write(Self.rule("three"))
    try await server.config.reloaded.item.reload()
    server.send("a.x:1|c")
    #expect(try await server.samples() == [#"one{part="x"} 1"#, #"three{part="x"} 1"#])
    #expect(try await server.own(name) == 1)
  }

  @Test func `that stays wrong fails once, and again when somebody asks`() async throws {
    let server = try MappedServer(Self.rule("one"))
    func failures() -> Int { server.config.reloaded.status.read().failures }
    server.write("mappings: [")
    try await check(server)
    for _ in 0..<3 {
      await #expect(throws: FileMistake.self) { try await check(server) }
      #expect(failures() == 1)
    }
    await #expect(throws: FileMistake.self) { try await server.config.reloaded.item.reload() }
    #expect(failures() == 2)
    server.write("mappings: 12345")
    try await check(server)
    for _ in 0..<2 { await #expect(throws: FileMistake.self) { try await check(server) } }
    #expect(failures() == 3)
    server.write(Self.rule("mended"))
    try await check(server)
    try await check(server)
    #expect(failures() == 3 && server.config.reloaded.status.read().successes == 1)
  }

  @Test func `that vanishes leaves the old rules, and is loaded when it is back`() async throws {
    let server = try MappedServer(Self.rule("one"))
    unlink("\(server.folder.path)/mapping.yml")
    try await check(server)
    await #expect(throws: FileMistake.self) { try await check(server) }
    #expect(try await server.own("weir_mapping_config_last_reload_successful") == 0)
    server.send("a.x:1|c")
    #expect(try await server.samples() == [#"one{part="x"} 1"#])
    server.write(Self.rule("back"))
    try await check(server)
    try await check(server)
    server.send("a.x:1|c")
    #expect(try await server.samples() == [#"back{part="x"} 1"#, #"one{part="x"} 1"#])
    #expect(try await server.own("weir_mapping_config_last_reload_successful") == 1)
  }

  @Test func `that became empty maps nothing`() async throws {
    let server = try MappedServer(Self.rule("one"))
    server.write("")
    try await server.config.reloaded.item.reload()
    server.send("a.x:1|c")
    #expect(try await server.samples() == ["a_x 1"])
  }

  @Test func `changes the class of names that are new, and of no others`() async throws {
    func file(_ bucket: Int) -> String {
      "mappings:\n- {match: '*.time', name: '${1}_seconds', observer_type: histogram, "
        + "histogram_options: {buckets: [\(bucket)]}}\n"
    }
    let server = try MappedServer(file(1))
    server.send("old.time:3|h")
    server.write(file(5))
    try await server.config.reloaded.item.reload()
    server.send("old.time:3|h", "new.time:3|h")
    #expect(
      try await server.samples() == [
        #"new_seconds_bucket{le="5.0"} 1"#, #"new_seconds_bucket{le="+Inf"} 1"#,
        "new_seconds_sum 3", "new_seconds_count 1", #"old_seconds_bucket{le="1.0"} 0"#,
        #"old_seconds_bucket{le="+Inf"} 2"#, "old_seconds_sum 6", "old_seconds_count 2",
      ])
  }

  @Test func `with warnings says them at the start and at each reload`() async throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    defer { for end in ends { close(end) } }
    let server = try MappedServer(
      "defaults: {timer_type: histogram}\n" + Self.rule("one"), log: ends[1])
    try await server.config.reloaded.item.reload()
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = read(ends[0], &bytes, bytes.count)
    let lines = String(decoding: bytes[..<max(0, count)], as: UTF8.self).split(separator: "\n")
      .filter { $0.contains("level=warn") }
    let sentence =
      "mapping.yml:1: timer_type is a key of before statsd_exporter 0.20, and its next release refuses it; "
      + "write observer_type"
    #expect(lines.count == 2)
    #expect(lines.allSatisfy { $0.contains("msg=mapping") && $0.contains(sentence) })
  }

  @Test func `that loses all its rules is in force, with a warning`() async throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    defer { for end in ends { close(end) } }
    let server = try MappedServer(Self.rule("one"), log: ends[1])
    for _ in 0..<2 {
      server.write("# nothing\n")
      try await server.config.reloaded.item.reload()
    }
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = read(ends[0], &bytes, bytes.count)
    let lines = String(decoding: bytes[..<max(0, count)], as: UTF8.self).split(separator: "\n")
    let warnings = lines.filter { $0.contains("level=warn") }
    #expect(warnings.count == 1)
    #expect(warnings[0].contains("has no rules any more") && warnings[0].contains("before=1"))
    let loaded = lines.filter { $0.contains("msg=\"mapping rules loaded\"") }
    #expect(loaded.count { $0.contains("rules=0") } == 2)
  }
}

@Suite("The page of mapping rules")
struct MappingPageTests {
  @Test func `shows each rule with its uses, those that never were first`() throws {
    let server = try MappedServer(
      """
      mappings:
      - {match: a.*, name: 'one_$1'}
      - {match: noise.*, name: x, action: drop}
      - {match: '^b"(.*)$', match_type: regex, name: two, match_metric_type: gauge}
      - {match: c, name: never}
      """)
    server.send("a.x:1|c\na.x:2|c\na.y:1|c\nnoise.x:1|c\na.x:1|c|#k:v\nother:1|c", "a.x:1|c")
    #expect(
      MappingPage(rules: server.config.rules).text == """
        4 mapping rules, 2 never used since the file was loaded: uses, line, match, what comes of it.
        A use is a name with tags that a receiver saw for the first time, or again after some minutes.
        0 4 "^b\\"(.*)$" for gauge -> "two"
        0 5 "c" -> "never"
        1 3 "noise.*" is dropped
        3 2 "a.*" -> "one_$1"

        """)
  }

  @Test func `says where there are no rules`() {
    #expect(
      MappingPage(rules: nil).text
        == "There are no mapping rules; give a file with --statsd.mapping-config.\n")
  }

  @Test func `ends after two thousand rules`() throws {
    let rules = (0..<2_003).map { "- {match: a\($0), name: b}\n" }
    let file = try MappingFile.parse(Array(("mappings:\n" + rules.joined()).utf8), file: "m.yml")
    let lines = MappingPage(rules: file.rules).text.split(separator: "\n")
    #expect(lines.count == 2 + 2_000 + 1)
    #expect(lines.last == "and 3 more rules")
  }
}
