import Testing
import WeirAggregation
import WeirBytes
import WeirCluster
import WeirConfiguration
import WeirHTTP
import WeirInsight
import WeirJSON
import WeirMetrics
import WeirWire

@testable import WeirDaemon

/// What a node shows of itself: metrics, findings, pages and the log of scrapes.
struct ClusterWatchTests {
  private let stream = MemoryStream(bytesMax: 100_000)
  private let store = MemoryStore()

  private func node(_ flag: String) throws -> TestNode {
    try TestNode(stream, store, flag, "--cluster.node=a")
  }

  private func status(of node: TestNode) -> StatusReader {
    StatusReader(
      aggregator: node.counting.aggregator, pushed: node.counting.pushed, cluster: node.cluster,
      shown: node.cluster.shown, log: Log(level: .error, format: .logfmt))
  }

  private func samples(_ name: String, _ node: TestNode) -> [Double] {
    let families = OwnMetrics(status(of: node).metrics()).families
    guard case .samples(let samples)? = families.first(where: { $0.name == name })?.values else {
      return []
    }
    return samples.map(\.value)
  }

  private func findings(_ node: TestNode) -> [String] {
    var pulse = Pulse()
    pulse.cluster = Pulse.Cluster(node.cluster.reading, wallSeconds: 1_700_000_000)
    return FindingRule.all.flatMap { $0.findings(in: FindingWindow(now: pulse, before: Pulse())) }
      .map { $0.id }
  }

  @Test func `what the log and the store have is asked for apart from scrapes, and shown`()
    async throws
  {
    let node = try node("--cluster.barrier-timeout=60s")
    #expect(samples("weir_cluster_log_bytes", node) == [])
    #expect(samples("weir_cluster_state_timestamp_seconds", node) == [0])
    #expect(ClusterPage(node.cluster.reading, unreadiness: nil).text.contains("log: not asked yet"))
    let poster = MemoryLog(stream)
    try poster.post(Array(repeating: 0, count: 4_000), as: 1)
    try store.put("state-1", [1], sequence: 1, milliseconds: 0)
    await node.cluster.watch.look()
    #expect(samples("weir_cluster_log_bytes", node) == [4_000])
    #expect(samples("weir_cluster_log_bytes_max", node) == [100_000])
    #expect(samples("weir_cluster_state_timestamp_seconds", node) == [1_700_000_000])
    let page = ClusterPage(node.cluster.reading, unreadiness: nil).text
    #expect(page.contains("log: 4000 of 100000 bytes\nnewest state: 2023-11-14T22:13:20.000Z\n"))
    // While there is no answer, what is known stays.
    node.log.setConnected(false)
    try poster.post([1], as: 2)
    await node.cluster.watch.look()
    #expect(samples("weir_cluster_log_bytes", node) == [4_000])
    node.kill()
  }

  @Test func `the store is asked again until it answers, and then seldom`() async throws {
    let node = try node("--cluster.barrier-timeout=60s")
    try store.put("state-1", [1], sequence: 1, milliseconds: 0)
    store.setFailure(.noAnswer("No answer."))
    await node.cluster.watch.look()
    #expect(node.cluster.meter.reading.stateMilliseconds == 0)
    store.setFailure(nil)
    await node.cluster.watch.look()
    #expect(node.cluster.meter.reading.stateMilliseconds == 1_700_000_000_000)
    store.setTime(milliseconds: 1_700_000_009_000)
    try store.put("state-2", [1], sequence: 2, milliseconds: 0)
    for _ in 0..<5 { await node.cluster.watch.look() }
    #expect(node.cluster.meter.reading.stateMilliseconds == 1_700_000_000_000)
    await node.cluster.watch.look()
    #expect(node.cluster.meter.reading.stateMilliseconds == 1_700_000_009_000)
  }

  @Test func `without a limit of the log there is none to be shown`() async throws {
    let node = try TestNode(MemoryStream(), store)
    await node.cluster.watch.look()
    #expect(samples("weir_cluster_log_bytes", node) == [0])
    #expect(samples("weir_cluster_log_bytes_max", node) == [])
  }

