import WeirBytes

/// Reloads files while Weir runs: at SIGHUP, at `/-/reload`, and when they change.
///
/// Each file is reloaded independently. If a reload fails, the previous configuration is kept.
actor Reloads {
  /// One file that can be reloaded.
  struct Item: Sendable {
    /// Its name in the log.
    let name: String
    /// Reloads it; throws a sentence that says why that failed.
    let reload: @Sendable () async throws -> Void
    /// Reloads it if it has changed, or if the last reload failed.
    let reloadIfChanged: @Sendable () async throws -> Void
  }

  /// Seconds between checks of the files. A reload takes two checks after a change, which is as
  /// soon as an operator expects, and a check costs a few calls of stat(2).
  static let checkSeconds = 5

  private let items: [Item]
  private let log: Log
  /// Is told of reloads that somebody asked for; nil for none.
  private let service: ServiceManager?
  /// The last message about each item, so a file that stays broken is logged once.
  private var lastMessages: [String: String] = [:]

  init(_ items: [Item], log: Log, service: ServiceManager? = nil) {
    self.items = items
    self.log = log
    self.service = service
  }

  /// Reloads everything.
  ///
  /// - Returns: A sentence for each failed reload.
  func reload(because reason: String) async -> [String] {
    log.info("reloading", ["reason": .text(reason)])
    service?.reloading()
    var sentences: [String] = []
    for item in items {
      lastMessages[item.name] = nil
      if let sentence = await attempt(item, item.reload) { sentences.append(sentence) }
    }
    if sentences.isEmpty { log.info("reloaded") }
    service?.reloaded(failure: sentences.first)
    return sentences
  }

  /// Checks the files until its task is cancelled.
  func run() async {
    guard !items.isEmpty else { return }
    while true {
      do {
        try await Task.sleep(for: .seconds(Self.checkSeconds))
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
      lastMessages[item.name] = nil
      return nil
    } catch {
      let sentence = "\(error)"
      if lastMessages.updateValue(sentence, forKey: item.name) != sentence {
        log.error(
          "reload failed, keeping the previous configuration",
          ["what": .text(item.name), "reason": .text(sentence)])
      }
      return sentence
    }
  }
}

/// The result of the last reload of one file, for the metrics.
final class ReloadStatus: Sendable {
  struct Reading: Sendable {
    var isSuccessful = true
    /// Loads since the start that succeeded, and those that failed.
    var successes = 0
    var failures = 0
    /// The last successful load, in seconds of the wall clock.
    var successAt: Double
    /// The end of the certificate's validity, in the same seconds; nil without a certificate.
    var certificateEnd: Double?
  }

  private let reading: Locked<Reading>

  init(at seconds: Double, certificateEnd: Double? = nil) {
    reading = Locked(Reading(successAt: seconds, certificateEnd: certificateEnd))
  }

  func read() -> Reading { reading.withLock { $0 } }

  func succeeded(at seconds: Double, certificateEnd: Double? = nil) {
    reading.withLock {
      $0.isSuccessful = true
      $0.successes += 1
      $0.successAt = seconds
      $0.certificateEnd = certificateEnd
    }
  }

  func failed() {
    reading.withLock {
      $0.isSuccessful = false
      $0.failures += 1
    }
  }
}
