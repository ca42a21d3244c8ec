import Synchronization
import WeirBytes
import WeirMetrics

/// Makes the series of a state file, some thousands at a time.
///
///     choose     in the order of the file: name, limits, hash of the spelling
///     group      by shard
///     make       a shard at a time, under its lock
struct SeriesRestore: ~Copyable {
  private let aggregator: Aggregator
  private var names: RestoredNames
  private var batch: RestoredBatch
  /// By class of the aggregator: whether all shards have its table.
  private var arePrepared: [Bool] = []
  private(set) var leases: StateLeases
  private(set) var restored: StateRestored

  init(_ aggregator: Aggregator, _ image: StateImage, _ restored: StateRestored) {
    self.aggregator = aggregator
    self.restored = restored
    names = RestoredNames(rules: aggregator.identityRules.withLock { $0 })
    batch = RestoredBatch(shards: aggregator.shards.count)
    leases = StateLeases(image)
  }

  /// Makes the series of one table of the file.
  mutating func add(table index: Int, of image: StateImage, _ registry: inout FamilyRegistry) {
    let table = image.tables[index]
    let mayExceed = table.longest.exceed(aggregator.limits)
    var place = 0
    while place < table.rows.count {
      batch.removeAll()
      while place < table.rows.count, !batch.isFull {
        if table.rows[place].isAlive { choose(place, of: table, image, mayExceed, &registry) }
        place += 1
      }
      batch.group()
      for shard in aggregator.shards.indices { make(shard, table: index, of: image, &registry) }
    }
  }

  /// Brings the registry up to date.
  func close(_ registry: inout FamilyRegistry) { names.close(&registry) }

  /// Takes room for a series that is to be made, or counts why it is not.
  @inline(__always)
  private mutating func choose(
    _ place: Int, of table: borrowing StateTable, _ image: StateImage, _ mayExceed: Bool,
    _ registry: inout FamilyRegistry
  ) {
    let row = table.rows[place]
    if row.flags.contains(.quoted), aggregator.names.isClassic {
      restored.changed += 1
      return
    }
    if mayExceed, let limit = sizeExceeded(row, image) {
      restored.refuse(by: limit)
      return
    }
    let bytes = image.bytes.span
    switch names.find(bytes, row.name, table, aggregator.hash, &registry) {
    case .failure(let reason): restored.count(reason)
    case .success(let open):
      if let reason = registry.admit(
        bytes: Int(row.length), hasLabels: row.hasLabels,
        isOverflow: row.flags.contains(.overflow), &names.open[open])
      {
        restored.count(reason)
        return
      }
      let classID = names.open[open].classID
      if classID.index >= arePrepared.count || !arePrepared[classID.index] {
        prepare(names.open[open].numbered, image, table.number)
      }
      let digest = aggregator.hash.hash(bytes, from: row.spelling, length: Int(row.length))
      batch.append(
        RestoredBatch.Row(
          place: UInt32(place), open: UInt32(open), digest: digest, classID: classID))
    }
  }

  /// The limit on the size of a series that one of the file exceeds.
  private func sizeExceeded(_ row: StateTable.Row, _ image: StateImage) -> LimitName? {
    var sizes = SpellingSizes()
    if let check = SpellingCheck(image.bytes.span, row.range) { sizes.add(check, row.range.count) }
    return sizes.limitExceeded(aggregator.limits)
  }

  /// Makes a table for a class in all shards, with room for its series, which are spread evenly.
  ///
  /// - Parameter number: Of the class in the file.
  private mutating func prepare(
    _ numbered: NumberedClass, _ image: StateImage, _ number: Int
  ) {
    if numbered.seriesClass.kind == .histogram {
      _ = aggregator.widestAsked.max(
        numbered.seriesClass.layout.bucketCount, ordering: .relaxed)
    }
    let series = image.tables.reduce(0) { $0 + ($1.number == number ? $1.liveCount : 0) }
    let share = series / aggregator.shards.count
    for shard in aggregator.shards {
      shard.state.withLock { state in
        state.tables.prepare(numbered)
        if share > 64 { state.tables[numbered.id].series.index.reserve(share + share / 16) }
      }
    }
    let missing = numbered.id.index + 1 - arePrepared.count
    if missing > 0 { arePrepared.append(contentsOf: repeatElement(false, count: missing)) }
    arePrepared[numbered.id.index] = true
  }

  /// Makes the series of the batch that belong to a shard.
  private mutating func make(
    _ shard: Int, table index: Int, of image: StateImage, _ registry: inout FamilyRegistry
  ) {
    let table = image.tables[index]
    let group = batch.group(of: shard)
    if group.isEmpty { return }
    let second = aggregator.clock.load(ordering: .relaxed)
    aggregator.shards[shard].state.withLock { state in
      for position in group {
        let row = batch.rows[Int(batch.order[position])]
        state.tables[row.classID].series.index.prefetchHome(of: row.digest)
      }
      for position in group {
        let row = batch.rows[Int(batch.order[position])]
        let place = Int(row.place)
        let saved = table.rows[place]
        let spelling = image.bytes.span.extracting(saved.range)
        guard state.tables[row.classID].series.find(spelling, hash: row.digest) == nil else {
          registry.withdraw(
            bytes: Int(saved.length), isOverflow: saved.flags.contains(.overflow),
            &names.open[Int(row.open)])
          restored.count(.clashes)
          continue
        }
        let lease = state.tables[row.classID].restore(
          table, place, spelling: image.bytes[saved.range], hash: row.digest, second: second)
        restored.series += 1
        leases.set(SeriesLease(shard: shard, row.classID, lease), table: index, place: place)
      }
    }
  }
}

extension StateRestored {
  fileprivate mutating func count(_ reason: FamilyRegistry.NotRestored) {
    switch reason {
    case .changed: changed += 1
    case .clashes: clashes += 1
    case .exceeds(let limit): refuse(by: limit)
    }
  }
}
