import Testing
import WeirInsight

@Suite("Findings")
struct FindingTests {
  /// What provokes a finding, and how bad it is then.
  struct Case: CustomTestStringConvertible, Sendable {
    let id: String
    let level: StatusAnswer.Finding.Level
    var subject = ""
    var words: [String] = []
    /// Changes a Weir without trouble.
    let change: @Sendable (inout Pulse) -> Void
    var fullIn: [Double?] = []
    /// What the Weir of a minute ago had already.
    var before: @Sendable (inout Pulse) -> Void = { _ in }

    var testDescription: String { "\(id), \(level)" }
  }

  /// A busy Weir without trouble.
  private static func well(at seconds: Double) -> Pulse {
    var pulse = Pulse()
    pulse.uptimeSeconds = seconds
    pulse.counts.datagrams = seconds * 100
    pulse.counts.lines = seconds * 1_000
    pulse.counts.series = 500
    pulse.counts.scrapeSeconds = 0.01
    var listener = Pulse.Listener(name: "127.0.0.1:8125")
    listener.datagrams = seconds * 100
    listener.bufferBytes = 16 << 20
    listener.askedBufferBytes = 16 << 20
    pulse.listeners = [listener]
    pulse.refusals = ["bad_value", "type_clash", "too_many_series"].map {
      var reason = Pulse.Refused(reason: $0, means: "the value is wrong", fix: "Correct it.")
      reason.isLimit = $0 == "too_many_series"
      return reason
    }
    pulse.limits = [
      Pulse.Limit(limit: "series", flag: "--limit.series", used: 500, max: 1_000),
      Pulse.Limit(limit: "http_connections", flag: "--web.max-connections", used: 1, max: 512),
      Pulse.Limit(limit: "push_instances", flag: "--limit.push-instances", used: 1, max: 10),
      Pulse.Limit(limit: "name_bytes", flag: "--limit.name-bytes", used: nil, max: 1_024),
    ]
    pulse.scrapes.count = seconds / 15
    pulse.scrapes.lastAgeSeconds = 5
    pulse.push.frames = seconds
    pulse.push.refusedFrames = ["signature": 0, "version": 0]
    pulse.push.refusedRecords = ["type_clash": 0]
    pulse.files = [Pulse.File(name: "mapping file", isLoaded: true)]
    pulse.certificateEndsInSeconds = 86_400 * 90
    pulse.isStateProtected = true
    pulse.relays = [Pulse.Relay(target: "old:8125", dropped: 0)]
    var forward = Pulse.Forward()
    forward.confirmedAgeSeconds = 1
    pulse.forward = forward
    pulse.cloudWatch = Pulse.CloudWatch()
    return pulse
  }

