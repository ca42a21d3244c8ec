import WeirBytes
import WeirMetrics
import WeirState

extension StateEncoder {
  mutating func append(
    _ numbered: NumberedClass, into blocks: inout StateBlocks
  ) {
    let seriesClass = numbered.seriesClass
    entries.append(varint: numbered.id.index)
    entries.append(UInt8(seriesClass.kind.index))
    append(list: seriesClass.layout.upper)
    append(seriesClass.observer)
    entries.append(varint: seriesClass.lifetimeSeconds.map { UInt64($0) + 1 } ?? 0)
    entries.append(numbered.isPushed ? 1 : 0)
    if seriesClass.kind == .set { entries.append(varint: seriesClass.sets.windowSeconds) }
    end(.seriesClass, into: &blocks)
  }

  private mutating func append(_ observer: Observer) {
    switch observer {
    case .buckets: entries.append(0)
    case .native(let options, let keepsBuckets):
      entries.append(keepsBuckets ? 1 : 2)
      entries.append(varint: Varint.zigzag(Int64(options.schema.number)))
      entries.append(varint: options.bucketsMax)
    case .summary(let options):
      entries.append(3)
      append(list: options.quantiles)
      entries.append(varint: options.maxAgeSeconds)
      entries.append(varint: options.ageBuckets)
    }
  }
}

/// Which classes a file has been told of, by number: the serial, or 0.
struct WrittenClasses: Sendable {
  private var serials: [UInt64] = []

  func contains(_ numbered: NumberedClass) -> Bool {
    numbered.id.index < serials.count && serials[numbered.id.index] == numbered.serial
  }

  mutating func insert(_ numbered: NumberedClass) {
    let index = numbered.id.index
    if index >= serials.count {
      serials.append(contentsOf: repeatElement(0, count: index + 1 - serials.count))
    }
    serials[index] = numbered.serial
  }
}
