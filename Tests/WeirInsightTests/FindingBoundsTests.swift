import Testing
import WeirInsight

/// Where each rule begins to find something: on the bound, and just before it.
@Suite("The bounds of findings")
struct FindingBoundsTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let id: String
    let what: String
    /// Makes trouble that is just enough for a finding.
    let enough: @Sendable (inout Pulse) -> Void
    /// Makes trouble that is just too little.
    let tooLittle: @Sendable (inout Pulse) -> Void
    var enoughFullIn: [Double?] = []
    var tooLittleFullIn: [Double?] = []

    var testDescription: String { "\(id), \(what)" }
  }

  /// A busy Weir that has run for some minutes.
  private static func pulse(at seconds: Double) -> Pulse {
    var pulse = Pulse()
    pulse.uptimeSeconds = seconds
    pulse.counts.datagrams = seconds * 100
    pulse.counts.lines = seconds * 1_000
    pulse.scrapes.lastAgeSeconds = 5
    pulse.push.frames = seconds * 10
    var listener = Pulse.Listener(name: "127.0.0.1:8125")
    listener.bufferBytes = 4 << 20
    listener.askedBufferBytes = 4 << 20
    pulse.listeners = [listener]
    pulse.limits = [Pulse.Limit(limit: "series", flag: "--limit.series", used: 0, max: 1_000)]
    pulse.forward = Pulse.Forward()
    pulse.forward?.confirmedAgeSeconds = 0
    return pulse
  }

  private static let cases: [Case] = [
    Case(
      id: "limit_near", what: "nine tenths", enough: { $0.limits[0].used = 900 },
      tooLittle: { $0.limits[0].used = 899 }),
    Case(
      id: "limit_soon", what: "four hours, if it is half full",
      enough: { $0.limits[0].used = 501 }, tooLittle: { $0.limits[0].used = 500 },
      enoughFullIn: [14_399], tooLittleFullIn: [14_399]),
    Case(
      id: "limit_soon", what: "not after four hours", enough: { $0.limits[0].used = 800 },
      tooLittle: { $0.limits[0].used = 800 }, enoughFullIn: [14_399], tooLittleFullIn: [14_400]),
    Case(
      id: "limit_soon", what: "one hour, however empty it is", enough: { $0.limits[0].used = 10 },
      tooLittle: { $0.limits[0].used = 10 }, enoughFullIn: [3_599], tooLittleFullIn: [3_600]),
    Case(
      id: "limit_soon", what: "not where it is near already", enough: { $0.limits[0].used = 899 },
      tooLittle: { $0.limits[0].used = 900 }, enoughFullIn: [60], tooLittleFullIn: [60]),
    Case(
      id: "frames_lost", what: "one in a hundred",
      // 600 frames arrive in a minute.
      enough: { $0.push.framesLost = 7 }, tooLittle: { $0.push.framesLost = 6 }),
    Case(
      id: "certificate_ends", what: "two weeks",
      enough: { $0.certificateEndsInSeconds = 14 * 86_400 - 1 },
      tooLittle: { $0.certificateEndsInSeconds = 14 * 86_400 }),
    Case(
      id: "no_scrape", what: "five minutes", enough: { $0.scrapes.lastAgeSeconds = 300 },
      tooLittle: { $0.scrapes.lastAgeSeconds = 299 }),
    Case(
      id: "scrape_slow", what: "half of the usual timeout",
      enough: { $0.counts.scrapeSeconds = 5.1 }, tooLittle: { $0.counts.scrapeSeconds = 5 }),
    Case(
      id: "buffer_small", what: "4 MiB",
      enough: {
        $0.listeners[0].bufferBytes = 4 << 20 - 1
        $0.listeners[0].askedBufferBytes = 16 << 20
      },
      tooLittle: {
        $0.listeners[0].bufferBytes = 4 << 20
        $0.listeners[0].askedBufferBytes = 16 << 20
      }),
  ]

  private static let ofNodes: [Case] = [
    Case(
      id: "cluster_log_near", what: "nine tenths", enough: { $0.cluster?.logBytes = 900 },
      tooLittle: { $0.cluster?.logBytes = 899 }),
    Case(
      id: "cluster_state_old", what: "a quarter of an hour",
      enough: { $0.cluster?.stateAgeSeconds = 900 },
      tooLittle: { $0.cluster?.stateAgeSeconds = 899 }),
    Case(
      id: "cluster_state_old", what: "not at once", enough: { $0.uptimeSeconds = 900 },
      tooLittle: { $0.uptimeSeconds = 899 }),
    Case(
      id: "cluster_node_silent", what: "half a minute",
      enough: { $0.cluster?.others = [Pulse.Cluster.Node(name: "b", silentSeconds: 30)] },
      tooLittle: { $0.cluster?.others = [Pulse.Cluster.Node(name: "b", silentSeconds: 29.9)] }),
    Case(
      id: "cluster_name_twice", what: "not at once",
      enough: {
        $0.uptimeSeconds = 60
        $0.cluster?.name = "b"
        $0.cluster?.others = [Pulse.Cluster.Node(name: "b", silentSeconds: 9, knownSeconds: 60)]
      },
      tooLittle: {
        $0.uptimeSeconds = 59
        $0.cluster?.name = "b"
        $0.cluster?.others = [Pulse.Cluster.Node(name: "b", silentSeconds: 9, knownSeconds: 60)]
      }),
    Case(
      id: "cluster_name_twice", what: "as one that was started again",
      enough: {
        $0.cluster?.others = Array(
          repeating: Pulse.Cluster.Node(name: "b", silentSeconds: 9, knownSeconds: 60), count: 2)
      },
      tooLittle: {
        $0.cluster?.others = [
          Pulse.Cluster.Node(name: "b", silentSeconds: 9, knownSeconds: 60),
          Pulse.Cluster.Node(name: "b", silentSeconds: 9, knownSeconds: 59),
          Pulse.Cluster.Node(name: "b", silentSeconds: 30, knownSeconds: 90),
        ]
      }),
  ]

  private static func finds(
    _ id: String, _ change: (inout Pulse) -> Void, fullIn: [Double?]
  ) -> Bool {
    var now = pulse(at: 1_000)
    if id.hasPrefix("cluster_") {
      now.cluster = Pulse.Cluster()
      now.cluster?.logBytesMax = 1_000
    }
    change(&now)
    let window = FindingWindow(now: now, before: pulse(at: 940), limitsFullIn: fullIn)
    return FindingRule.all.contains { $0.id == id && !$0.findings(in: window).isEmpty }
  }

  @Test("a finding begins at its bound", arguments: cases + ofNodes)
  func bound(one: Case) {
    #expect(Self.finds(one.id, one.enough, fullIn: one.enoughFullIn))
    #expect(!Self.finds(one.id, one.tooLittle, fullIn: one.tooLittleFullIn))
  }

  @Test("silence is a finding from a minute on, and a start without scrapes from five minutes on")
  func silence() {
    func ids(_ seconds: Double) -> [String] {
      var now = Pulse()
      now.uptimeSeconds = seconds
      let window = FindingWindow(now: now, before: Pulse())
      return FindingRule.all.filter { !$0.findings(in: window).isEmpty }.map(\.id)
    }
    #expect(ids(59.9) == [])
    #expect(ids(60) == ["nothing_received"])
    #expect(ids(299.9) == ["nothing_received"])
    #expect(ids(300) == ["nothing_received", "no_scrape"])
  }

  @Test("a counter that begins with a listener counts from its start")
  func newListener() throws {
    var now = Self.pulse(at: 1_000)
    var added = Pulse.Listener(name: "127.0.0.1:9125")
    added.datagrams = 300
    added.dropped = 100
    now.listeners.insert(added, at: 0)
    let window = FindingWindow(now: now, before: Self.pulse(at: 940))
    let rule = try #require(FindingRule.all.first { $0.id == "kernel_drops" })
    let found = rule.findings(in: window)
    #expect(found.map(\.subject) == ["127.0.0.1:9125"])
    #expect(found.first?.what.contains("25 %") == true)
  }
}
