import WeirBytes
import WeirMetrics
import WeirPush
import WeirState

/// Encodes owners.
extension StateEncoder {
  mutating func append(_ owner: Owner, into blocks: inout StateBlocks) {
    entries.append(littleEndian: owner.id.number)
    entries.append(varint: owner.id.startMilliseconds)
    entries.append(flags(of: owner))
    entries.append(varint: owner.memoryAge)
    entries.append(varint: age(owner.firstSecond))
    entries.append(varint: age(owner.lastSecond))
    entries.append(varint: owner.gaugesGoneUpTo)
    append(owner.window)
    append(owner.entries)
    append(list: owner.cells)
    entries.append(varint: owner.exponentials.count)
    for total in owner.exponentials { append(total) }
    append(list: owner.baselines)
    entries.append(varint: owner.gauges.count)
    for entry in owner.gauges { entries.append(varint: entry) }
    entries.append(varint: owner.gaugeChanges.count)
    for (entry, changes) in owner.gaugeChanges.sorted(by: { $0.key < $1.key }) {
      append(changes, entry)
    }
    end(.owner, into: &blocks)
    counts.owners += 1
  }

  private func flags(of owner: Owner) -> UInt8 {
    (owner.isRetired ? 1 : 0) | (owner.isFinished ? 2 : 0) | (owner.isEmpty ? 4 : 0)
      | (owner.hasGauges ? 8 : 0) | (owner.isForwarder ? 16 : 0)
  }

  private mutating func append(_ window: SequenceWindow) {
    for number in [
      window.newest, window.savedBase, window.received, window.late, window.duplicates, window.lost,
    ] {
      entries.append(varint: number)
    }
    let words = window.savedWords
    for word in words.indices { entries.append(littleEndian: words[word]) }
  }

  private mutating func append(_ list: OwnerEntries) {
    entries.append(varint: list.count)
    for index in 0..<list.count {
      let entry = list[index]
      entries.append(littleEndian: entry.fingerprint.low)
      entries.append(littleEndian: entry.fingerprint.high)
      entries.append(littleEndian: entry.savedLease)
      entries.append(littleEndian: entry.first)
      entries.append(littleEndian: entry.savedSecond)
    }
  }

  private mutating func append(_ total: ExponentialTotal) {
    append(total.buckets)
    append(list: total.cumulative)
    entries.append(f64: total.sum)
    entries.append(f64: total.count)
  }

  private mutating func append(_ changes: GaugeChanges, _ entry: Int) {
    entries.append(varint: entry)
    entries.append(f64: changes.base)
    entries.append(varint: changes.foldedUpTo)
    entries.append(varint: changes.kept.count)
    for change in changes.kept {
      entries.append(varint: change.sequence)
      entries.append(f64: change.amount)
    }
  }

  /// Appends owners that are gone.
  mutating func append(removed: [InstanceID], into blocks: inout StateBlocks) {
    guard !removed.isEmpty else { return }
    entries.append(varint: removed.count)
    for id in removed {
      entries.append(littleEndian: id.number)
      entries.append(varint: id.startMilliseconds)
    }
    end(.ownersRemoved, into: &blocks)
    counts.ownersRemoved += removed.count
  }
}
