import WeirBytes

/// What is read anew while Weir runs: at SIGHUP, at `/-/reload`, and when it changes.
///
/// Everything is tried, whatever becomes of the others, and what is broken leaves the old in force.
actor Reloads {
  /// One thing that can be read anew.
  struct Item: Sendable {
    /// What it is, for the log.
    let name: String
    /// Reads it; throws the sentence that says why not.
    let reload: @Sendable () async throws -> Void
    /// Reads it if it has changed, or could not be read before.
    let reloadIfChanged: @Sendable () async throws -> Void
  }

  /// Seconds between looks at the files, of which a change takes two: as soon as an operator expects,
  /// and some stats each time.
  static let lookSeconds = 5

  private let items: [Item]
  private let log: Log
  /// What was said last of each item, so that a file that stays broken is told of once.
  private var said: [String: String] = [:]

  init(_ items: [Item], log: Log) {
    self.items = items
    self.log = log
  }

  /// Reads everything anew.
  ///
  /// - Returns: What went wrong, a sentence each.
  func reload(because reason: String) async -> [String] {
    log.info("reloading", ["reason": .text(reason)])
    var sentences: [String] = []
    for item in items {
      said[item.name] = nil
      if let sentence = await attempt(item, item.reload) { sentences.append(sentence) }
    }
    if sentences.isEmpty { log.info("reloaded") }
    return sentences
  }

  /// Looks at the files until its task is cancelled.
  func run() async {
    guard !items.isEmpty else { return }
    while true {
      do {
        try await Task.sleep(for: .seconds(Self.lookSeconds))
      } catch {
        return
      }
      for item in items { _ = await attempt(item, item.reloadIfChanged) }
    }
  }

  private func attempt(
    _ item: Item, _ reload: @Sendable () async throws -> Void
  ) async -> String? {
    do {
      try await reload()
      said[item.name] = nil
      return nil
    } catch {
      let sentence = "\(error)"
      if said.updateValue(sentence, forKey: item.name) != sentence {
        log.error(
          "cannot reload, the old stays in force",
          ["what": .text(item.name), "reason": .text(sentence)])
      }
      return sentence
    }
  }
}

/// How the last reload of one thing went, for the metrics.
final class ReloadStatus: Sendable {
  struct Reading: Sendable {
    var isSuccessful = true
    /// When it last was read well, in seconds of the wall clock.
    var successAt: Double
    /// When the certificate in force ends, in the same seconds; nil without one.
    var certificateEnd: Double?
  }

  private let reading: Locked<Reading>

  init(at seconds: Double, certificateEnd: Double? = nil) {
    reading = Locked(Reading(successAt: seconds, certificateEnd: certificateEnd))
  }

  func read() -> Reading { reading.withLock { $0 } }

  func succeeded(at seconds: Double, certificateEnd: Double? = nil) {
    reading.withLock { $0 = Reading(successAt: seconds, certificateEnd: certificateEnd) }
  }

  func failed() {
    reading.withLock { $0.isSuccessful = false }
  }
}