  private static let cases: [Case] = [
    Case(
      id: "kernel_drops", level: .bad, subject: "127.0.0.1:8125",
      words: ["10 %", "208 KiB", "16777216"]
    ) {
      $0.listeners[0].bufferBytes = 208 << 10
      // 6,000 datagrams arrive in a minute.
      $0.listeners[0].dropped = 667
    },
    Case(
      id: "kernel_drops", level: .bad, subject: "127.0.0.1:8125", words: ["--statsd.read-buffer"]
    ) {
      $0.listeners[0].dropped = 1
    },
    Case(id: "buffer_small", level: .info, subject: "127.0.0.1:8125", words: ["208 KiB", "16 MiB"])
    {
      $0.listeners[0].bufferBytes = 208 << 10
    },
    Case(id: "source_refused", level: .warn, subject: "127.0.0.1:8125", words: ["3 datagrams"]) {
      $0.listeners[0].refusedSources = 3
    },
    Case(id: "text_off", level: .bad, subject: "127.0.0.1:8125") {
      $0.listeners[0].refusedTexts = 3
    },
    Case(
      id: "nothing_received", level: .info, words: ["since Weir started"],
      change: {
        $0.counts.datagrams = 0
        $0.counts.lines = 0
      },
      before: {
        $0.counts.datagrams = 0
        $0.counts.lines = 0
      }),
    Case(
      id: "nothing_received", level: .info, words: ["last minute"],
      change: {
        $0.counts.datagrams = 7
        $0.counts.lines = 7
      },
      before: {
        $0.counts.datagrams = 7
        $0.counts.lines = 7
      }),
    Case(id: "lines_refused", level: .bad, words: ["0.1 %", "bad_value", "10.0.0.7"]) {
      // Of 60,000 lines.
      $0.refusals[0].count = 60
      $0.refusals[0].from = "10.0.0.7"
    },
    Case(id: "lines_refused", level: .warn, words: ["less than 0.01 %"]) {
      $0.refusals[0].count = 1
    },
    Case(id: "type_clash", level: .bad, words: ["4 lines"]) { $0.refusals[1].count = 4 },
    Case(
      id: "limit_reached", level: .bad, subject: "series", words: ["12 samples", "--limit.series"]
    ) { $0.limits[0].refused = 12 },
    Case(id: "limit_reached", level: .bad, subject: "name_bytes", words: ["1,024"]) {
      $0.limits[3].refused = 1
    },
    Case(id: "limit_overflow", level: .warn, subject: "series") { $0.limits[0].overflowed = 1 },
    Case(
      id: "limit_near", level: .warn, subject: "series_per_name",
      words: ["The name u has 900 of the 1,000", "See Names"]
    ) {
      $0.limits[0].limit = "series_per_name"
      $0.limits[0].used = 900
      $0.limits[0].name = "u"
    },
    Case(
      id: "limit_near", level: .warn, subject: "series_per_name",
      words: ["Without the label a, 3 would be left.", "Drop the label a of u in the client"]
    ) {
      $0.limits[0].limit = "series_per_name"
      $0.limits[0].used = 900
      $0.limits[0].name = "u"
      $0.limits[0].label = "a"
      $0.limits[0].advice = "Without the label a, 3 would be left."
    },
    Case(
      id: "limit_near", level: .warn, subject: "series",
      words: [
        "900 of the 1,000 that --limit.series allows are used. The name u has most of them."
      ]
    ) {
      $0.limits[0].used = 900
      $0.limits[0].name = "u"
    },
    Case(
      id: "limit_near", level: .warn, subject: "http_connections",
      words: ["512 of the 512", "keeps them open"]
    ) { $0.limits[1].used = 512 },
    Case(id: "limit_near", level: .warn, subject: "push_instances", words: ["See Instances"]) {
      $0.limits[2].used = 10
    },
    Case(
      id: "limit_soon", level: .warn, subject: "series", words: ["in about 58 min"],
      change: { _ in }, fullIn: [3_500, nil, nil, nil]),
    Case(
      id: "limit_soon", level: .warn, subject: "series", words: ["in about 3 h"],
      change: { $0.limits[0].used = 600 }, fullIn: [10_800, nil, nil, nil]),
    Case(id: "frames_refused", level: .bad, subject: "signature", words: ["--push.keys-file"]) {
      $0.push.refusedFrames["signature"] = 2
    },
    Case(id: "frames_refused", level: .bad, subject: "version", words: ["client library"]) {
      $0.push.refusedFrames["version"] = 2
    },
    Case(id: "records_refused", level: .bad, subject: "type_clash") {
      $0.push.refusedRecords["type_clash"] = 1
    },
    // 60 frames arrive in a minute.
    Case(id: "frames_lost", level: .info, words: ["9.1 %"]) { $0.push.framesLost = 6 },
    Case(id: "instances_forgotten", level: .warn) { $0.push.forgottenForRoom = 1 },
    Case(id: "no_scrape", level: .warn, words: ["6 min"]) { $0.scrapes.lastAgeSeconds = 360 },
    Case(id: "no_scrape", level: .info) { $0.scrapes.lastAgeSeconds = nil },
    Case(id: "scrape_timed_out", level: .bad) { $0.scrapes.timedOut = 1 },
    Case(id: "scrape_abandoned", level: .warn, words: ["2 scrapes", "The last one: 10.0.0.4."]) {
      $0.scrapes.abandoned = 2
      $0.scrapes.abandonedBy = "10.0.0.4"
    },
    Case(id: "scrape_slow", level: .warn, words: ["6.2 s"]) { $0.counts.scrapeSeconds = 6.2 },
    Case(id: "series_hidden", level: .warn) { $0.scrapes.hiddenSeries = 1 },
    Case(id: "state_unprotected", level: .bad) { $0.isStateProtected = false },
    Case(id: "reload_failed", level: .warn, subject: "mapping file") {
      $0.files[0].isLoaded = false
    },
    Case(id: "certificate_ends", level: .warn, words: ["13 days"]) {
      $0.certificateEndsInSeconds = 86_400 * 13
    },
    Case(id: "certificate_ends", level: .bad, words: ["expired"]) {
      $0.certificateEndsInSeconds = 0
    },
    Case(id: "log_lines_lost", level: .info) { $0.logLinesLost = 1 },
    Case(id: "connections_refused", level: .warn) { $0.connectionsRefused = 1 },
    Case(id: "relay_drops", level: .warn, subject: "old:8125") { $0.relays[0].dropped = 1 },
    Case(id: "forward_unconfirmed", level: .warn, words: ["for 61 s"]) {
      $0.forward?.confirmedAgeSeconds = 61
    },
    Case(id: "forward_unconfirmed", level: .warn, words: ["since the start"]) {
      $0.forward?.confirmedAgeSeconds = nil
    },
    Case(id: "cloudwatch_failing", level: .warn) { $0.cloudWatch?.isFailing = true },
    Case(id: "cloudwatch_dropped", level: .bad) { $0.cloudWatch?.metricsDropped = 1 },
    Case(id: "cloudwatch_dropped", level: .warn) { $0.cloudWatch?.metricsOverLimit = 1 },
  ]

