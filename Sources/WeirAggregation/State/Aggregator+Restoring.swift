import Synchronization
import WeirBytes
import WeirMetrics

extension Aggregator {
  /// Makes the series of a state file, with their values.
  ///
  /// - Complexity: O(bytes of the series).
  func restore(_ image: StateImage, _ restored: inout StateRestored) -> StateLeases {
    var leases = StateLeases(image)
    var counts = restored
    registry.withLock { registry in
      var names = RestoredNames()
      var reserved = Set<ClassID>()
      for index in image.tables.indices {
        restore(image, index, &registry, &names, &reserved, &leases, &counts)
      }
      names.close(&registry)
    }
    restored = counts
    return leases
  }

  private func restore(
    _ image: StateImage, _ index: Int, _ registry: inout FamilyRegistry,
    _ names: inout RestoredNames, _ reserved: inout Set<ClassID>, _ leases: inout StateLeases,
    _ restored: inout StateRestored
  ) {
    let table = image.tables[index]
    if let window = table.described.setWindowSeconds, window != sets.windowSeconds {
      // The steps of another window are other times.
      restored.changed += table.liveCount
      return
    }
    let isChecked = table.longest.exceed(limits)
    for place in table.rows.indices where table.rows[place].isAlive {
      let row = table.rows[place]
      if self.names == .classic, row.flags.contains(.quoted) {
        restored.changed += 1
        continue
      }
      if isChecked, let limit = sizeExceeded(image, row) {
        restored.refuse(by: limit)
        continue
      }
      switch names.find(image.bytes.span, row.name, table, hash, &registry) {
      case .failure(let reason): restored.count(reason)
      case .success(let open):
        let numbered = names.open[open].numbered
        if reserved.insert(numbered.id).inserted { reserve(numbered, image, table.number) }
        let made = make(image, table, place, &registry, &names.open[open])
        switch made {
        case .failure(let reason): restored.count(reason)
        case .success(let lease):
          restored.series += 1
          leases.set(lease, table: index, place: place)
        }
      }
    }
  }

  /// The limit on the size of a series that one of the file exceeds.
  private func sizeExceeded(_ image: StateImage, _ row: StateTable.Row) -> LimitName? {
    var sizes = SpellingSizes()
    if let check = SpellingCheck(image.bytes.span, row.range) { sizes.add(check, row.range.count) }
    return sizes.limitExceeded(limits)
  }

  /// Makes room in all shards for the series of a class, which are spread evenly.
  private func reserve(_ numbered: NumberedClass, _ image: StateImage, _ number: Int) {
    let series = image.tables.reduce(0) { $0 + ($1.number == number ? $1.liveCount : 0) }
    let share = series / shards.count
    if numbered.seriesClass.kind == .histogram {
      _ = widestPushed.max(numbered.seriesClass.layout.bucketCount, ordering: .relaxed)
    }
    guard share > 64 else { return }
    for shard in shards {
      shard.state.withLock { state in
        state.tables.prepare(numbered)
        state.tables[numbered.id].series.index.reserve(share + share / 16)
      }
    }
  }

  private func make(
    _ image: StateImage, _ table: StateTable, _ place: Int, _ registry: inout FamilyRegistry,
    _ open: inout FamilyRegistry.OpenFamily
  ) -> Result<SeriesLease, FamilyRegistry.NotRestored> {
    let row = table.rows[place]
    let numbered = open.numbered
    let digest = hash.hash(image.bytes.span, from: row.spelling, length: Int(row.length))
    let shard = Int(truncatingIfNeeded: digest >> 32) & (shards.count - 1)
    let second = clock.load(ordering: .relaxed)
    return shards[shard].state.withLock { state in
      let spelling = image.bytes.span.extracting(row.range)
      guard state.find(spelling, numbered.id, table.seriesClass.kind, hash: digest) == nil else {
        return .failure(.clashes)
      }
      if let reason = registry.admit(
        bytes: Int(row.length), hasLabels: row.hasLabels,
        isOverflow: row.flags.contains(.overflow), &open)
      {
        return .failure(reason)
      }
      state.tables.prepare(numbered)
      let lease = state.tables[numbered.id].restore(
        table, place, spelling: image.bytes[row.range], hash: digest, second: second)
      return .success(SeriesLease(shard: shard, numbered.id, lease))
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

extension ClassTable {
  /// Makes a series of a state file. It is never young.
  ///
  /// - Parameter second: Now.
  fileprivate mutating func restore(
    _ table: borrowing StateTable, _ place: Int, spelling: ArraySlice<UInt8>, hash: UInt64,
    second: UInt32
  ) -> RowLease {
    let row = table.rows[place]
    let lease = insert(spelling, hash: hash, tick: row.tick, born: row.born)
    var cells = series.rows.row(lease.row)
    let start = place * table.width
    for cell in 0..<table.width {
      cells[SeriesTable.firstValueCell + cell] = table.cells[start + cell]
    }
    if row.flags.contains(.negative) { cells.insert(.negative) }
    if settings.isKept, let saved = table.settings[place] {
      settings.restore(saved, row: lease.row)
    }
    if observations.isKept { restoreObservations(table, place, lease.row, second) }
    if kind == .set {
      let saved = table.sets[place]
      sets.set(
        lease.row,
        SetWindow(
          newest: saved.window.newest, saved.window.steps, isBegun: saved.isBegun,
          updated: row.tick, second: second, sets.options))
    }
    return lease
  }

  private mutating func restoreObservations(
    _ table: borrowing StateTable, _ place: Int, _ row: Int, _ second: UInt32
  ) {
    var window: SummaryWindow?
    if let options = seriesClass.observer.summary {
      let saved = table.summaries[place]
      // Of an age bucket that has not begun nothing can be known.
      let newest = Int(second) * options.ageBuckets / options.maxAgeSeconds
      if saved.newest <= newest {
        window = SummaryWindow(newest: saved.newest, saved.steps, options)
      }
    }
    observations.set(
      row, native: seriesClass.observer.native == nil ? nil : table.natives[place], summary: window)
  }
}
