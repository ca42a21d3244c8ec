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
      groups: server.gateway.groups, clock: { StateClock.ofTests })
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
        clock: { StateClock.ofTests }))
    let server = try GatewayHarness()
    opened.restore(into: server.gateway, limits: options.limits)
    return try await server.lines().filter { !$0.hasPrefix("#") }
  }

  @Test func `are in increments and in bases, and those that were deleted are gone`() async throws {
    for job in ["a", "b", "c"] {
      #expect(await server.push("\(job) 1\n", "/metrics/job/\(job)").status == 200)
    }
    let first = source.changes()
    #expect(
      try await restarted(first) == [
        #"a{instance="",job="a"} 1"#, #"b{instance="",job="b"} 1"#, #"c{instance="",job="c"} 1"#,
      ])
    #expect(await server.push("a 2\n", "/metrics/job/a").status == 200)
    #expect(await server.push("", "/metrics/job/b", method: "DELETE").status == 202)
    let two = [#"a{instance="",job="a"} 2"#, #"c{instance="",job="c"} 1"#]
    #expect(try await restarted(first + source.changes()) == two)
    // A base, with increments that have nothing to add, and those that have.
    let base = source.base()
    #expect(try await restarted(base + source.changes()) == two)
    #expect(await server.push("", "/metrics/job/c", method: "DELETE").status == 202)
    #expect(try await restarted(base + source.changes()) == [two[0]])
    #expect(try await restarted(source.changes()) == [])
    // A file that begins anew.
    source.reset()
    #expect(try await restarted(source.changes()) == [two[0]])
  }
}
