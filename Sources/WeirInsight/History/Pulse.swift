/// What Weir has counted until a moment, as the history and the findings need it.
package struct Pulse: Sendable, Equatable {
  /// Since the start, of a clock that never goes back.
  package var uptimeSeconds = 0.0
  package var counts = Counts()
  package var listeners: [Listener] = []
  /// One for each reason, in a fixed order.
  package var refusals: [Refused] = []
  /// One for each limit, in a fixed order.
  package var limits: [Limit] = []
  package var scrapes = Scrapes()
  package var push = Push()
  package var files: [File] = []
  /// Nil without a certificate; below 0 after its end.
  package var certificateEndsInSeconds: Double?
  /// Whether a restart restores what scrapes have shown; nil without a state.
  package var isStateProtected: Bool?
  package var relays: [Relay] = []
  /// Nil where nothing is forwarded.
  package var forward: Forward?
  /// Nil where nothing is pushed to CloudWatch.
  package var cloudWatch: CloudWatch?
  /// Nil where this Weir is no node of a cluster.
  package var cluster: Cluster?
  package var logLinesLost = 0
  /// HTTP connections that were refused because all were busy.
  package var connectionsRefused = 0

  package init() {}

  /// Counters from the start on, and gauges.
  package struct Counts: Sendable, Equatable {
    package var datagrams = 0.0
    package var bytes = 0.0
    package var lines = 0.0
    package var samples = 0.0
    package var pushRecords = 0.0
    /// Datagrams that the kernel dropped.
    package var dropped = 0.0
    /// Lines refused for what is in them.
    package var refused = 0.0
    /// Lines refused because of a limit.
    package var limited = 0.0
    package var expired = 0.0
    package var framesLost = 0.0
    package var cpuSeconds = 0.0
    /// Now.
    package var series = 0.0
    /// How long the last scrape took; nil before it.
    package var scrapeSeconds: Double?

    package init() {}
  }

  /// An address that datagrams or lines come in at.
  package struct Listener: Sendable, Equatable {
    package var name: String
    package var datagrams = 0.0
    package var dropped = 0.0
    /// Datagrams from networks that are not allowed.
    package var refusedSources = 0.0
    /// Datagrams of text where none is taken.
    package var refusedTexts = 0.0
    /// The receive buffer that the kernel granted each socket; nil except for UDP.
    package var bufferBytes: Int?
    package var askedBufferBytes = 0

    package init(name: String) { self.name = name }
  }

  package struct Refused: Sendable, Equatable {
    package var reason: String
    /// What is wrong, and what to do, as sentences.
    package var means: String
    package var fix: String
    package var count = 0.0
    /// Who sent most of those that are kept; nil if none is.
    package var from: String?
    /// Whether a limit is the reason.
    package var isLimit = false

    package init(reason: String, means: String, fix: String) {
      self.reason = reason
      self.means = means
      self.fix = fix
    }
  }

  package struct Limit: Sendable, Equatable {
    package var limit: String
    /// As it is written on the command line; nil if there is none.
    package var flag: String?
    /// Nil for the size of one thing.
    package var used: Double?
    package var max: Double
    /// The name that has most series, of limits on series that are used much.
    package var name: String?
    /// The label that makes most of that name's series, and what would be left without it, as a sentence;
    /// nil if it is not known, or if no label stands out.
    package var label: String?
    package var advice: String?
    /// Samples that were refused, or counted in an overflow series.
    package var refused = 0.0
    package var overflowed = 0.0
    /// Whether what it counts is given back all the time, as connections are. Then it has no pace.
    package var comesAndGoes = false

    package init(limit: String, flag: String? = nil, used: Double?, max: Double) {
      self.limit = limit
      self.flag = flag
      self.used = used
      self.max = max
    }
  }

  package struct Scrapes: Sendable, Equatable {
    package var count = 0.0
    package var timedOut = 0.0
    /// Since the end of the last one that went well; nil before it.
    package var lastAgeSeconds: Double?
    /// Scrapes whose reader closed the connection before the end, and the address of the last one.
    package var abandoned = 0.0
    package var abandonedBy: String?
    /// Series left out because their names as escaped are those of other series.
    package var hiddenSeries = 0.0

    package init() {}
  }

  package struct Push: Sendable, Equatable {
    package var frames = 0.0
    package var framesLost = 0.0
    package var forgottenForRoom = 0.0
    /// By reason.
    package var refusedFrames: [String: Double] = [:]
    package var refusedRecords: [String: Double] = [:]

    package init() {}
  }

  /// A file that is loaded again when it changes.
  package struct File: Sendable, Equatable {
    package var name: String
    package var isLoaded: Bool

    package init(name: String, isLoaded: Bool) {
      self.name = name
      self.isLoaded = isLoaded
    }
  }

  package struct Relay: Sendable, Equatable {
    package var target: String
    package var dropped: Double

    package init(target: String, dropped: Double) {
      self.target = target
      self.dropped = dropped
    }
  }

  package struct Forward: Sendable, Equatable {
    /// Since the last answer of the next hop; nil before it.
    package var confirmedAgeSeconds: Double?
    package var framesFailed = 0.0

    package init() {}
  }

  package struct CloudWatch: Sendable, Equatable {
    package var isFailing = false
    package var metricsDropped = 0.0
    package var metricsOverLimit = 0.0

    package init() {}
  }
}
