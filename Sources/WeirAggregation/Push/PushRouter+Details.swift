import WeirBytes
import WeirMetrics
import WeirPush

/// Keeps what a frame contains in addition to values: exemplars, and the help and units of metrics.
extension PushRouter {
  /// Keeps the exemplars of all records that were applied.
  mutating func keepExemplars(
    _ frame: borrowing PushFrame, _ bytes: Span<UInt8>, _ owner: borrowing Owner,
    _ about: PushedFrame
  ) {
    for position in order.indices {
      let index = Int(order[position])
      let record = frame.records[index]
      guard record.exemplars.count > 0 else { continue }
      let lease = owner.entries[Int(entries[index])].lease
      keepExemplars(of: record, lease, frame, bytes, about)
    }
  }

  /// Keeps the exemplars of a record that was applied. An exemplar with labels that are too long is
  /// skipped. No exemplar gets a time in the future, because no other could ever replace it.
  private mutating func keepExemplars(
    of record: PushRecord, _ lease: SeriesLease, _ frame: borrowing PushFrame, _ bytes: Span<UInt8>,
    _ about: PushedFrame
  ) {
    for index in record.exemplars.indices {
      let example = frame.examples[index]
      guard let labels = labels(of: example, frame, bytes) else { continue }
      let sent = Double(about.sentMilliseconds) / 1_000
      let exemplar = Exemplar(
        labels: labels, value: example.value,
        unixSeconds: max(0, sent - Double(example.ageMilliseconds) / 1_000))
      aggregator.shards[lease.handle.shard].state.withLock { state in
        // A record that was refused has no series.
        guard state.tables[lease.classID].series.isLive(lease.rowLease) else { return }
        // Without bounds, as for a counter, it is bucket 0.
        let bucket = state.tables[lease.classID].seriesClass.layout.bucket(of: example.value)
        state.exemplars.keep(exemplar, of: lease, bucket: bucket)
      }
    }
  }

  private mutating func labels(
    of example: PushFrame.Example, _ frame: borrowing PushFrame, _ bytes: Span<UInt8>
  ) -> [UInt8]? {
    var characters = 0
    var cursor = ByteCursor(bytes, from: Int(example.labels.first), to: bytes.count)
    for _ in 0..<2 * example.labels.count {
      let text = frame.strings[Int(truncatingIfNeeded: cursor.varint())].range
      // Checked before it is read, because one byte of the frame can name a long string again.
      guard text.count <= 4 * Exemplar.labelCharactersMax else { return nil }
      characters += bytes.scalarCount(in: text)
      guard characters <= Exemplar.labelCharactersMax else { return nil }
    }
    do throws(Refusal) {
      // Spelled like a series, with one letter as its name.
      try spell(frame, bytes, kind: .counter, name: nil, example.labels)
    } catch {
      return nil
    }
    return builder.hasLabels ? Array(builder.series[builder.nameLength...]) : Array("{}".utf8)
  }

  /// Keeps the help and units that a frame contains.
  mutating func keepMetas(_ frame: borrowing PushFrame, _ bytes: Span<UInt8>) {
    for index in frame.metas.indices {
      let meta = frame.metas[index]
      // A name that is longer as sent is almost certainly refused.
      guard frame.strings[Int(meta.name)].length <= aggregator.limits.nameBytesMax else { continue }
      do throws(Refusal) {
        try spell(frame, bytes, kind: .counter, name: meta.name, PushRange())
      } catch {
        continue
      }
      let told = FamilyMeta(
        unit: text(meta.unit, frame, bytes), help: text(meta.help, frame, bytes))
      aggregator.keep(told, of: builder.series)
    }
  }

  private func text(
    _ index: UInt32, _ frame: borrowing PushFrame, _ bytes: Span<UInt8>
  ) -> String? {
    guard index > 0 else { return nil }
    let range = frame.strings[Int(index) - 1].range
    guard !range.isEmpty, range.count <= FamilyMeta.bytesMax else { return nil }
    return String(decoding: range.map { bytes[$0] }, as: UTF8.self)
  }
}

extension Span<UInt8> {
  /// Scalars in well-formed UTF-8.
  fileprivate func scalarCount(in range: Range<Int>) -> Int {
    range.count { self[$0] & 0xC0 != 0x80 }
  }
}

extension Aggregator {
  /// Keeps the help and unit of a metric.
  func keep(_ meta: FamilyMeta, of name: [UInt8]) {
    registry.withLock { $0.keep(meta, of: name) }
  }

  /// The help and unit of a metric.
  package func meta(of name: [UInt8]) -> FamilyMeta? {
    registry.withLock { $0.meta(of: name) }
  }
}
