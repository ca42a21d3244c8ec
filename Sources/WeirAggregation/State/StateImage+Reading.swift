import WeirBytes
import WeirMetrics
import WeirPush
import WeirState

// Reading the blocks.
extension StateImage {
  /// - Returns: What is wrong; nil if nothing is.
  mutating func replay(_ blocks: [StateScan.Block]) -> String? {
    var next = 0
    while next < blocks.count {
      let group = blocks[next].group
      let end = blocks[next...].firstIndex { $0.group != group } ?? blocks.count
      // Of blocks before the first times of their group, those count.
      var second = firstSecond(of: blocks[next..<end])
      for block in blocks[next..<end] {
        do throws(StateDamage) {
          try read(block, &second)
        } catch {
          return sentence(block.type, block.payload, error)
        }
      }
      next = end
    }
    return checkOwners()
  }

  private mutating func checkOwners() -> String? {
    for (id, block) in owners.sorted(by: {
      $0.value.payload.lowerBound < $1.value.payload.lowerBound
    }) {
      do throws(StateDamage) {
        let saved = try StateOwner(bytes.span, block)
        owners[id]?.lastSecond = saved.owner.lastSecond
      } catch {
        return sentence(StateBlockType.owner.rawValue, block.payload, error)
      }
    }
    return nil
  }

  private func firstSecond(of group: ArraySlice<StateScan.Block>) -> UInt32? {
    guard let block = group.first(where: { $0.type == StateBlockType.times.rawValue }) else {
      return nil
    }
    var cursor = ByteCursor(bytes.span, block.payload)
    return UInt32(exactly: cursor.varint())
  }

  private func sentence(
    _ type: UInt32, _ payload: Range<Int>, _ damage: StateDamage
  ) -> String {
    let name = StateBlockType(rawValue: type)?.word ?? "unknown"
    let start = payload.lowerBound - StateFormat.blockHeadBytes
    return "the \(name) block at byte \(start) of the state file is wrong: \(damage.what)"
  }

  private mutating func read(
    _ block: StateScan.Block, _ second: inout UInt32?
  ) throws(StateDamage) {
    guard let type = StateBlockType(rawValue: block.type) else { return }
    let bytes = bytes
    var cursor = ByteCursor(bytes.span, block.payload)
    switch type {
    case .commit: return
    case .times:
      let read = try StateTimes(&cursor)
      times = read
      second = read.second
    case .key: key = try KeyStream(&cursor)
    case .seriesClass: try readClass(&cursor)
    case .owner:
      guard let second else { throw StateDamage("its group has no times") }
      owners[try InstanceID(&cursor)] = OwnerBlock(payload: block.payload, second: second)
    case .ownersRemoved:
      for _ in 0..<cursor.count(bytesEach: 9) { owners[try InstanceID(&cursor)] = nil }
    case .meta: try readMeta(&cursor)
    case .forwarder: forwarder = try StateForwarder(&cursor)
    case .cluster: cluster = try StateCluster(&cursor)
    case .group: try readGroup(&cursor, block.payload)
    case .cloudWatch:
      // What else the block says is read by the code that restores it.
      if cursor.byte() == 1 { cloudWatch = [] }
      cloudWatch.append(block.payload)
    case .series, .values, .removed, .natives, .summaries, .sets, .gauges, .settings:
      guard let second else { throw StateDamage("its group has no times") }
      guard let table = try table(&cursor, isNew: type == .series) else { return }
      try tables[table].read(type, &cursor, second: second)
    }
    if cursor.hasFailed { throw StateDamage.short }
  }

  private mutating func readClass(_ cursor: inout ByteCursor) throws(StateDamage) {
    let number = cursor.varint()
    guard number < UInt64(ClassID.countMax) else { throw StateDamage("there is no such class") }
    let read = try StateClass(&cursor)
    defer { classes[Int(number)] = read }
    guard let before = classes[Int(number)], before != read else { return }
    // The number has a new class, so that all series of the old one are gone.
    for shard in 0..<SeriesHandle.shardsMax {
      let place = Int(number) * SeriesHandle.shardsMax + shard
      guard let table = tablePlaces[place] else { continue }
      tables[table] = StateTable(read, number: Int(number), shard: shard)
    }
  }

  /// The table that a block is about; nil if nothing is known of it, so that the block has nothing
  /// to change.
  private mutating func table(
    _ cursor: inout ByteCursor, isNew: Bool
  ) throws(StateDamage) -> Int? {
    let (number, shard) = (cursor.varint(), cursor.varint())
    if cursor.hasFailed { throw StateDamage.short }
    guard number < UInt64(ClassID.countMax), shard < UInt64(SeriesHandle.shardsMax) else {
      throw StateDamage("there is no such table")
    }
    let place = Int(number) * SeriesHandle.shardsMax + Int(shard)
    if let known = tablePlaces[place] { return known }
    guard isNew else { return nil }
    guard let found = classes[Int(number)] else { throw StateDamage("its class is unknown") }
    tablePlaces[place] = tables.count
    tables.append(StateTable(found, number: Int(number), shard: Int(shard)))
    return tables.count - 1
  }

  private mutating func readMeta(_ cursor: inout ByteCursor) throws(StateDamage) {
    let name = try cursor.text(bytesMax: SeriesNames.spellingBytesMax)
    let unit = try cursor.text(bytesMax: FamilyMeta.bytesMax)
    let help = try cursor.text(bytesMax: FamilyMeta.mappedHelpBytesMax)
    if cursor.hasFailed { throw StateDamage.short }
    guard let spelled = SpellingCheck(name.span, 0..<name.count), !spelled.hasLabels else {
      throw StateDamage("a name is not spelled as Weir spells it")
    }
    let meta = FamilyMeta(
      unit: unit.isEmpty ? nil : String(decoding: unit, as: UTF8.self),
      help: help.isEmpty ? nil : String(decoding: help, as: UTF8.self))
    if let place = metaPlaces[name] {
      metas[place].meta = meta
    } else {
      metaPlaces[name] = metas.count
      metas.append((name, meta))
    }
  }

  /// Notes where the block of a group is, by the key of the group. The rest of it is read when groups are restored.
  private mutating func readGroup(
    _ cursor: inout ByteCursor, _ payload: Range<Int>
  ) throws(StateDamage) {
    let start = cursor.index
    for _ in 0..<2 * cursor.count(bytesEach: 2) { _ = cursor.skip(cursor.count()) }
    let key = Array(bytes[start..<cursor.index])
    let isThere = cursor.byte()
    if cursor.hasFailed { throw StateDamage.short }
    groups[key] = isThere == 0 ? nil : payload
  }

  /// The place of a series in `tables` by its address in the file; nil if it is not there.
  func place(
    classNumber: Int, shard: Int, row: Int, generation: UInt32
  ) -> (table: Int, place: Int)? {
    guard let table = tablePlaces[classNumber * SeriesHandle.shardsMax + shard],
      let place = tables[table].place(of: row), tables[table].rows[place].generation == generation
    else { return nil }
    return (table, place)
  }
}
