import WeirMetrics
import WeirPush

/// The buckets of a record, or its registers: their indices, and the number in each.
struct Cells: ~Escapable {
  let indices: Span<Int32>
  let numbers: Span<Double>

  @_lifetime(copy indices, copy numbers)
  init(indices: Span<Int32>, numbers: Span<Double>) {
    self.indices = indices
    self.numbers = numbers
  }
}

extension NativeHistogram {
  /// The exponential buckets of a record.
  init(_ record: PushRecord, _ numbers: Span<Double>, _ indices: Span<Int32>) {
    // The last number is the zero bucket's.
    let buckets = (0..<Int(record.numbers.count) - 1).map { offset in
      Bucket(
        index: indices[Int(record.firstIndex) + offset],
        count: numbers[Int(record.numbers.first) + offset])
    }
    let positives = Int(record.positives)
    self.init(
      schema: ExponentialSchema(Int(record.schema)),
      zeroCount: numbers[record.numbers.indices.upperBound - 1],
      positive: Array(buckets[..<positives]), negative: Array(buckets[positives...]))
  }
}
