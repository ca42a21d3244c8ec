import WeirBytes
import WeirMetrics

// The steps of windows, and the values of gauges.

extension SetSketch {
  init(_ cursor: inout ByteCursor) throws(StateDamage) {
    switch cursor.byte() {
    case 0:
      let count = cursor.count(bytesEach: 8)
      guard count <= SetSketch.exactMax else { throw StateDamage("a set has too many hashes") }
      var hashes: [UInt64] = []
      hashes.reserveCapacity(count)
      for _ in 0..<count { hashes.append(cursor.word()) }
      if cursor.hasFailed { throw StateDamage.short }
      guard zip(hashes, hashes.dropFirst()).allSatisfy(<) else {
        throw StateDamage("the hashes of a set do not ascend")
      }
      self.init(hashes: hashes)
    case 1:
      let start = cursor.skip(SetSketch.registerCount)
      if cursor.hasFailed { throw StateDamage.short }
      let bytes = cursor.bytes
      let ranks = (start..<start + SetSketch.registerCount).map { bytes[$0] }
      guard ranks.allSatisfy({ $0 <= SetSketch.rankMax }) else {
        throw StateDamage("a rank of a set is too great")
      }
      self.init(registers: ranks)
    default: throw StateDamage("the form of a set is unknown")
    }
  }
}

extension StateTable.Steps {
  /// Reads steps: each replaces the one with its number. Those that the window no longer covers
  /// are dropped.
  ///
  /// - Parameter covering: The number of steps of the window.
  mutating func read(
    _ cursor: inout ByteCursor, covering count: Int,
    _ value: (inout ByteCursor) throws(StateDamage) -> Value
  ) throws(StateDamage) {
    newest = try cursor.varint(below: 1 << 48)
    for _ in 0..<cursor.count(bytesEach: 3) {
      let number = try cursor.varint(below: 1 << 48)
      guard number <= newest else { throw StateDamage("a step is newer than the newest") }
      let value = try value(&cursor)
      if let known = steps.firstIndex(where: { $0.number == number }) {
        steps[known].value = value
      } else if number > newest - count {
        steps.append((number, value))
      }
    }
    if cursor.hasFailed { throw StateDamage.short }
    let newest = newest
    steps.removeAll { $0.number <= newest - count || $0.number > newest }
  }
}

extension StateTable.Gauge {
  init(_ cursor: inout ByteCursor) throws(StateDamage) {
    group = try cursor.varint(below: 1 << 24)
    let merge = cursor.byte()
    second = UInt32(try cursor.varint(below: 1 << 32))
    guard let merge = GaugeMerge(rawValue: merge) else {
      throw StateDamage("how a gauge is merged is unknown")
    }
    self.merge = merge
    let count = cursor.count(bytesEach: 17)
    members.reserveCapacity(count)
    for _ in 0..<count {
      let instance = cursor.word()
      let milliseconds = cursor.varint()
      let value = Double(bitPattern: cursor.word())
      if value.isInfinite { throw StateDamage("a gauge is infinite") }
      members.append(
        GaugeGroups.Member(value: value, setMilliseconds: milliseconds, instance: instance))
    }
    if cursor.hasFailed { throw StateDamage.short }
  }
}
