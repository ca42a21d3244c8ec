import TestSupport
import Testing
import WeirAggregation
import WeirConfiguration
import WeirHTTP
import WeirMetrics
import WeirState

@testable import WeirDaemon

@Suite("Pushed groups in a state directory")
struct GroupsStateTests {
  private let server: GatewayHarness
  private let source: OwnersStateSource

  init() throws {
    server = try GatewayHarness()
    source = OwnersStateSource(
      Pushed(aggregator: server.aggregator, limits: OwnerLimits()).owners,
      groups: server.gateway.groups, clock: { GroupsStateTests.clock })
  }

  private static let clock = StateClock(
    wallMilliseconds: 1_767_323_045_000, bootMilliseconds: 0, bootID: StateClock.unknownBoot)

  private func changes() -> [UInt8] {
    var blocks = StateBlocks()
    source.writeChanges(into: &blocks)
    return blocks.bytes
  }

  private func base() -> [UInt8] {
    source.beginBase()
    var blocks = StateBlocks()
    while !source.writeSlice(into: &blocks) {}
    return blocks.bytes
  }

  /// The samples of groups of a server that starts with a file of these blocks.
  private func restarted(_ blocks: [UInt8]) async throws -> [String] {
    let folder = try Folder()
    do {
      var file = try StateFile.create(in: try StateDirectory.open(folder.path), number: 1)
      try file.append(blocks)
      try file.commit()
      try file.publish()
    }
    var options = Options(cores: 1)
    options.state.directory = folder.path
    let opened = try #require(
      try OpenedState(
        options.state, log: Log(level: .error, format: .logfmt, descriptor: -1),
        clock: { GroupsStateTests.clock }))
    let server = try GatewayHarness()
    opened.restore(into: server.gateway, limits: options.limits)
    return try await server.lines().filter { !$0.hasPrefix("#") }
  }

  @Test func `are in increments and in bases, and those that were deleted are gone`() async throws {
    for job in ["a", "b", "c"] {
      #expect(await server.push("\(job) 1\n", "/metrics/job/\(job)").status == 200)
    }
    let first = changes()
    #expect(
      try await restarted(first) == [
        #"a{instance="",job="a"} 1"#, #"b{instance="",job="b"} 1"#, #"c{instance="",job="c"} 1"#,
      ])
    #expect(await server.push("a 2\n", "/metrics/job/a").status == 200)
    #expect(await server.push("", "/metrics/job/b", method: "DELETE").status == 202)
    let two = [#"a{instance="",job="a"} 2"#, #"c{instance="",job="c"} 1"#]
    #expect(try await restarted(first + changes()) == two)
    // A base, with increments that have nothing to add, and those that have.
    let base = base()
    #expect(try await restarted(base + changes()) == two)
    #expect(await server.push("", "/metrics/job/c", method: "DELETE").status == 202)
    #expect(try await restarted(base + changes()) == [two[0]])
    #expect(try await restarted(changes()) == [])
    // A file that begins anew.
    source.reset()
    #expect(try await restarted(changes()) == [two[0]])
  }
}
