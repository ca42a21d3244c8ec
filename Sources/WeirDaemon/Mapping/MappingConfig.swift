import WeirAggregation
import WeirBytes
import WeirConfiguration
import WeirMapping

/// The file of mapping rules, which is reloaded when it changes.
///
/// New rules hold for each receiver from its next batch on. A file with a mistake leaves the old ones in force.
struct MappingConfig: Sendable {
  /// The rules in force, which a load replaces.
  private final class InForce: Sendable {
    let rules: Locked<MappingRules>

    init(_ rules: MappingRules) { self.rules = Locked(rules) }
  }

  let reloaded: ReloadedFile
  private let inForce: InForce

  /// - Parameter aggregator: Uses the rules already.
  init(_ start: MappingStart, aggregator: Aggregator, log: Log) {
    let (file, load, inForce) = (start.file, start.load, InForce(start.mapping.rules))
    self.inForce = inForce
    MappingConfig.log(start.mapping.warnings, log)
    let loaded = ReloadedFile.Loaded(paths: [file])
    reloaded = ReloadedFile(
      "mapping rules", file, stamps: start.stamps, first: loaded, log: log
    ) { () throws(FileMistake) in
      let mapping = try load()
      let before = inForce.rules.withLock { rules in
        defer { rules = mapping.rules }
        return rules.rules.count
      }
      aggregator.use(mapping.rules)
      MappingConfig.log(mapping.warnings, log)
      let now = mapping.rules.rules.count
      if now == 0, before > 0 {
        log.warn(
          "the file of mapping rules has no rules any more",
          ["file": .text(file), "before": .init(before)])
      }
      log.info("mapping rules loaded", ["file": .text(file), "rules": .init(now)])
      return loaded
    }
  }

  /// The rules in force.
  var rules: MappingRules { inForce.rules.withLock { $0 } }

  private static func log(_ warnings: [String], _ log: Log) {
    for warning in warnings { log.warn("mapping", ["warning": .text(warning)]) }
  }
}
