import WeirBytes

/// What the connections of one stream listener did since the start.
struct StreamTotals: Sendable, Equatable {
  /// Connections accepted, including those that were refused then.
  var accepted = 0
  /// Connections open now.
  var open = 0
  /// By `StreamRefusal.index`.
  var refused = [Int](repeating: 0, count: StreamRefusal.allCases.count)
  /// Ended connections, by `StreamEnd.index`.
  var ended = [Int](repeating: 0, count: StreamEnd.allCases.count)
  /// Lines and payloads that were not whole when their connection ended, and are not counted as lines.
  var unfinished = 0
}

/// Why a connection is closed at once.
enum StreamRefusal: String, CaseIterable, Sendable {
  /// There are as many connections as `--limit.tcp-connections` allows.
  case limit
  /// The sender's network is not allowed.
  case source
  /// The process may open no more files.
  case descriptors

  var index: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// Why a connection ended.
enum StreamEnd: String, CaseIterable, Sendable {
  /// The sender has closed it.
  case sender
  /// Nothing was sent for `--statsd.tcp-idle-timeout`.
  case idle
  /// A line or a payload was too long.
  case tooLong = "too_long"
  /// It broke.
  case failed
  /// Weir stops.
  case stop

  var index: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// The totals of one stream listener. Updated by its receiver, read by scrapes.
final class StreamMeter: Sendable {
  private let totals = Locked(StreamTotals())

  var reading: StreamTotals { totals.withLock { $0 } }

  func update(_ change: (inout StreamTotals) -> Void) {
    totals.withLock { change(&$0) }
  }
}

/// The connections that all stream listeners together may have open.
final class StreamPlaces: Sendable {
  let limit: Int
  private let taken = Locked(0)

  init(limit: Int) { self.limit = limit }

  var used: Int { taken.withLock { $0 } }

  /// Takes the place of one connection; false if there is none.
  func take() -> Bool {
    taken.withLock { taken in
      guard taken < limit else { return false }
      taken += 1
      return true
    }
  }

  func release() {
    taken.withLock { $0 -= 1 }
  }
}
