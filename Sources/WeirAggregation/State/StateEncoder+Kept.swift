import WeirBytes
import WeirMetrics
import WeirState

/// Encodes what some classes keep beside their rows.
extension StateEncoder {
  mutating func appendKept(_ segment: RowSegment, into blocks: inout StateBlocks) {
    let copy = segment.copy
    appendEach(.natives, copy.natives.count, segment, into: &blocks) { encoder, place in
      encoder.append(copy.natives[place])
    }
    appendEach(.summaries, copy.summaries.count, segment, into: &blocks) { encoder, place in
      let window = copy.summaries[place]
      // The steps before are in the file.
      let first = copy.rows[place].isNew ? 0 : window.unsavedFrom
      encoder.append(window, from: first)
    }
    appendEach(.sets, copy.sets.count, segment, into: &blocks) { encoder, place in
      let window = copy.sets[place]
      encoder.append(window, from: copy.rows[place].isNew ? 0 : window.unsavedFrom)
    }
    appendGauges(segment, into: &blocks)
    appendSettings(segment, into: &blocks)
  }

  /// Appends a block with an entry for each row, as `body` writes it after the row. There are as
  /// many as rows, or none.
  private mutating func appendEach(
    _ type: StateBlockType, _ number: Int, _ segment: RowSegment, into blocks: inout StateBlocks,
    _ body: (inout StateEncoder, _ place: Int) -> Void
  ) {
    let rows = segment.copy.rows
    var (before, count): (UInt32, Int) = (0, 0)
    for place in 0..<number {
      entries.append(varint: UInt64(rows[place].index - before))
      body(&self, place)
      (before, count) = (rows[place].index, count + 1)
      if isFull {
        end(type, of: segment, count: count, into: &blocks)
        (before, count) = (0, 0)
      }
    }
    end(type, of: segment, count: count, into: &blocks)
  }

  private mutating func append(_ window: SummaryWindow, from first: Int) {
    let steps = window.savedSteps(from: first)
    entries.append(varint: window.newestStep)
    entries.append(varint: steps.count)
    for step in steps {
      entries.append(varint: step.number)
      append(step.observations)
    }
  }

  private mutating func append(_ window: SetWindow, from first: Int) {
    let steps = window.savedSteps(from: first)
    entries.append(window.isBegun ? 1 : 0)
    entries.append(varint: window.newestStep)
    entries.append(varint: steps.count)
    for step in steps {
      entries.append(varint: step.number)
      let registers = step.members.registers
      entries.append(registers.isEmpty ? 0 : 1)
      if registers.isEmpty {
        entries.append(varint: step.members.hashes.count)
        for hash in step.members.hashes { entries.append(littleEndian: hash) }
      } else {
        entries.append(bytes: registers[...])
      }
    }
  }

  private mutating func appendGauges(_ segment: RowSegment, into blocks: inout StateBlocks) {
    let copy = segment.copy
    var (before, count): (UInt32, Int) = (0, 0)
    for (place, group) in copy.gauges {
      let row = copy.rows[place].index
      entries.append(varint: UInt64(row - before))
      entries.append(varint: group.group)
      entries.append(group.merge.rawValue)
      entries.append(varint: UInt64(group.second))
      entries.append(varint: group.members.count)
      for member in group.members {
        entries.append(littleEndian: member.instance)
        entries.append(varint: member.setMilliseconds)
        entries.append(f64: member.value)
      }
      (before, count) = (row, count + 1)
      if isFull {
        end(.gauges, of: segment, count: count, into: &blocks)
        (before, count) = (0, 0)
      }
    }
    end(.gauges, of: segment, count: count, into: &blocks)
  }

  /// How text has set gauges, of those that it has set or changed.
  private mutating func appendSettings(_ segment: RowSegment, into blocks: inout StateBlocks) {
    let copy = segment.copy
    var (before, count): (UInt32, Int) = (0, 0)
    for (place, settings) in copy.settings.enumerated() where settings.hasText {
      let row = copy.rows[place].index
      entries.append(varint: UInt64(row - before))
      entries.append(varint: settings.count)
      entries.append(number: settings.value)
      entries.append(number: settings.changes.sum)
      entries.append(f64: settings.changes.error)
      (before, count) = (row, count + 1)
      if isFull {
        end(.settings, of: segment, count: count, into: &blocks)
        (before, count) = (0, 0)
      }
    }
    end(.settings, of: segment, count: count, into: &blocks)
  }
}
