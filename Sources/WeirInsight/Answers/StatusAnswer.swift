/// The answer of `/api/v1/status`, as the server writes it and `weir top` reads it. docs/api.md says what its
/// fields mean.
package struct StatusAnswer: Sendable, Equatable {
  package var nowMilliseconds = 0
  /// Whether `history` is all that is known, and not only what is new.
  package var isFull = true
  package var version = ""
  package var node = ""
  package var uptimeSeconds = 0.0
  package var findings: [Finding] = []
  package var path = Path()
  /// Nil before the first scrape.
  package var scrape: Scrape?
  package var names: [Name] = []
  package var senders: [Sender] = []
  /// For how long names and senders have been sampled.
  package var sampledSeconds = 0.0
  package var limits: [Limit] = []
  package var history = History()

  package init() {}

  /// Something that an operator should know.
  package struct Finding: Sendable, Equatable {
    package enum Level: String, Sendable, CaseIterable, Comparable {
      /// Nothing is wrong.
      case info
      /// Data will be lost, or is wrong.
      case warn
      /// Data is lost, or would be at a restart or a scrape.
      case bad

      private var rank: Int { self == .info ? 0 : self == .warn ? 1 : 2 }
      package static func < (left: Level, right: Level) -> Bool { left.rank < right.rank }
    }

    /// The rule that made it.
    package var id: String
    package var level: Level
    /// What it is about, such as a listener or a name; empty if that is Weir itself.
    package var subject: String
    /// What is wrong and why.
    package var what: String
    /// What to do; commands are between backquotes.
    package var fix: String
    package var sinceSeconds: Double
    /// The view of the page to look at.
    package var view: String

    package init(
      id: String, level: Level, subject: String = "", what: String, fix: String,
      sinceSeconds: Double = 0, view: String = "overview"
    ) {
      self.id = id
      self.level = level
      self.subject = subject
      self.what = what
      self.fix = fix
      self.sinceSeconds = sinceSeconds
      self.view = view
    }
  }

  /// The path of the data with its losses: means of the last seconds, each second.
  package struct Path: Sendable, Equatable {
    package var datagrams = 0.0
    package var bytes = 0.0
    package var lines = 0.0
    package var samples = 0.0
    package var pushRecords = 0.0
    package var series = 0.0
    /// Of the last scrape; nil before it.
    package var scrapedSeries: Double?
    /// Nil before the second scrape.
    package var scrapeIntervalSeconds: Double?
    /// Datagrams that the kernel dropped, and their share of all datagrams.
    package var dropped = 0.0
    package var droppedShare = 0.0
    /// Lines that were refused for what is in them, and their share of all lines.
    package var refused = 0.0
    package var refusedShare = 0.0
    /// Lines that were refused because of a limit.
    package var limited = 0.0
    package var limitedShare = 0.0
    /// Series that expired.
    package var expired = 0.0

    package init() {}
  }

  /// The last scrape.
  package struct Scrape: Sendable, Equatable {
    package var ageSeconds: Double
    package var durationSeconds: Double
    package var from: String
    package var status: Int

    package init(ageSeconds: Double, durationSeconds: Double, from: String, status: Int) {
      self.ageSeconds = ageSeconds
      self.durationSeconds = durationSeconds
      self.from = from
      self.status = status
    }
  }

  package struct Name: Sendable, Equatable {
    package var name: String
    /// A second.
    package var lines: Double

    package init(name: String, lines: Double) {
      self.name = name
      self.lines = lines
    }
  }

  package struct Sender: Sendable, Equatable {
    package var name: String
    package var how: String
    /// A second.
    package var lines: Double
    /// A second.
    package var refused: Double

    package init(name: String, how: String, lines: Double, refused: Double) {
      self.name = name
      self.how = how
      self.lines = lines
      self.refused = refused
    }
  }

  package struct Limit: Sendable, Equatable {
    package var limit: String
    /// Nil for the size of one thing.
    package var used: Double?
    package var max: Double
    /// At the pace of the last hour; nil if it does not fill.
    package var fullInSeconds: Double?
    /// The name that has most series, of limits on series that are used much.
    package var name: String?

    package init(
      limit: String, used: Double?, max: Double, fullInSeconds: Double? = nil, name: String? = nil
    ) {
      self.limit = limit
      self.used = used
      self.max = max
      self.fullInSeconds = fullInSeconds
      self.name = name
    }
  }

  /// One number for each step, oldest first; nil where Weir has not run.
  package struct History: Sendable, Equatable {
    package var stepSeconds = 1
    /// When the last step ended.
    package var endMilliseconds = 0
    package var columns: [Column: [Double?]] = [:]

    package init() {}

    package enum Column: String, Sendable, CaseIterable {
      case datagrams, lines, samples, dropped, refused, limited, expired, series, cpu
      case pushRecords = "push_records"
      case scrapeSeconds = "scrape_seconds"
      case framesLost = "frames_lost"
    }
  }
}
