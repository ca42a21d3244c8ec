extension ClassSettings {
  /// What a node of a cluster can't pass on, because the views of all nodes follow flags only.
  package enum Local: Sendable, Equatable {
    case lifetime, setWindow, observing, summary, histogram, bounds
  }

  /// The first setting that would be lost on the way to the view; nil if there is none. Bounds travel with the
  /// frames, unless a flag says others for the name.
  ///
  /// - Parameters:
  ///   - name: As a scrape shows it; nil if it depends on the sample.
  ///   - rules: Of the flags.
  /// - Complexity: O(rules).
  package func local(named name: [UInt8]?, _ rules: SeriesRules) -> Local? {
    if lifetimeSeconds != nil { return .lifetime }
    if let setWindowSeconds, setWindowSeconds != rules.sets.windowSeconds { return .setWindow }
    let observers =
      name.map { [rules.observer(of: $0)] }
      ?? [rules.defaultObserver] + rules.observers.map(\.value)
    for flags in observers {
      let wanted = observer(over: flags, rules.details)
      if wanted == flags { continue }
      if (wanted.summary == nil) != (flags.summary == nil) { return .observing }
      return wanted.summary == nil ? .histogram : .summary
    }
    let isOverruled = rules.bounds.contains { rule in name.map(rule.glob.matches) ?? true }
    return bounds != nil && isOverruled ? .bounds : nil
  }
}
