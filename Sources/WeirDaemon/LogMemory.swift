import Glibc
import WeirBytes
import WeirConfiguration

/// The last events of the log, for the page: those of level `info` and above.
final class LogMemory: Sendable {
  static let keptMax = 100

  struct Entry: Sendable, Equatable {
    var time: timespec
    var level: LogLevel
    /// The message and the fields in logfmt.
    var text: String

    static func == (left: Entry, right: Entry) -> Bool {
      left.time.tv_sec == right.time.tv_sec && left.time.tv_nsec == right.time.tv_nsec
        && left.level == right.level && left.text == right.text
    }
  }

  private let entries = Locked<[Entry]>([])

  /// Oldest first.
  var last: [Entry] { entries.withLock { $0 } }

  func add(_ entry: Entry) {
    entries.withLock { entries in
      entries.append(entry)
      if entries.count > LogMemory.keptMax { entries.removeFirst() }
    }
  }
}
