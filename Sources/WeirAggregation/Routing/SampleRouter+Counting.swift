import WeirBytes
import WeirMetrics

// What a resolution means for the counts of a batch.
extension SampleRouter {
  /// Counts the resolution of a sample's identity in the batch, and changes the sample if a rule says so.
  ///
  /// - Returns: False if it is refused for its value.
  @inline(__always)
  mutating func count(
    _ resolution: Resolution, of sample: Sample, at index: Int, in batch: inout SampleBatch
  ) -> Bool {
    switch resolution.outcome {
    case .series:
      batch.tagsDropped &+= Int(resolution.tagsDropped)
      batch.tagsInternal &+= Int(resolution.tagsInternal)
      if sample.isNegative { return refuseNegative(sample, isMapped: false, in: &batch) }
    case .mapped:
      batch.tagsDropped &+= Int(resolution.tagsDropped)
      batch.tagsInternal &+= Int(resolution.tagsInternal)
      if sample.isNegative { return refuseNegative(sample, isMapped: true, in: &batch) }
      batch.samplesMapped &+= Int(sample.valueCount)
    case .changed: return change(resolution, at: index, in: &batch)
    case .refused, .dropped: countWithoutSeries(resolution, of: sample, in: &batch)
    }
    return true
  }

  @inline(never)
  private func refuseNegative(
    _ sample: Sample, isMapped: Bool, in batch: inout SampleBatch
  ) -> Bool {
    refuse(.negativeCounter, sample, isMapped: isMapped, in: &batch)
    return false
  }

  @inline(never)
  private func change(
    _ resolution: Resolution, at index: Int, in batch: inout SampleBatch
  ) -> Bool {
    let change = changes[resolution.change]
    batch.tagsDropped &+= change.tagsDropped
    batch.tagsInternal &+= change.tagsInternal
    var sample = batch.samples[index]
    let refusal = change.apply(to: &sample, &batch.values)
    batch.samples[index] = sample
    if let refusal {
      refuse(refusal, sample, isMapped: true, in: &batch)
      return false
    }
    batch.samplesMapped &+= Int(sample.valueCount)
    return true
  }

  /// Counts a sample that has no series.
  func countWithoutSeries(
    _ resolution: Resolution, of sample: Sample, in batch: inout SampleBatch
  ) {
    switch resolution.outcome {
    case .refused(let refusal):
      refuse(refusal, sample, isMapped: resolution.isRefusedAsMapped, in: &batch)
    case .dropped: batch.samplesDropped &+= Int(sample.valueCount)
    case .series, .mapped, .changed: break
    }
  }

  private func refuse(
    _ refusal: Refusal, _ sample: Sample, isMapped: Bool, in batch: inout SampleBatch
  ) {
    batch.refuse(
      refusal, lineStart: Int(sample.nameStart), lineEnd: Int(sample.lineEnd), isMapped: isMapped)
  }
}
