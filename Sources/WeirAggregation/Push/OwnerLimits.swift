/// How long instances that push are known, and how many.
package struct OwnerLimits: Sendable, Equatable {
  /// After so many seconds of silence an instance's gauges leave.
  package var gaugeSeconds: UInt32 = 60
  /// After so many it is absorbed: it may be forgotten when there is no room.
  package var absorbSeconds: UInt32 = 15 * 60
  /// After so many it is forgotten: a straggler would be counted anew.
  package var forgetSeconds: UInt32 = 24 * 60 * 60

  /// Instances known at a time, those of the last day among them. Each takes half a KiB and its totals:
  /// so many serverless ones come in a day where one starts every second.
  package var instancesMax = 100_000
  /// Totals of all instances together, of 50 bytes each and a histogram's of 200 more: 40 of each of
  /// `instancesMax`, some 200 to 800 MB.
  package var totalsMax = 4_000_000

  package init() {}
}
