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
  private let stream = MemoryStream()
  private let store = MemoryStore()
  private let end = ContinuousClock.now + .seconds(300)

  private var access: ClusterAccess {
    let (stream, store) = (stream, store)
    return ClusterAccess(
      open: { metadata throws(LogFailure) in
        let log = MemoryLog(stream)
        let isNew = try log.bounds(milliseconds: 0).metadata.isEmpty
        if isNew {
          guard let metadata else { throw .notFound("NATS has no stream weir_test.") }
          try log.updateMetadata(metadata, milliseconds: 0)
        }
        return (
          ClusterStart.Opened(
            log: log, store: store, stream: "weir_test", servers: "nats://log.example:4222"), isNew
        )
      },
      remove: { stream.replace(metadata: [:]) })
  }

  private func node(_ name: String, _ flags: String...) throws -> TestNode {
    let node = try TestNode(
      stream, store, flags: ["--cluster.barrier-timeout=60s", "--cluster.node=\(name)"] + flags)
    node.start()
    return node
  }

  private func eventually(_ isSo: () async -> Bool) async throws {
    while await !isSo() {
      guard ContinuousClock.now < end else {
        Issue.record("it never is")
        return
      }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  private func withDirectory(_ body: (String) async throws -> Void) async throws {
    let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try await body(path)
  }

  // MARK: - Options

  private let few = "--limit.series-per-name=2"

  private func options(_ flags: String...) -> ClusterOptions {
    ClusterOptions(ChangedFlag.all(in: TestNode.flags + flags, cores: 1))
  }

  @Test func `all nodes change their options at the same message, and go on`() async throws {
    let nodes = [try node("a"), try node("b"), try node("c")]
    nodes[0].count("one:1|c|#k:a\none:2|c|#k:b\ntwo:5|c")
    for node in nodes { #expect(await node.scrape("one") == 3) }
    let said = try ClusterChange.run(access, to: options(few), isDry: false)
    #expect(
      said == "all nodes count with --limit.series-per-name=2 --push.older-instances=count now; "
        + "restart them with the same flags, one by one")
    nodes[2].count("one:4|c|#k:a\none:8|c|#k:c\ntwo:1|c")
    for node in nodes.reversed() {
      #expect(await node.scrape("one") == 7)
      #expect(await node.scrape("two") == 6)
    }
    // Nodes start with the options of before and with the new ones, and show the same.
    let (old, new) = (try node("d"), try node("e", few))
    for node in [old, new] {
      try await node.reach()
      #expect(node.shown("one") == 7)
    }
    #expect(throws: StartError.self) { try node("f", "--limit.series-per-name=3") }
    #expect(
      try ClusterChange.run(access, to: options(few), isDry: false)
        == "the cluster has these options already: --limit.series-per-name=2 --push.older-instances=count"
    )
    for node in nodes + [old, new] { await node.stop() }
  }

  @Test func `a change says what no longer fits, and a dry run changes nothing`() async throws {
    let nodes = [try node("a"), try node("b")]
    nodes[0].count("one:1|c|#k:a\none:2|c|#k:b\none:4|c|#k:c")
    for node in nodes { #expect(await node.scrape("one") == 7) }
    let lost = "1 series and 0 instances do not fit under these options, and are left out"
    let dry = try ClusterChange.run(access, to: options(few), isDry: true)
    #expect(
      dry == lost + "\nthe options would be: --limit.series-per-name=2 --push.older-instances=count"
    )
    #expect(await nodes[0].scrape("one") == 7)
    let said = try ClusterChange.run(access, to: options(few), isDry: false)
    #expect(said.hasPrefix(lost + "\n"))
    let first = await nodes[0].scrape("one")
    #expect([3, 5, 6].contains(first))
    #expect(await nodes[1].scrape("one") == first)
    for node in nodes { await node.stop() }
  }

  @Test func `the state of new options does not serve before the log says so`() async throws {
    let nodes = [try node("a")]
    nodes[0].count("one:1|c")
    #expect(await nodes[0].scrape("one") == 1)
    // As if the command had ended after its first step.
    let existing = try access.existing()
    let saved = try ClusterView.Saved(existing.view().takingState())
    var loss = ClusterLoss()
    let early = try ClusterView.converted(
      existing.maker.settings(options(few)), from: saved, sequence: saved.place!.sequence, &loss
    ).takingState()
    try store.put(
      "options-1", early, sequence: saved.place!.sequence, milliseconds: 0)
    let joined = try node("b")
    try await joined.reach()
    joined.count("one:1|c|#k:a\none:1|c|#k:b\none:1|c|#k:c")
    #expect(await joined.scrape("one") == 4)
    #expect(await nodes[0].scrape("one") == 4)
    await nodes[0].stop()
    await joined.stop()
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

  // MARK: - Seed and save

  @Test func `a cluster begins with the state of a single Weir, and a Weir with that of a cluster`()
    async throws
  {
    try await withDirectory { single in
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
        try ClusterSeed.run(access, from: single, options()) == "weir_test begins with 3 series")
      #expect(throws: StartError.self) { try ClusterSeed.run(access, from: single, options()) }
      #expect {
        _ = try node("c", "--state.dir=\(single)")
      } throws: {
        "\($0)"
          == "--state.dir: \(single) has the state of a single Weir; begin a new cluster with it by weir cluster seed, "
          + "or move it away"
      }
      let nodes = [try node("a"), try node("b")]
      nodes[0].count("kept:1|c\nlevel:+1|g\nt:4|ms")
      for node in nodes {
        #expect(await node.scrape("kept") == 6)
        #expect(await node.scrape("level") == 8)
      }
      try await withDirectory { saved in
        let said = try ClusterSave.run(access, to: saved)
        #expect(said.hasPrefix("\(saved): has the state of weir_test as of message "))
        #expect(throws: StartError.self) { try ClusterSave.run(access, to: saved) }
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
    try await withDirectory { empty in
      #expect {
        try ClusterSeed.run(access, from: empty, options())
      } throws: {
        "\($0)" == "\(empty): there is no state; --state.dir is that of a Weir that has ended"
      }
    }
    var record = ClusterRecord(options())
    record.begin = .waiting(for: ClusterRecord.seeder)
    _ = try access.open(record.metadata)
    #expect {
      _ = try node("a")
    } throws: {
      "\($0)"
        == "--cluster.nats: the log waits for the state of weir cluster seed; run it again"
    }
  }

  // MARK: - Reset

  @Test func `after the log was lost it begins again with what a node has`() async throws {
    let nodes = [try node("a"), try node("b"), try node("c")]
    nodes[2].count("one:3|c\nlevel:5|g")
    for node in nodes.reversed() { #expect(await node.scrape("one") == 3) }
    await #expect {
      try await ClusterReset.run(access, from: "b", quiet: .seconds(2))
    } throws: {
      "\($0)".hasPrefix("nodes write into stream weir_test")
    }
    stream.replace(metadata: [:])
    for node in nodes {
      try await eventually {
        await node.cluster.barrier(until: .now + .milliseconds(20)) == ClusterSentence.replaced
      }
    }
    // What is counted meanwhile is not lost.
    nodes[0].count("one:4|c")
    let said = try await ClusterReset.run(access, from: "b", quiet: .milliseconds(100))
    #expect(said == "weir_test begins again with what node b has shown")
    for node in nodes { try await node.reach() }
    nodes[1].count("one:8|c\nlevel:+1|g")
    try await eventually { await nodes[0].scrape("one") == 15 }
    for node in nodes {
      #expect(await node.scrape("one") == 15)
      #expect(await node.scrape("level") == 6)
    }
    let joined = try node("d")
    try await joined.reach()
    #expect(joined.shown("one") == 15)
    for node in nodes + [joined] { await node.stop() }
  }

  @Test
  func `a log that lost its end waits for a reset, and a node brings its state when it starts`()
    async throws
  {
    try await withDirectory { directory in
      try await countThree(at: "a", directory)
      stream.replace(metadata: [:])
      #expect {
        _ = try node("a", "--state.dir=\(directory)")
      } throws: {
        "\($0)".contains("it is of another log or of other options")
      }
      await #expect {
        try await ClusterReset.run(
          access, from: "a", quiet: .milliseconds(10), patience: .milliseconds(10))
      } throws: {
        "\($0)".hasPrefix("no node a has brought its state yet")
      }
      #expect {
        _ = try node("b")
      } throws: {
        "\($0)".hasPrefix("--cluster.nats: the log waits for the state of node a, ")
      }
      let again = try node("a", "--state.dir=\(directory)")
      #expect(await again.scrape("one") == 3)
      let other = try node("b")
      try await other.reach()
      #expect(other.shown("one") == 3)
      await again.stop()
      await other.stop()
    }
  }

  /// A node that ends, and no longer holds its directory.
  private func countThree(at name: String, _ directory: String) async throws {
    let node = try node(name, "--state.dir=\(directory)")
    node.count("one:3|c")
    #expect(await node.scrape("one") == 3)
    await node.stop()
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
