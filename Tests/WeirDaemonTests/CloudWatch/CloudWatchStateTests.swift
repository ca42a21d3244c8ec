import TestSupport
import Testing
import WeirAggregation
import WeirCloudWatch
import WeirConfiguration
import WeirMetrics
import WeirState

@testable import WeirDaemon

@Suite("What was pushed to CloudWatch, in a state directory")
struct CloudWatchStateTests {
  private let ledger = CloudWatchLedger()
  private let source: OwnersStateSource

  init() throws {
    let server = try GatewayHarness()
    source = OwnersStateSource(
      Pushed(aggregator: server.aggregator, limits: OwnerLimits()).owners, ledger: ledger,
      clock: { StateClock.ofTests })
  }

  /// A round that finds these counters. CloudWatch takes what they gained.
  private func read(_ values: KeyValuePairs<String, Double>) {
    var reader = CloudWatchReader(
      labels: DimensionLabels([]), metricsMax: 9, ledger: ledger.contents)
    for (name, value) in values {
      reader.add(ReadSeries(Array(name.utf8), startUnixSeconds: 1, .counter(value)))
    }
    let round = reader.finish()
    ledger.take(round)
    ledger.settle(round.data.map(\.metric))
  }

  private func options(_ flags: [String]) throws -> Options {
    guard case .run(let options) = try Invocation.parse(flags, cores: 1) else {
      throw TestServer.NoServer()
    }
    return options
  }

  /// What a start with a file of these blocks knows of the series a and b.
  private func restarted(_ blocks: [UInt8]) throws -> [[Double]?] {
    let folder = try Folder()
    do {
      var file = try StateFile.create(in: try StateDirectory.open(folder.path), number: 1)
      try file.append(blocks)
      try file.commit()
      try file.publish()
    }
    var state = try options([]).state
    state.directory = folder.path
    let opened = try #require(
      try OpenedState(
        state, log: Log(level: .error, format: .logfmt, descriptor: -1),
        clock: { StateClock.ofTests }))
    let flags = ["--cloudwatch.namespace=N", "--cloudwatch.include=*"]
    let cloudWatch = try options(flags).cloudWatch
    let read = try #require(CloudWatch.ledger(cloudWatch, payloads: opened.cloudWatchPayloads))
    return ["a", "b"].map { read.contents.total(of: Array($0.utf8))?.cells }
  }

  @Test func `is in increments and in bases`() throws {
    read(["a": 1, "b": 2])
    let first = source.changes()
    #expect(try restarted(first) == [[1], [2]])
    read(["a": 3, "b": 2])
    #expect(try restarted(first + source.changes()) == [[3], [2]])
    read(["a": 3])
    // A base, with increments that have nothing to add, and those that have.
    let base = source.base()
    #expect(try restarted(base + source.changes()) == [[3], nil])
    read(["a": 3, "b": 5])
    let second = source.changes()
    #expect(try restarted(base + second) == [[3], [5]])
    #expect(try restarted(second) == [nil, [5]])
    // A file that begins anew.
    source.reset()
    #expect(try restarted(source.changes()) == [[3], [5]])
  }

  @Test func `a ledger that was read is whole in the first increment`() throws {
    read(["a": 1])
    let payloads = ledger.all()
    let read = CloudWatchLedger(payloads: payloads)
    // Changed before the first commit.
    _ = read.takeChanged()
    let server = try GatewayHarness()
    let source = OwnersStateSource(
      Pushed(aggregator: server.aggregator, limits: OwnerLimits()).owners, ledger: read,
      clock: { StateClock.ofTests })
    var blocks = StateBlocks()
    source.writeChanges(into: &blocks)
    #expect(try restarted(blocks.bytes) == [[1], nil])
  }

  @Test func `without the flag there is no ledger`() throws {
    #expect(CloudWatch.ledger(try options([]).cloudWatch, payloads: []) == nil)
  }
}
