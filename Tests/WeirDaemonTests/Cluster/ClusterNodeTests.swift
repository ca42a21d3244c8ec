import TestSupport
import Testing
import WeirBytes
import WeirCluster
import WeirClusterView

@testable import WeirDaemon

struct ClusterNodeTests {
  private static let patience = Duration.seconds(300)

  private func nodes(_ count: Int, _ stream: MemoryStream, _ store: MemoryStore) throws
    -> [TestNode]
  {
    let nodes = try (0..<count).map { _ in
      try TestNode(stream, store, "--cluster.barrier-timeout=60s")
    }
    for node in nodes { node.start() }
    return nodes
  }

  @Test func `any node shows what all have counted`() async throws {
    let stream = MemoryStream()
    let nodes = try nodes(3, stream, MemoryStore())
    for (index, node) in nodes.enumerated() { node.count("hits:\(index + 1)|c\ng:\(index)|g") }
    for node in nodes { #expect(await node.scrape("hits") == nil || node.shown("hits") != nil) }
    for node in nodes { #expect(await node.scrape("hits") == 6) }
    nodes[1].count("g:7|g")
    #expect(await nodes[1].scrape("g") == 7)
    #expect(await nodes[2].scrape("g") == 7)
    nodes[0].count("g:+1|g")
    #expect(await nodes[0].scrape("g") == 8)
    for node in nodes { await node.stop() }
  }

  @Test func `a node that ends leaves what it wrote, and one that starts finds it`() async throws {
    let (stream, store) = (MemoryStream(), MemoryStore())
    let nodes = try nodes(2, stream, store)
    nodes[0].count("hits:5|c")
    #expect(await nodes[0].scrape("hits") == 5)
    nodes[0].kill()
    #expect(await nodes[1].scrape("hits") == 5)
    let again = try TestNode(stream, store, "--cluster.barrier-timeout=60s")
    again.start()
    again.count("hits:2|c")
    try await again.reach()
    #expect(again.shown("hits") == 7)
    // What is counted last is written at the stop.
    again.count("hits:3|c")
    await again.stop()
    #expect(await nodes[1].scrape("hits") == 10)
    await nodes[1].stop()
  }

  @Test func `without the log a scrape gets a sentence, and later all that was counted`()
    async throws
  {
    let stream = MemoryStream()
    let node = try TestNode(stream, MemoryStore(), "--cluster.barrier-timeout=60s")
    node.start()
    node.count("hits:1|c")
    #expect(await node.scrape("hits") == 1)
    #expect(node.cluster.unreadiness == nil)
    node.log.setConnected(false)
    node.count("hits:1|c")
    let soon = ContinuousClock.now + .milliseconds(50)
    #expect(
      await node.cluster.barrier(until: soon)
        == "this node has no connection to NATS (nats://log.example:4222); it tries again")
    #expect(
      node.cluster.unreadiness
        == "this node has no connection to NATS (nats://log.example:4222); it tries again")
    node.log.setConnected(true)
    #expect(await node.scrape("hits") == 2)
    stream.setStalled(true)
    let sentence = await node.cluster.barrier(until: .now + .milliseconds(50))
    #expect(
      sentence?.hasPrefix("the marker of this scrape did not come back from stream weir_test")
        == true)
    stream.setStalled(false)
    #expect(await node.scrape("hits") == 2)
    let reading = node.cluster.meter.reading
    #expect(reading.barriersFailed >= 2)
    #expect(reading.barriers - reading.barriersFailed == 3)
    await node.stop()
  }

  @Test func `a node whose messages are gone loads the newest state`() async throws {
    let (stream, store) = (MemoryStream(), MemoryStore())
    let nodes = try nodes(2, stream, store)
    nodes[0].count("hits:5|c")
    #expect(await nodes[0].scrape("hits") == 5)
    #expect(await nodes[1].scrape("hits") == 5)
    nodes[1].log.setConnected(false)
    let read = nodes[1].cluster.standing.reading.sequence
    nodes[0].count("hits:4|c")
    #expect(await nodes[0].scrape("hits") == 9)
    // Until a node has put a state into the store and trimmed the log.
    let end = ContinuousClock.now + ClusterNodeTests.patience
    var time: UInt64 = 1_700_000_000_000
    while try nodes[0].log.bounds(milliseconds: 0).first <= read + 1, ContinuousClock.now < end {
      time += 400_000
      stream.setTime(milliseconds: time)
      nodes[0].count("ticks:1|c")
      _ = await nodes[0].scrape("ticks")
      try await Task.sleep(for: .milliseconds(20))
    }
    // At first nobody leads who could give it.
    store.setFailure(.noAnswer("there is no leader"))
    nodes[1].log.setConnected(true)
    while nodes[1].cluster.meter.reading.gaps == 0, ContinuousClock.now < end {
      try await Task.sleep(for: .milliseconds(20))
    }
    try await Task.sleep(for: .milliseconds(100))
    store.setFailure(nil)
    try await nodes[1].reach()
    #expect(nodes[1].shown("hits") == 9)
    for node in nodes { await node.stop() }
  }

  @Test func `a full log is emptied by a state, and goes on`() async throws {
    let stream = MemoryStream()
    let nodes = try nodes(2, stream, MemoryStore())
    nodes[0].count("hits:5|c")
    #expect(await nodes[0].scrape("hits") == 5)
    stream.setBytesMax(0)
    nodes[0].count("hits:2|c")
    let end = ContinuousClock.now + ClusterNodeTests.patience
    let full = ClusterSentence.full(stream: "weir_test")
    var sentence: String?
    // The refusal may come after a barrier that was too short for it.
    while sentence != full, ContinuousClock.now < end {
      sentence = await nodes[0].cluster.barrier(until: .now + .milliseconds(200))
    }
    #expect(sentence == full)
    while try nodes[0].log.bounds(milliseconds: 0).bytes > 0, ContinuousClock.now < end {
      try await Task.sleep(for: .milliseconds(20))
    }
    #expect(try nodes[0].log.bounds(milliseconds: 0).bytes == 0)
    stream.setBytesMax(.max)
    #expect(await nodes[0].scrape("hits") == 7)
    #expect(await nodes[1].scrape("hits") == 7)
    for node in nodes { await node.stop() }
  }

  @Test func `states against a full log are a minute apart`() {
    var relief = LogRelief()
    let isDue = [(0, 5), (1, 6), (2, 7), (2, 80_000), (3, 80_000)].map {
      relief.isDue(refused: $0, at: $1)
    }
    #expect(isDue == [false, true, false, false, true])
  }

  @Test func `what no node of this log writes stops nobody`() async throws {
    let stream = MemoryStream()
    let node = try TestNode(stream)
    node.start()
    node.count("hits:1|c")
    #expect(await node.scrape("hits") == 1)
    for message in [Array("hello world".utf8), [1, 0, 0, 0, 0, 0, 0, 0, 0, 110, 0], [0], []] {
      try node.log.post(message, as: 1)
    }
    node.count("hits:1|c")
    #expect(await node.scrape("hits") == 2)
    #expect(node.cluster.meter.reading.view.messagesRefused == 4)
    // Where the log says that its nodes write them, it is another matter.
    var metadata = try node.log.bounds(milliseconds: 0).metadata
    metadata["weir.format"] = "2"
    try node.log.updateMetadata(metadata, milliseconds: 0)
    try node.log.post([2, 0, 0, 0, 0, 0, 0, 0, 0], as: 1)
    let end = ContinuousClock.now + ClusterNodeTests.patience
    while !node.cluster.standing.isStopped, ContinuousClock.now < end {
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(node.cluster.unreadiness?.contains("was written by a newer Weir") == true)
    await node.stop()
  }

  @Test func `a stream that was made again stops every node`() async throws {
    let stream = MemoryStream()
    let node = try TestNode(stream)
    node.start()
    node.count("hits:1|c")
    _ = await node.scrape("hits")
    stream.replace()
    let end = ContinuousClock.now + ClusterNodeTests.patience
    while await node.cluster.barrier(until: .now + .milliseconds(20)) != ClusterSentence.replaced {
      guard ContinuousClock.now < end else {
        Issue.record("the node goes on")
        break
      }
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(node.cluster.unreadiness == ClusterSentence.replaced)
  }

  @Test func `nodes with other options do not start`() throws {
    let stream = MemoryStream()
    _ = try TestNode(stream)
    #expect {
      _ = try TestNode(stream, MemoryStore(), "--limit.series=5")
    } throws: { error in
      (error as? StartError)?.description
        == "--cluster.nats: the nodes of this cluster run with --push.older-instances=count, and this one with "
        + "--limit.series=5 --push.older-instances=count; give all nodes the same, or change those of the cluster "
        + "with weir cluster options"
    }
    _ = try TestNode(stream, MemoryStore(), "--log.level=debug")
  }

  @Test(arguments: 1...3 as ClosedRange<UInt64>)
  func `no scrape shows less than one that ended before it, on any node`(_ seed: UInt64)
    async throws
  {
    let stream = MemoryStream()
    let nodes = try nodes(3, stream, MemoryStore())
    var random = SeededGenerator(seed: seed)
    var (sent, seen) = (0.0, 0.0)
    for step in 0..<200 {
      let counted = random.pick(nodes)
      counted.count("hits:1|c")
      sent += 1
      if random.oneIn(12) {
        let cut = random.pick(nodes)
        cut.log.setConnected(false)
        cut.log.setConnected(true)
      }
      guard random.oneIn(3) else { continue }
      let value = await random.pick(nodes).scrape("hits") ?? seen
      #expect(value >= seen, "step \(step)")
      #expect(value <= sent)
      seen = max(seen, value)
    }
    for node in nodes { try await node.reach() }
    for node in nodes { #expect(await node.scrape("hits") == sent) }
    for node in nodes { await node.stop() }
  }

  @Test func `without the barrier scrapes do step back, so that the test above can fail`()
    async throws
  {
    let stream = MemoryStream()
    let nodes = try (0..<2).map { _ in try TestNode(stream, MemoryStore(), "--cluster.read=local") }
    for node in nodes { node.start() }
    nodes[0].count("hits:1|c")
    let end = ContinuousClock.now + ClusterNodeTests.patience
    while nodes[1].shown("hits") == nil, ContinuousClock.now < end {
      try await Task.sleep(for: .milliseconds(20))
    }
    nodes[1].log.setConnected(false)
    nodes[0].count("hits:1|c")
    while nodes[0].shown("hits") != 2, ContinuousClock.now < end {
      try await Task.sleep(for: .milliseconds(20))
    }
    #expect(await nodes[0].scrape("hits") == 2)
    #expect(await nodes[1].scrape("hits") == 1)
    for node in nodes { node.kill() }
  }
}
