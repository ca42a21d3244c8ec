import Testing
import WeirConfiguration

@testable import WeirDaemon

@Suite struct DescriptorBudgetTests {
  @Test(
    "connections are as many as requested, or as many as the limit allows",
    arguments: [
      (1_024, 10, 512, 512), (1_048_576, 10, 20_000, 20_000), (546, 10, 512, 512),
      (545, 10, 512, 511), (100, 10, 512, 66), (38, 10, 512, 4), (35, 10, 1, 1),
    ])
  func connections(limit: Int, taken: Int, asked: Int, granted: Int) throws {
    #expect(try DescriptorBudget(limit: limit, taken: taken).connections(asked: asked) == granted)
  }

  @Test(arguments: [8, 12, 37])
  func `a limit without room for a few connections is said, with what is needed`(limit: Int) {
    let error = #expect(throws: StartError.self) {
      try DescriptorBudget(limit: limit, taken: 10).connections(asked: 512)
    }
    #expect(
      error?.description
        == "the limit of \(limit) open files is too low; Weir needs 546, so raise it with ulimit -n "
        + "or LimitNOFILE=, or set --web.max-connections lower (38 is the least)")
  }

  @Test(
    "connections of scrapes and of streams share what the limit allows",
    arguments: [
      // limit, asked by HTTP, asked by streams, granted to each
      (1_048_576, 512, 1_000, 512, 1_000), (1_024, 512, 1_000, 495, 495),
      (134, 10, 1_000, 10, 90), (134, 512, 1_000, 50, 50), (42, 512, 1_000, 4, 4),
      (134, 512, 3, 97, 3),
    ])
  func shares(limit: Int, web: Int, streams: Int, grantedWeb: Int, grantedStreams: Int) throws {
    let shares = try DescriptorBudget(limit: limit, taken: 10).shares(web: web, streams: streams)
    #expect([shares.web, shares.streams] == [grantedWeb, grantedStreams])
  }

  @Test func `sockets are counted with the descriptors by which they answer later`() {
    var options = Options(cores: 1)
    options.statsd.listenUDP = [":1", ":2"]
    options.statsd.receivers = 30
    options.statsd.listenUnixgram = ["/a"]
    options.statsd.listenTCP = []
    options.web.listenAddresses = [":3"]
    func count(_ options: Options) -> Int { DescriptorBudget.listeners(options, HandedInputs()) }
    #expect(count(options) == 62)
    var state = options
    state.state.directory = "/state"
    #expect(count(state) == 123)
    var forward = options
    forward.forward.address = "127.0.0.1:1"
    #expect(count(forward) == 123)
  }

  @Test func `a limit without room for both kinds of connections is said`() {
    let error = #expect(throws: StartError.self) {
      try DescriptorBudget(limit: 41, taken: 10).shares(web: 512, streams: 1_000)
    }
    #expect(
      error?.description
        == "the limit of 41 open files is too low; Weir needs 1546, so raise it with ulimit -n "
        + "or LimitNOFILE=, or set --web.max-connections and --limit.tcp-connections lower (42 is the "
        + "least)")
  }
}
