extension NativeHistogram {
  /// A histogram with these buckets, by their keys.
  ///
  /// - Precondition: the keys ascend, `schema` has them, and each count is above 0 and finite.
  package init(schema: ExponentialSchema, buckets: [(key: Int32, count: Double)]) {
    self.init(schema: schema)
    for bucket in buckets { append(bucket.key, bucket.count) }
    giveBackSpare()
  }
}
