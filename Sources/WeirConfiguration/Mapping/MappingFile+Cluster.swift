import WeirMapping
import WeirMetrics

extension MappingFile {
  /// Refuses what a node of a cluster can't pass on.
  ///
  /// - Throws: The first rule that says it, or the defaults.
  /// - Complexity: O(rules of the file · rules of the flags).
  package func check(_ options: Options, file: String) throws(FileMistake) {
    guard options.cluster.isEnabled else { return }
    let flags = options.rules
    if let local = rules.defaults.local(named: nil, flags) {
      throw FileMistake(file, line: nil, "defaults: " + MappingFile.sentence(local))
    }
    for rule in rules.rules where rule.content.action == .map {
      let text = rule.content.name.source
      let name = text.contains("$") ? nil : Array(text.utf8)
      guard let local = rule.content.settings.local(named: name, flags) else { continue }
      throw FileMistake(file, line: rule.content.line, MappingFile.sentence(local))
    }
  }

  private static func sentence(_ local: ClassSettings.Local) -> String {
    let (key, flag) =
      switch local {
      case .lifetime: ("ttl", "--series.ttl=NAME-GLOB=DURATION")
      case .setWindow: ("set_window", "--set.window")
      case .observing: ("observer_type", "--observe=NAME-GLOB=TYPE")
      case .summary: ("summary_options", "--summary.*")
      case .histogram: ("histogram_options", "--histogram.*")
      case .bounds: ("buckets", "--histogram.bounds=NAME-GLOB=LIST")
      }
    return
      "\(key) differs from the flags, which is not possible with --cluster.nats, because what the nodes show "
      + "follows flags; leave it out, and give all nodes \(flag)"
  }
}