  @Test func `what is wrong at a node is a finding`() async throws {
    let node = try node("--cluster.barrier-timeout=60s")
    #expect(findings(node) == [])
    node.start()
    try await node.reach()
    node.cluster.meter.update { $0.barriersFailed = 0 }
    #expect(findings(node) == [])
    stream.setStalled(true)
    #expect(await node.cluster.barrier(until: .now + .milliseconds(20)) != nil)
    #expect(findings(node) == ["cluster_scrapes_refused"])
    node.log.setConnected(false)
    #expect(findings(node) == ["cluster_disconnected"])
    node.log.setConnected(true)
    stream.setStalled(false)
    node.cluster.meter.update {
      $0.postsFailed = 3
      $0.postsFull = 2
      $0.logBytes = 95_000
      $0.logBytesMax = 100_000
    }
    #expect(
      findings(node) == ["cluster_scrapes_refused", "cluster_log_full", "cluster_posts_failed"])
    stream.replace()
    let end = ContinuousClock.now + .seconds(300)
    while node.cluster.unreadiness != ClusterSentence.replaced, ContinuousClock.now < end {
      try await Task.sleep(for: .milliseconds(5))
    }
    #expect(findings(node) == ["cluster_stopped", "cluster_log_full", "cluster_posts_failed"])
  }

  @Test func `the place in the log, the others and their silence come from what was read`()
    async throws
  {
    let node = try node("--cluster.barrier-timeout=60s")
    var reading = node.cluster.reading
    reading.standing.course = .joining(until: 9)
    reading.standing.sequence = 4
    reading.standing.messageMilliseconds = 1_700_000_050_000
    reading.isDiverged = true
    reading.meter.stateMilliseconds = 1_699_999_000_000
    let hello = ClusterHello(name: "b", address: "", version: "", sequence: 1, course: .current)
    for (number, heard) in [(7, 10_000), (reading.number, 0)] as [(UInt64, UInt64)] {
      reading.nodes.append(
        ClusterNodes.Node(
          number: number, hello: hello, heardMilliseconds: 1_700_000_000_000 + heard,
          firstMilliseconds: 1_700_000_000_000 - 5_000))
    }
    let cluster = Pulse.Cluster(reading, wallSeconds: 1_700_000_000)
    #expect(cluster.until == 9 && cluster.applied == 4 && cluster.isDiverged)
    #expect(cluster.stateAgeSeconds == 1_000)
    #expect(cluster.others == [Pulse.Cluster.Node(name: "b", silentSeconds: 40, knownSeconds: 15)])
    #expect(cluster.name == reading.name && !cluster.name.isEmpty)
    #expect(cluster.servers == "nats://log.example:4222")
  }

  @Test
  func
    `a scrape that gets 503 is among the scrapes, and one of the node's own metrics is not of everything`()
    async throws
  {
    let node = try node("--cluster.barrier-timeout=30ms")
    node.start()
    stream.setStalled(true)
    let status = status(of: node)
    let route = ScrapeRoute(
      scraper: Scraper(status: status, showsOwn: false), cluster: node.cluster)
    let answer = await route.respond(to: HTTPRequest(path: "/metrics", query: "name[]=a"))
    #expect(answer.status == 503)
    #expect(await route.respond(to: HTTPRequest(method: "HEAD", path: "/metrics")).status == 503)
    #expect(await route.respond(to: HTTPRequest(path: "/metrics")).status == 503)
    let entries = status.scrapeLog.reading.entries
    #expect(entries.map(\.status) == [503, 503])
    #expect(entries.map(\.isFiltered) == [false, true])
    #expect(entries[0].format.hasPrefix("text/plain"))
    #expect(status.scrapes.reading.count == 2)
    let nodes = ScrapeRoute(
      scraper: Scraper(status: status, showsSeries: false), isOfNode: true)
    let page = await nodes.respond(to: HTTPRequest(path: "/metrics/node"))
    guard case .stream(let body) = page.body else {
      Issue.record("no stream")
      return
    }
    while try await !body.next().isLast {}
    let reading = status.scrapeLog.reading
    #expect(reading.entries.map(\.status) == [200, 503, 503])
    #expect(reading.last == nil && reading.answeredAt != nil)
    #expect(node.cluster.name == "a")
    node.kill()
  }

  @Test func `limits count what is refused here, and what the view refuses`() async throws {
    let node = try TestNode(
      stream, store, "--limit.series=2", "--cluster.barrier-timeout=60s")
    node.count("a:1|c\nb:1|c\nc:1|c\nd:1|c")
    let limits = status(of: node).metrics().limits
    #expect(limits.tally.rows(.series).reduce(0) { $0 + $1.count.refused } == 2)
    #expect(limits.used.first { $0.limit == .series }?.count == 2)
    #expect(
      node.cluster.shown.aggregator.limitReading().used.first { $0.limit == .series }?.count == 0)
  }
}
