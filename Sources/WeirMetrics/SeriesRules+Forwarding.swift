extension SeriesRules {
  /// The rules of a Weir that forwards: what a rule makes a summary is kept as a native histogram, because
  /// quantiles of several Weirs can't be merged. The Weir that is forwarded to makes the summary.
  package var forwarding: SeriesRules {
    var rules = self
    rules.defaultObserver = defaultObserver.forwarding
    rules.observers = observers.map { Rule($0.glob, $0.value.forwarding) }
    return rules
  }
}

extension Observer {
  fileprivate var forwarding: Observer {
    summary == nil ? self : .native(NativeOptions(), keepsBuckets: false)
  }
}
