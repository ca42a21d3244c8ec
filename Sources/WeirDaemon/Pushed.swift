import WeirAggregation

/// All that is known of instances that push, and of what they pushed.
struct Pushed: Sendable {
  let owners: Owners
  let meter = PushMeter()
  let keyring = PushKeyring()

  init(aggregator: Aggregator, limits: OwnerLimits) {
    owners = Owners(aggregator: aggregator, limits: limits)
  }
}
