import Dispatch
import Testing
import WeirCluster

@testable import WeirDaemon

/// `weir cluster reset`, on a log in memory.
struct ClusterResetTests {
  private let commands = ClusterCommands()

  @Test func `after the log was lost it begins again with what a node has`() async throws {
    let nodes = [try commands.node("a"), try commands.node("b"), try commands.node("c")]
    nodes[2].count("one:3|c\nlevel:5|g")
    for node in nodes.reversed() { #expect(await node.scrape("one") == 3) }
    // As nodes do, whose tasks may wait here for those of other tests.
    let writer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "writer"))
    let log = MemoryLog(commands.stream)
    writer.setEventHandler { try? log.post([1, 0, 0, 0, 0, 0, 0, 0, 1], as: 1) }
    writer.schedule(deadline: .now(), repeating: .milliseconds(50))
    writer.activate()
    await #expect {
      try await ClusterReset.run(commands.access, from: "b", quiet: .seconds(1))
    } throws: {
      "\($0)".hasPrefix("nodes write into stream weir_test")
    }
    writer.cancel()
    commands.stream.replace(metadata: [:])
    for node in nodes {
      try await commands.eventually {
        await node.cluster.barrier(until: .now + .milliseconds(20)) == ClusterSentence.replaced
      }
    }
    // What is counted meanwhile is not lost.
    nodes[0].count("one:4|c")
    let said = try await ClusterReset.run(commands.access, from: "b", quiet: .milliseconds(100))
    #expect(said == "weir_test begins again with what node b has shown")
    for node in nodes { try await node.reach() }
    nodes[1].count("one:8|c\nlevel:+1|g")
    try await commands.eventually { await nodes[0].scrape("one") == 15 }
    for node in nodes {
      #expect(await node.scrape("one") == 15)
      #expect(await node.scrape("level") == 6)
    }
    let joined = try commands.node("d")
    try await joined.reach()
    #expect(joined.shown("one") == 15)
    let page = ClusterPage(joined.cluster.reading, unreadiness: nil).text
    #expect(page.contains("epoch: memory-2\n") && page.contains("last marker: 2"))
    for node in nodes + [joined] { await node.stop() }
  }

  @Test
  func `a log that lost its end waits for a reset, and a node brings its state when it starts`()
    async throws
  {
    try await commands.withDirectory { directory in
      try await countThree(at: "a", directory)
      commands.stream.replace(metadata: [:])
      #expect {
        _ = try commands.node("a", "--state.dir=\(directory)")
      } throws: {
        "\($0)".contains("it is of another log or of other options")
      }
      await #expect {
        try await ClusterReset.run(
          commands.access, from: "a", quiet: .milliseconds(10), patience: .milliseconds(10))
      } throws: {
        "\($0)".hasPrefix("no node a has brought its state yet")
      }
      #expect {
        _ = try commands.node("b")
      } throws: {
        "\($0)".hasPrefix("--cluster.nats: the log waits for the state of node a, ")
      }
      let again = try commands.node("a", "--state.dir=\(directory)")
      #expect(await again.scrape("one") == 3)
      let other = try commands.node("b")
      try await other.reach()
      #expect(other.shown("one") == 3)
      await again.stop()
      await other.stop()
    }
  }

  /// A node that ends, and no longer holds its directory.
  private func countThree(at name: String, _ directory: String) async throws {
    let node = try commands.node(name, "--state.dir=\(directory)")
    node.count("one:3|c")
    #expect(await node.scrape("one") == 3)
    await node.stop()
  }
}
