import Testing
import WeirInsight

@Suite("Findings")
struct FindingTests {
  private static func findings(_ window: FindingWindow) -> [StatusAnswer.Finding] {
    FindingRule.all.flatMap { $0.findings(in: window) }
  }

  @Test("nothing is found where all is well")
  func allWell() {
    let window = FindingWindow(now: FindingCase.well(at: 1_000), before: FindingCase.well(at: 940))
    #expect(Self.findings(window) == [])
  }

  @Test("each trouble is found, and only once it is there", arguments: FindingCase.all)
  func found(one: FindingCase) throws {
    var (now, before) = (FindingCase.well(at: 1_000), FindingCase.well(at: 940))
    one.change(&now)
    one.before(&before)
    let window = FindingWindow(now: now, before: before, limitsFullIn: one.fullIn)
    let found = Self.findings(window).filter { $0.id == one.id }
    let finding = try #require(found.first)
    #expect(found.count == 1)
    #expect(finding.level == one.level && finding.subject == one.subject)
    for words in one.words { #expect((finding.what + finding.fix).contains(words), "\(finding)") }
    #expect(finding.what.hasSuffix(".") && finding.fix.hasSuffix("."), "\(finding)")
    #expect(!finding.what.contains("`"))
    #expect(finding.fix.split(separator: "`", omittingEmptySubsequences: false).count % 2 == 1)
  }

  @Test("there is a case for each rule")
  func complete() {
    #expect(Set(FindingRule.all.map(\.id)) == Set(FindingCase.all.map(\.id)))
    #expect(Set(FindingRule.all.map(\.id)).count == FindingRule.all.count)
  }

  /// Rules on what is so now, and not on what has happened.
  private static let lasting: Set = [
    "buffer_small", "nothing_received", "limit_near", "limit_soon", "no_scrape", "scrape_slow",
    "state_unprotected", "reload_failed", "certificate_ends", "forward_unconfirmed",
    "cloudwatch_failing", "cloudwatch_dropped, warn", "cluster_stopped", "cluster_disconnected",
    "cluster_behind", "cluster_diverged", "cluster_log_near", "cluster_state_old",
    "cluster_node_silent", "cluster_name_twice",
  ]

  @Test(
    "what happened more than a minute ago is no finding",
    arguments: FindingCase.all.filter { lasting.isDisjoint(with: [$0.id, $0.testDescription]) })
  func past(one: FindingCase) {
    var (now, before) = (FindingCase.well(at: 1_000), FindingCase.well(at: 940))
    one.change(&now)
    one.change(&before)
    let ids = Self.findings(FindingWindow(now: now, before: before)).map(\.id)
    #expect(!ids.contains(one.id))
  }

  @Test("a node without a connection, and one that has stopped, say that alone")
  func cause() {
    func ids(_ change: (inout Pulse.Cluster) -> Void) -> [String] {
      var (now, before) = (FindingCase.well(at: 1_000), FindingCase.well(at: 940))
      now.cluster?.scrapesRefused = 4
      now.cluster?.postsHeldBack = 5
      now.cluster?.stateAgeSeconds = 2_000
      now.cluster?.others[0].silentSeconds = 2_000
      before.cluster?.scrapesRefused = 1
      if var cluster = now.cluster {
        change(&cluster)
        now.cluster = cluster
      }
      return Self.findings(FindingWindow(now: now, before: before)).map(\.id)
    }
    #expect(
      ids { _ in } == [
        "cluster_scrapes_refused", "cluster_posts_failed", "cluster_state_old",
        "cluster_node_silent",
      ])
    #expect(ids { $0.isConnected = false } == ["cluster_disconnected"])
    #expect(
      ids {
        $0.isConnected = false
        $0.stopped = "it stopped"
      } == ["cluster_stopped"])
    #expect(
      ids { $0.until = 90 } == [
        "cluster_behind", "cluster_scrapes_refused", "cluster_posts_failed",
      ]
    )
  }

  @Test("a node that was started again is not silent by its old number")
  func startedAgain() {
    var now = FindingCase.well(at: 1_000)
    now.cluster?.others.append(Pulse.Cluster.Node(name: "b", silentSeconds: 60))
    let window = FindingWindow(now: now, before: FindingCase.well(at: 940))
    #expect(Self.findings(window) == [])
  }

  @Test("a quiet Weir has no findings of silence in its first minute")
  func start() {
    var now = Pulse()
    now.uptimeSeconds = 59
    #expect(Self.findings(FindingWindow(now: now, before: Pulse())) == [])
  }

  @Test("a limit that fills slowly, or is hardly used, is no finding")
  func slowly() {
    var now = FindingCase.well(at: 1_000)
    now.limits[0].used = 400
    let window = FindingWindow(
      now: now, before: FindingCase.well(at: 940), limitsFullIn: [10_800, nil, nil, nil])
    #expect(Self.findings(window) == [])
  }

  @Test("findings are worst first, and keep the time from which on they have been there")
  func tracker() {
    var tracker = FindingTracker()
    var now = FindingCase.well(at: 1_000)
    now.listeners[0].bufferBytes = 208 << 10
    tracker.update(FindingWindow(now: now, before: FindingCase.well(at: 940)))
    #expect(tracker.findings.map(\.id) == ["buffer_small"])
    now.uptimeSeconds = 1_030
    now.refusals[0].count = 1_000
    now.files[0].isLoaded = false
    tracker.update(FindingWindow(now: now, before: FindingCase.well(at: 940)))
    #expect(tracker.findings.map(\.id) == ["lines_refused", "reload_failed", "buffer_small"])
    #expect(tracker.findings.map(\.sinceSeconds) == [0, 0, 30])
    var well = FindingCase.well(at: 1_060)
    tracker.update(FindingWindow(now: well, before: FindingCase.well(at: 1_000)))
    #expect(tracker.findings == [])
    well.listeners[0].bufferBytes = 208 << 10
    well.uptimeSeconds = 1_100
    tracker.update(FindingWindow(now: well, before: FindingCase.well(at: 1_040)))
    #expect(tracker.findings.map(\.sinceSeconds) == [0])
  }

  @Test("at most ten are shown, the worst ones")
  func most() {
    var now = FindingCase.well(at: 1_000)
    now.listeners = (0..<50).map { number in
      var listener = Pulse.Listener(name: "10.0.0.\(number):8125")
      listener.bufferBytes = 1
      listener.askedBufferBytes = 2
      return listener
    }
    now.isStateProtected = false
    var tracker = FindingTracker()
    tracker.update(FindingWindow(now: now, before: FindingCase.well(at: 940)))
    #expect(tracker.findings.count == 10)
    #expect(tracker.findings.first?.id == "state_unprotected")
  }
}
