import Testing
import WeirInsight

/// What provokes a finding, and how bad it is then.
struct FindingCase: CustomTestStringConvertible, Sendable {
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

  /// A busy Weir without trouble.
  static func well(at seconds: Double) -> Pulse {
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
    var cluster = Pulse.Cluster()
    cluster.servers = "nats://a:4222"
    cluster.applied = 70
    cluster.logBytes = 1_048_576
    cluster.logBytesMax = 4_294_967_296
    cluster.stateAgeSeconds = 100
    cluster.others = [Pulse.Cluster.Node(name: "b", silentSeconds: 8)]
    pulse.cluster = cluster
    return pulse
  }

  static let all = ofOneWeir + ofNodes

  private static let ofOneWeir: [FindingCase] = [
    FindingCase(
      id: "kernel_drops", level: .bad, subject: "127.0.0.1:8125",
      words: ["10 %", "208 KiB", "16777216"]
    ) {
      $0.listeners[0].bufferBytes = 208 << 10
      // 6,000 datagrams arrive in a minute.
      $0.listeners[0].dropped = 667
    },
    FindingCase(
      id: "kernel_drops", level: .bad, subject: "127.0.0.1:8125", words: ["--statsd.read-buffer"]
    ) {
      $0.listeners[0].dropped = 1
    },
    FindingCase(
      id: "buffer_small", level: .info, subject: "127.0.0.1:8125", words: ["208 KiB", "16 MiB"]
    ) {
      $0.listeners[0].bufferBytes = 208 << 10
    },
    FindingCase(
      id: "source_refused", level: .warn, subject: "127.0.0.1:8125", words: ["3 datagrams"]
    ) {
      $0.listeners[0].refusedSources = 3
    },
    FindingCase(id: "text_off", level: .bad, subject: "127.0.0.1:8125") {
      $0.listeners[0].refusedTexts = 3
    },
    FindingCase(
      id: "nothing_received", level: .info, words: ["since Weir started"],
      change: {
        $0.counts.datagrams = 0
        $0.counts.lines = 0
      },
      before: {
        $0.counts.datagrams = 0
        $0.counts.lines = 0
      }),
    FindingCase(
      id: "nothing_received", level: .info, words: ["last minute"],
      change: {
        $0.counts.datagrams = 7
        $0.counts.lines = 7
      },
      before: {
        $0.counts.datagrams = 7
        $0.counts.lines = 7
      }),
    // What other nodes take in is no input here.
    FindingCase(
      id: "nothing_received", level: .info, words: ["last minute"],
      change: {
        $0.counts.datagrams = 7
        $0.counts.lines = 7
        $0.counts.pushRecords = 500
        $0.cluster?.framesTaken = 3
      },
      before: {
        $0.counts.datagrams = 7
        $0.counts.lines = 7
        $0.cluster?.framesTaken = 3
      }),
    FindingCase(id: "lines_refused", level: .bad, words: ["0.1 %", "bad_value", "10.0.0.7"]) {
      // Of 60,000 lines.
      $0.refusals[0].count = 60
      $0.refusals[0].from = "10.0.0.7"
    },
    FindingCase(id: "lines_refused", level: .warn, words: ["less than 0.01 %"]) {
      $0.refusals[0].count = 1
    },
    FindingCase(id: "type_clash", level: .bad, words: ["4 lines were"]) {
      $0.refusals[1].count = 4
    },
    FindingCase(id: "type_clash", level: .bad, words: ["1 line was"]) { $0.refusals[1].count = 1 },
    FindingCase(
      id: "limit_reached", level: .bad, subject: "series", words: ["12 samples", "--limit.series"]
    ) { $0.limits[0].refused = 12 },
    FindingCase(id: "limit_reached", level: .bad, subject: "name_bytes", words: ["1,024"]) {
      $0.limits[3].refused = 1
    },
    FindingCase(id: "limit_overflow", level: .warn, subject: "series") {
      $0.limits[0].overflowed = 1
    },
    FindingCase(
      id: "limit_near", level: .warn, subject: "series_per_name",
      words: ["The name u has 900 of the 1,000", "See Names"]
    ) {
      $0.limits[0].limit = "series_per_name"
      $0.limits[0].used = 900
      $0.limits[0].name = "u"
    },
    FindingCase(
      id: "limit_near", level: .warn, subject: "series_per_name",
      words: ["Without the label a, 3 would be left.", "Drop the label a of u in the client"]
    ) {
      $0.limits[0].limit = "series_per_name"
      $0.limits[0].used = 900
      $0.limits[0].name = "u"
      $0.limits[0].label = "a"
      $0.limits[0].advice = "Without the label a, 3 would be left."
    },
    FindingCase(
      id: "limit_near", level: .warn, subject: "series",
      words: [
        "900 of the 1,000 that --limit.series allows are used. The name u has most of them."
      ]
    ) {
      $0.limits[0].used = 900
      $0.limits[0].name = "u"
    },
    FindingCase(
      id: "limit_near", level: .warn, subject: "http_connections",
      words: ["512 of the 512", "keeps them open"]
    ) { $0.limits[1].used = 512 },
    FindingCase(id: "limit_near", level: .warn, subject: "push_instances", words: ["See Instances"])
    {
      $0.limits[2].used = 10
    },
    FindingCase(
      id: "limit_soon", level: .warn, subject: "series", words: ["in about 58 min"],
      change: { _ in }, fullIn: [3_500, nil, nil, nil]),
    FindingCase(
      id: "limit_soon", level: .warn, subject: "series", words: ["in about 3 h"],
      change: { $0.limits[0].used = 600 }, fullIn: [10_800, nil, nil, nil]),
    FindingCase(
      id: "frames_refused", level: .bad, subject: "signature", words: ["--push.keys-file"]
    ) {
      $0.push.refusedFrames["signature"] = 2
    },
    FindingCase(id: "frames_refused", level: .bad, subject: "version", words: ["client library"]) {
      $0.push.refusedFrames["version"] = 2
    },
    FindingCase(id: "records_refused", level: .bad, subject: "type_clash") {
      $0.push.refusedRecords["type_clash"] = 1
    },
    // 60 frames arrive in a minute.
    FindingCase(id: "frames_lost", level: .info, words: ["9.1 %"]) { $0.push.framesLost = 6 },
    FindingCase(id: "instances_forgotten", level: .warn) { $0.push.forgottenForRoom = 1 },
    FindingCase(id: "no_scrape", level: .warn, words: ["6 min", "page Status, Targets"]) {
      $0.scrapes.lastAgeSeconds = 360
      $0.cluster = nil
    },
    FindingCase(id: "no_scrape", level: .warn, words: ["/metrics/node"]) {
      $0.scrapes.lastAgeSeconds = 360
    },
    FindingCase(id: "no_scrape", level: .info, words: ["scrape_configs"]) {
      $0.scrapes.lastAgeSeconds = nil
      $0.cluster = nil
    },
    FindingCase(id: "no_scrape", level: .info, words: ["/metrics/node"]) {
      $0.scrapes.lastAgeSeconds = nil
    },
    FindingCase(id: "scrape_timed_out", level: .bad) { $0.scrapes.timedOut = 1 },
    FindingCase(
      id: "scrape_abandoned", level: .warn, words: ["2 scrapes", "The last one: 10.0.0.4."]
    ) {
      $0.scrapes.abandoned = 2
      $0.scrapes.abandonedBy = "10.0.0.4"
    },
    FindingCase(id: "scrape_slow", level: .warn, words: ["6.2 s"]) {
      $0.counts.scrapeSeconds = 6.2
    },
    FindingCase(id: "series_hidden", level: .warn) { $0.scrapes.hiddenSeries = 1 },
    FindingCase(id: "state_unprotected", level: .bad) { $0.isStateProtected = false },
    FindingCase(id: "reload_failed", level: .warn, subject: "mapping file") {
      $0.files[0].isLoaded = false
    },
    FindingCase(id: "certificate_ends", level: .warn, words: ["13 days"]) {
      $0.certificateEndsInSeconds = 86_400 * 13
    },
    FindingCase(id: "certificate_ends", level: .bad, words: ["expired"]) {
      $0.certificateEndsInSeconds = 0
    },
    FindingCase(id: "log_lines_lost", level: .info) { $0.logLinesLost = 1 },
    FindingCase(id: "connections_refused", level: .warn) { $0.connectionsRefused = 1 },
    FindingCase(id: "relay_drops", level: .warn, subject: "old:8125") { $0.relays[0].dropped = 1 },
    FindingCase(id: "forward_unconfirmed", level: .warn, words: ["for 61 s"]) {
      $0.forward?.confirmedAgeSeconds = 61
    },
    FindingCase(id: "forward_unconfirmed", level: .warn, words: ["since the start"]) {
      $0.forward?.confirmedAgeSeconds = nil
    },
    FindingCase(id: "cloudwatch_failing", level: .warn) { $0.cloudWatch?.isFailing = true },
    FindingCase(id: "cloudwatch_dropped", level: .bad) { $0.cloudWatch?.metricsDropped = 1 },
    FindingCase(id: "cloudwatch_dropped", level: .warn) { $0.cloudWatch?.metricsOverLimit = 1 },
  ]
}
