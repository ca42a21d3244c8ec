import WeirBytes

/// Who asks for a scrape, and how.
struct ScrapeOrigin: Sendable {
  /// The address without its port; empty if it is not known.
  var host = ""
  /// The content type of the answer.
  var format = ""
  var isCompressed = false
  /// Whether only a node's own metrics were asked for, and not what its cluster shows.
  var isOfNode = false
}

/// The last scrapes, for an operator who asks who reads Weir.
final class ScrapeLog: Sendable {
  static let keptMax = 20

  struct Entry: Sendable, Equatable {
    /// When it began, in milliseconds since 1970.
    var milliseconds: Int
    /// The address of the reader, without its port.
    var from: String
    var format: String
    var isCompressed: Bool
    /// Whether only some names were asked for.
    var isFiltered: Bool
    /// Time spent on it, without waiting for its reader.
    var seconds = 0.0
    /// Of the page, before compression.
    var bytes = 0
    /// Of senders.
    var series = 0
    /// 0 if the reader closed the connection before the end.
    var status = 0
  }

  struct Reading: Sendable {
    /// Newest first.
    var entries: [Entry] = []
    /// Scrapes since the start.
    var total = 0
    /// The last one that asked for everything, when it ended, and its reader's time between two of them.
    var last: Entry?
    var lastAt: ContinuousClock.Instant?
    var intervalSeconds: Double?
    /// When the last scrape ended well, of everything or of some names.
    var answeredAt: ContinuousClock.Instant?
    /// Scrapes whose reader closed the connection before the end, and the address of the last one.
    var abandoned = 0
    var abandonedBy: String?
  }

  private let state = Locked(Reading())
  private let now: @Sendable () -> ContinuousClock.Instant

  init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) { self.now = now }

  var reading: Reading { state.withLock { $0 } }

  /// Seconds since an instant of a reading.
  func age(_ instant: ContinuousClock.Instant) -> Double { max(0, (now() - instant) / .seconds(1)) }

  fileprivate func add(_ entry: Entry) {
    let now = now()
    state.withLock { state in
      state.total += 1
      if entry.status == 200 { state.answeredAt = now }
      if entry.status == 0 {
        state.abandoned += 1
        state.abandonedBy = entry.from
      }
      if !entry.isFiltered, entry.status == 200 {
        let before = state.entries.first {
          !$0.isFiltered && $0.from == entry.from && $0.status == 200
        }
        if let before {
          state.intervalSeconds = Double(entry.milliseconds - before.milliseconds) / 1_000
        }
        state.last = entry
        state.lastAt = now
      }
      state.entries.insert(entry, at: 0)
      if state.entries.count > ScrapeLog.keptMax { state.entries.removeLast() }
    }
  }

  /// A scrape that goes on. It is added to the log when it ends, or when nobody reads it any more.
  final class Running: Sendable {
    private let log: ScrapeLog
    private let entry: Locked<Entry?>

    init(_ entry: Entry, in log: ScrapeLog) {
      self.log = log
      self.entry = Locked(entry)
    }

    deinit { end(status: 0) }

    func add(bytes: Int, series: Int, seconds: Double) {
      entry.withLock {
        $0?.bytes += bytes
        $0?.series += series
        $0?.seconds += seconds
      }
    }

    func end(status: Int) {
      let ended = entry.withLock { entry in
        defer { entry = nil }
        return entry
      }
      guard var ended else { return }
      ended.status = status
      log.add(ended)
    }
  }
}
