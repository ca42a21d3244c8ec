extension SeriesRules {
  /// The rules of a Weir that forwards: what a rule makes a summary is kept as a native histogram, because
  /// quantiles of several Weirs can't be merged. The Weir that is forwarded to makes the summary.
  ///
  /// The same holds for mapping rules. Their lifetimes do not, because totals that are forwarded must not begin again.
  package var forwarding: SeriesRules {
    var rules = self
    rules.isForwarding = true
    rules.defaultObserver = defaultObserver.forwarding
    rules.observers = observers.map { Rule($0.glob, $0.value.forwarding) }
    return rules
  }
}

extension Observer {
  /// How a Weir that forwards keeps what should be kept like this.
  var forwarding: Observer {
    summary == nil ? self : .native(NativeOptions(), keepsBuckets: false)
  }
}
