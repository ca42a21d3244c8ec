import WeirAggregation
import WeirBytes
import WeirConfiguration
import WeirMapping

/// The file of mapping rules, which is reloaded when it changes.
///
/// New rules hold for each receiver from its next batch on. A file with a mistake leaves the old ones in force.
actor MappingConfig {
  private let file: String
  private let aggregator: Aggregator
  private let log: Log
  private var watch: FileWatch
  /// Of the file that could not be loaded; nil if the last load succeeded.
  private var failedStamps: [String: FileStamp]?
  nonisolated let status: ReloadStatus
  private let inForce: Locked<MappingRules>

  /// - Parameter aggregator: Uses the rules already.
  init(_ start: MappingStart, aggregator: Aggregator, log: Log) {
    file = start.file
    self.aggregator = aggregator
    self.log = log
    watch = FileWatch(start.stamps)
    inForce = Locked(start.mapping.rules)
    status = ReloadStatus(at: Log.wallSeconds())
    for warning in start.mapping.warnings { log.warn("mapping", ["warning": .text(warning)]) }
  }

  /// The rules in force.
  nonisolated var rules: MappingRules { inForce.withLock { $0 } }

  nonisolated var item: Reloads.Item {
    Reloads.Item(
      name: "mapping rules", reload: { try await self.reload() },
      reloadIfChanged: { try await self.reloadIfChanged() })
  }

  private func reloadIfChanged() throws {
    guard watch.isDue(FileStamp.of(watch.paths)) else { return }
    try reload(isAsked: false)
    log.info("reloaded the mapping rules because the file changed", ["file": .text(file)])
  }

  /// - Parameter isAsked: Whether somebody asked for it. Otherwise a file that has not changed since it
  ///   failed does not count as another failure.
  private func reload(isAsked: Bool = true) throws {
    // The stamp is taken before the read, so a change during the read causes another reload.
    let stamps = FileStamp.of(watch.paths)
    do throws(FileMistake) {
      let mapping = try MappingFile.load(file)
      let (before, now) = (rules.rules.count, mapping.rules.rules.count)
      inForce.withLock { $0 = mapping.rules }
      aggregator.use(mapping.rules)
      watch.succeeded(stamps)
      failedStamps = nil
      status.succeeded(at: Log.wallSeconds())
      for warning in mapping.warnings { log.warn("mapping", ["warning": .text(warning)]) }
      if now == 0, before > 0 {
        log.warn(
          "the file of mapping rules has no rules any more",
          ["file": .text(file), "before": .init(before)])
      }
      log.info("mapping rules loaded", ["file": .text(file), "rules": .init(now)])
    } catch {
      watch.failed()
      if isAsked || failedStamps != stamps { status.failed() }
      failedStamps = stamps
      throw error
    }
  }
}
