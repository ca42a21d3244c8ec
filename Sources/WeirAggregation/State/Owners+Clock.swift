import Synchronization

extension Owners {
  /// The second of Weir's clock, as the last call of `expire` set it.
  package var second: UInt32 { aggregator.clock.load(ordering: .relaxed) }
}
