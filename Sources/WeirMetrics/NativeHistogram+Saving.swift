/// What the state file keeps of a native histogram.
extension NativeHistogram {
  /// The buckets that are not empty, in ascending order of their keys.
  package var savedKeys: [Int32] { keys }
  package var savedCounts: [Double] { counts }
}
