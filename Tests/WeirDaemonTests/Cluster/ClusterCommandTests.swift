import Foundation
import Testing
import WeirAggregation
import WeirBytes
import WeirCluster
import WeirClusterView
import WeirConfiguration
import WeirState

@testable import WeirDaemon

/// `weir cluster`, on a log in memory.
struct ClusterCommandTests {
  private let commands = ClusterCommands()

  private let few = "--limit.series-per-name=2"

  private func options(_ flags: String...) -> ClusterOptions {
    ClusterOptions(ChangedFlag.all(in: TestNode.flags + flags, cores: 1))
  }

  @Test func `all nodes change their options at the same message, and go on`() async throws {
    let nodes = [try commands.node("a"), try commands.node("b"), try commands.node("c")]
    nodes[0].count("one:1|c|#k:a\none:2|c|#k:b\ntwo:5|c")
    for node in nodes { #expect(await node.scrape("one") == 3) }
    let said = try ClusterChange.run(commands.access, to: options(few), isDry: false)
    #expect(
      said == "all nodes count with --limit.series-per-name=2 --push.older-instances=count now; "
        + "restart them with the same flags, one by one")
    nodes[2].count("one:4|c|#k:a\none:8|c|#k:c\ntwo:1|c")
    for node in nodes.reversed() {
      #expect(await node.scrape("one") == 7)
      #expect(await node.scrape("two") == 6)
    }
    // Nodes start with the options of before and with the new ones, and show the same.
    let (old, new) = (try commands.node("d"), try commands.node("e", few))
    for node in [old, new] {
      try await node.reach()
      #expect(node.shown("one") == 7)
    }
    #expect(throws: StartError.self) { try commands.node("f", "--limit.series-per-name=3") }
    #expect(
      try ClusterChange.run(commands.access, to: options(few), isDry: false)
        == "the cluster has these options already: --limit.series-per-name=2 --push.older-instances=count"
    )
    for node in nodes + [old, new] { await node.stop() }
  }

  @Test func `a change says what no longer fits, and a dry run changes nothing`() async throws {
    let nodes = [try commands.node("a"), try commands.node("b")]
    nodes[0].count("one:1|c|#k:a\none:2|c|#k:b\none:4|c|#k:c")
    for node in nodes { #expect(await node.scrape("one") == 7) }
    let lost = "1 series and 0 instances do not fit under these options, and are left out"
    let dry = try ClusterChange.run(commands.access, to: options(few), isDry: true)
    #expect(
      dry == lost + "\nthe options would be: --limit.series-per-name=2 --push.older-instances=count"
    )
    #expect(await nodes[0].scrape("one") == 7)
    let said = try ClusterChange.run(commands.access, to: options(few), isDry: false)
    #expect(said.hasPrefix(lost + "\n"))
    let first = await nodes[0].scrape("one")
    #expect([3, 5, 6].contains(first))
    #expect(await nodes[1].scrape("one") == first)
    for node in nodes { await node.stop() }
  }

  @Test func `the state of new options does not serve before the log says so`() async throws {
    let nodes = [try commands.node("a")]
    nodes[0].count("one:1|c")
    #expect(await nodes[0].scrape("one") == 1)
    // As if the command had ended after its first step.
    let existing = try commands.access.existing()
    let saved = try ClusterView.Saved(existing.view().takingState())
    var loss = ClusterLoss()
    let early = try ClusterView.converted(
      existing.maker.settings(options(few)), from: saved, sequence: saved.place!.sequence, &loss
    ).takingState()
    try commands.store.put(
      "options-1", early, sequence: saved.place!.sequence, milliseconds: 0)
    let joined = try commands.node("b")
    try await joined.reach()
    joined.count("one:1|c|#k:a\none:1|c|#k:b\none:1|c|#k:c")
    #expect(await joined.scrape("one") == 4)
    #expect(await nodes[0].scrape("one") == 4)
    await nodes[0].stop()
    await joined.stop()
  }

  @Test func `a command that ended before its last step is ended by the next one`() async throws {
    let nodes = [try commands.node("a")]
    nodes[0].count("one:1|c")
    #expect(await nodes[0].scrape("one") == 1)
    let before = try nodes[0].log.bounds(milliseconds: 0).metadata
    _ = try ClusterChange.run(commands.access, to: options(few), isDry: false)
    try nodes[0].log.updateMetadata(before, milliseconds: 0)
    let joined = try commands.node("b")
    joined.count("one:1|c|#k:a\none:1|c|#k:b")
    try await joined.reach()
    #expect(await joined.scrape("one") == 2)
    let messages = try nodes[0].log.bounds(milliseconds: 0).last
    let said = try ClusterChange.run(commands.access, to: options(few), isDry: false)
    #expect(said.hasPrefix("all nodes count with --limit.series-per-name=2"))
    #expect(try nodes[0].log.bounds(milliseconds: 0).last < messages + 10)
    let record = try ClusterRecord(
      nodes[0].log.bounds(milliseconds: 0).metadata, stream: "weir_test")
    #expect(record.options == options(few) && record.before == options())
    for node in nodes + [joined] { await node.stop() }
  }

  @Test func `flags come back from the text of a log`() throws {
    let flags = [
      "--observe=llm_*=summary", "--observe=histogram", "--histogram.bounds=a_*=1,2.5,10",
      "--histogram.native=b_*=only", "--series.ttl=counter=1h", "--series.ttl=x_*=5m",
      "--limit.series=1000", "--set.window=2m", "--summary.quantiles=0.5,0.9",
      "--statsd.names=utf-8", "--limit.overflow=series", "--push.gauge-ttl=90s",
    ]
    let options = ClusterOptions(ChangedFlag.all(in: flags, cores: 1))
    let (found, expected) = (try options.options(), try Invocation.parse(flags, cores: 1))
    guard case .run(let expected) = expected else {
      Issue.record("these flags run nothing")
      return
    }
    #expect(found == expected)
    // Of those that matter to no view nothing is said, and the same flags are the same text.
    #expect(ClusterOptions(ChangedFlag.all(in: ["--log.level=debug"], cores: 1)).text.isEmpty)
    #expect(
      ClusterOptions(ChangedFlag.all(in: ["--set.window=120s", "--limit.series", "7"], cores: 1))
        == ClusterOptions(
          ChangedFlag.all(in: ["--limit.series=7", "--set.window=2m"], cores: 1)))
  }

  @Test func `a cluster begins with the state of a single Weir, and a Weir with that of a cluster`()
    async throws
  {
    try await commands.withDirectory { single in
      let view = ClusterView(
        try ViewMaker(stream: "none", identity: "", key: KeyStream(state: 5, salt: 6))
          .settings(options()))
      let owners = view.owners
      TestNode.count("kept:5|c\nlevel:7|g\nt:3|ms", into: view.aggregator)
      var writer = StateWriter(owners: owners)
      var blocks = StateBlocks()
      _ = writer.writeChanges(
        times: StateTimes(
          second: 0, wallMilliseconds: 1_700_000_000_000, memoryMilliseconds: 0,
          forgottenMilliseconds: 0), into: &blocks)
      try StateDirectory.open(single).replace(
        with: StateBlocks.file(of: blocks, number: 1), number: 1)
      #expect(
        try ClusterSeed.run(commands.access, from: single, options())
          == "weir_test begins with 3 series")
      #expect(throws: StartError.self) {
        try ClusterSeed.run(commands.access, from: single, options())
      }
      #expect {
        _ = try commands.node("c", "--state.dir=\(single)")
      } throws: {
        "\($0)"
          == "--state.dir: \(single) has the state of a single Weir; begin a new cluster with it by weir cluster seed, "
          + "or move it away"
      }
      let nodes = [try commands.node("a"), try commands.node("b")]
      nodes[0].count("kept:1|c\nlevel:+1|g\nt:4|ms")
      for node in nodes {
        #expect(await node.scrape("kept") == 6)
        #expect(await node.scrape("level") == 8)
      }
      try await commands.withDirectory { saved in
        let said = try ClusterSave.run(commands.access, to: saved)
        #expect(said.hasPrefix("\(saved): has the state of weir_test as of message "))
        #expect(throws: StartError.self) { try ClusterSave.run(commands.access, to: saved) }
        guard
          case .run(let options) = try Invocation.parse(["--state.dir=\(saved)"], cores: 1)
        else { return }
        let counting = try Counting(options, log: Log(level: .error, format: .logfmt))
        #expect(TestNode.shown("kept", of: counting.aggregator, counting.pushed.owners) == 6)
        #expect(TestNode.shown("level", of: counting.aggregator, counting.pushed.owners) == 8)
      }
      for node in nodes { await node.stop() }
    }
  }

  @Test func `nobody begins before the seed is there, and nothing is seeded without a state`()
    async throws
  {
    try await commands.withDirectory { empty in
      #expect {
        try ClusterSeed.run(commands.access, from: empty, options())
      } throws: {
        "\($0)" == "\(empty): there is no state; --state.dir is that of a Weir that has ended"
      }
    }
    var record = ClusterRecord(options())
    record.begin = .waiting(for: ClusterRecord.seeder)
    _ = try commands.access.open(record.metadata)
    #expect {
      _ = try commands.node("a")
    } throws: {
      "\($0)"
        == "--cluster.nats: the log waits for the state of weir cluster seed; run it again"
    }
  }

  @Test(
    "mistakes on the command line are a sentence",
    arguments: [
      ([], "cluster: write seed, options, save or reset"),
      (["sow"], "cluster: \"sow\" is unknown; write seed, options, save or reset"),
      (["seed"], "cluster seed: --cluster.nats says where NATS is; write it"),
      (
        ["save", "--cluster.nats=nats://a.example:4222"],
        "cluster save: --state.dir says where the state is; write it"
      ),
      (
        ["reset", "--cluster.nats=nats://a.example:4222"],
        "cluster reset: --from=NODE says with whose state the log begins; write it"
      ),
    ])
  func mistakes(_ arguments: [String], _ sentence: String) throws {
    #expect(throws: UsageError(sentence)) {
      _ = try Subcommand.cluster.read(arguments, 1)
    }
  }
}

extension ClusterView {
  /// The state of a view that is not needed any more.
  fileprivate consuming func takingState() -> [UInt8] {
    var view = self
    return view.state()
  }
}