  private static func findings(_ window: FindingWindow) -> [StatusAnswer.Finding] {
    FindingRule.all.flatMap { $0.findings(in: window) }
  }

  @Test("nothing is found where all is well")
  func allWell() {
    let window = FindingWindow(now: Self.well(at: 1_000), before: Self.well(at: 940))
    #expect(Self.findings(window) == [])
  }

  @Test("each trouble is found, and only once it is there", arguments: cases)
  func found(one: Case) throws {
    var (now, before) = (Self.well(at: 1_000), Self.well(at: 940))
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
    #expect(Set(FindingRule.all.map(\.id)) == Set(Self.cases.map(\.id)))
    #expect(Set(FindingRule.all.map(\.id)).count == FindingRule.all.count)
  }

  @Test("losses of more than a minute ago are no findings")
  func past() {
    var (now, before) = (Self.well(at: 1_000), Self.well(at: 940))
    for change in Self.cases where change.id == "kernel_drops" || change.id == "lines_refused" {
      change.change(&now)
      change.change(&before)
    }
    let ids = Self.findings(FindingWindow(now: now, before: before)).map(\.id)
    #expect(!ids.contains("kernel_drops") && !ids.contains("lines_refused"))
  }

  @Test("a quiet Weir has no findings of silence in its first minute")
  func start() {
    var now = Pulse()
    now.uptimeSeconds = 59
    #expect(Self.findings(FindingWindow(now: now, before: Pulse())) == [])
  }

  @Test("a limit that fills slowly, or is hardly used, is no finding")
  func slowly() {
    var now = Self.well(at: 1_000)
    now.limits[0].used = 400
    let window = FindingWindow(
      now: now, before: Self.well(at: 940), limitsFullIn: [10_800, nil, nil, nil])
    #expect(Self.findings(window) == [])
  }

  @Test("findings are worst first, and keep the time from which on they have been there")
  func tracker() {
    var tracker = FindingTracker()
    var now = Self.well(at: 1_000)
    now.listeners[0].bufferBytes = 208 << 10
    tracker.update(FindingWindow(now: now, before: Self.well(at: 940)))
    #expect(tracker.findings.map(\.id) == ["buffer_small"])
    now.uptimeSeconds = 1_030
    now.refusals[0].count = 1_000
    now.files[0].isLoaded = false
    tracker.update(FindingWindow(now: now, before: Self.well(at: 940)))
    #expect(tracker.findings.map(\.id) == ["lines_refused", "reload_failed", "buffer_small"])
    #expect(tracker.findings.map(\.sinceSeconds) == [0, 0, 30])
    var well = Self.well(at: 1_060)
    tracker.update(FindingWindow(now: well, before: Self.well(at: 1_000)))
    #expect(tracker.findings == [])
    well.listeners[0].bufferBytes = 208 << 10
    well.uptimeSeconds = 1_100
    tracker.update(FindingWindow(now: well, before: Self.well(at: 1_040)))
    #expect(tracker.findings.map(\.sinceSeconds) == [0])
  }

  @Test("at most ten are shown, the worst ones")
  func most() {
    var now = Self.well(at: 1_000)
    now.listeners = (0..<50).map { number in
      var listener = Pulse.Listener(name: "10.0.0.\(number):8125")
      listener.bufferBytes = 1
      listener.askedBufferBytes = 2
      return listener
    }
    now.isStateProtected = false
    var tracker = FindingTracker()
    tracker.update(FindingWindow(now: now, before: Self.well(at: 940)))
    #expect(tracker.findings.count == 10)
    #expect(tracker.findings.first?.id == "state_unprotected")
  }
}
