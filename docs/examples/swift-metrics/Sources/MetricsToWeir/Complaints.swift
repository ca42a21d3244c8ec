import Glibc
import Synchronization
import WeirClient

/// Says on standard error what is wrong with a metric: once each, for a metric may be made for every
/// request, and a hundred at most.
final class Complaints: Sendable {
  static let shared = Complaints()

  private let known = Mutex<Set<String>>([])

  func print(_ error: DefinitionError) {
    let isNew = known.withLock { known in
      known.count < 100 && known.insert(error.description).inserted
    }
    guard isNew else { return }
    let line = Array("metrics: \(error.description)\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
  }
}
