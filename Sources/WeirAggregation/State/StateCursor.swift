import WeirBytes
import WeirMetrics
import WeirPush
import WeirState

// The parts that blocks of the state file are made of: docs/state.md.

extension ByteCursor {
  /// A cursor over a range.
  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>, _ range: Range<Int>) {
    self.init(bytes, from: range.lowerBound, to: range.upperBound)
  }

  /// A length and the bytes of a text.
  mutating func text(bytesMax: Int) throws(StateDamage) -> [UInt8] {
    let length = count()
    let start = skip(length)
    if hasFailed { throw StateDamage.short }
    guard length <= bytesMax else { throw StateDamage("a text is too long") }
    guard bytes.isUTF8(from: start, to: start + length) else {
      throw StateDamage("a text is not valid UTF-8")
    }
    let bytes = bytes
    return [UInt8](capacity: length) { output in
      for index in start..<start + length { output.append(bytes[index]) }
    }
  }

  /// A double that is finite.
  mutating func finite() throws(StateDamage) -> Double {
    let value = Double(bitPattern: word())
    guard value.isFinite else { throw StateDamage("a value is not a finite number") }
    return value
  }

  /// A count and as many finite doubles.
  mutating func finites() throws(StateDamage) -> [Double] {
    let count = count(bytesEach: 8)
    var values: [Double] = []
    values.reserveCapacity(count)
    for _ in 0..<count { values.append(try finite()) }
    return values
  }

  /// A varint below `limit`.
  mutating func varint(below limit: Int) throws(StateDamage) -> Int {
    let value = varint()
    if hasFailed { throw StateDamage.short }
    guard value < UInt64(limit) else { throw StateDamage("a number is too great") }
    return Int(value)
  }
}

/// Rows of a block, in ascending order.
struct RowCursor {
  struct Place {
    let row: Int
    let hasError: Bool
    let isNegative: Bool
    let tick: UInt32
  }

  private var last: Int?

  mutating func row(_ cursor: inout ByteCursor) throws(StateDamage) -> Int {
    let difference = cursor.varint()
    if cursor.hasFailed { throw StateDamage.short }
    return try row(after: difference)
  }

  private mutating func row(after difference: UInt64) throws(StateDamage) -> Int {
    guard difference < UInt64(SeriesHandle.rowsMax), difference > 0 || last == nil else {
      throw StateDamage("its rows do not ascend")
    }
    let row = (last ?? 0) + Int(difference)
    guard row < SeriesHandle.rowsMax else { throw StateDamage("its rows do not ascend") }
    last = row
    return row
  }

  /// - Parameter second: The clock in `times` of the group.
  mutating func place(
    _ cursor: inout ByteCursor, _ kind: MetricKind, _ second: UInt32
  ) throws(StateDamage) -> Place {
    let first = cursor.varint()
    let ago = cursor.varint()
    if cursor.hasFailed { throw StateDamage.short }
    let (hasError, isNegative) = (first & 1 == 1, first & 2 == 2)
    let row = try row(after: first >> 2)
    guard ago <= UInt64(second) else {
      throw StateDamage("a series was updated before Weir's first second")
    }
    let mayHaveError = kind == .counter || kind == .histogram
    guard !hasError || mayHaveError, !isNegative || kind == .histogram else {
      throw StateDamage("a row has a mark that its kind does not have")
    }
    return Place(
      row: row, hasError: hasError, isNegative: isNegative, tick: second - UInt32(ago))
  }
}

extension StateTimes {
  init(_ cursor: inout ByteCursor) throws(StateDamage) {
    let second = cursor.varint()
    let (wall, boot) = (cursor.varint(), cursor.varint())
    let start = cursor.skip(16)
    let bytes = cursor.bytes
    if cursor.hasFailed { throw StateDamage.short }
    let bootID = (start..<start + 16).map { bytes[$0] }
    let (memory, forgotten) = (cursor.varint(), cursor.varint())
    if cursor.hasFailed { throw StateDamage.short }
    // Weir's clock and times go on from these numbers, so they must not be near the end of their types.
    guard second < 1 << 31 else { throw StateDamage("Weir's clock is too late") }
    guard max(wall, boot, memory, forgotten) < StateTimes.millisecondsEnd else {
      throw StateDamage("a time is too late")
    }
    self.init(
      second: UInt32(second), wallMilliseconds: wall, bootMilliseconds: boot, bootID: bootID,
      memoryMilliseconds: memory, forgottenMilliseconds: forgotten)
  }

  /// 35,000 years.
  static let millisecondsEnd: UInt64 = 1 << 50
}

extension KeyStream {
  init(_ cursor: inout ByteCursor) throws(StateDamage) {
    let scheme = cursor.varint()
    let (state, salt) = (cursor.word(), cursor.word())
    if cursor.hasFailed { throw StateDamage.short }
    guard scheme == 1 else { throw StateDamage("its scheme is unknown") }
    self.init(state: state, salt: salt)
  }
}

extension InstanceID {
  init(_ cursor: inout ByteCursor) throws(StateDamage) {
    let (number, start) = (cursor.word(), cursor.varint())
    if cursor.hasFailed { throw StateDamage.short }
    self.init(number: number, startMilliseconds: start)
  }
}

extension StateForwarder {
  init(_ cursor: inout ByteCursor) throws(StateDamage) {
    let id = try InstanceID(&cursor)
    let next = cursor.varint()
    let place = try cursor.text(bytesMax: StateForwarder.placeBytesMax)
    let age = cursor.varint()
    if cursor.hasFailed { throw StateDamage.short }
    guard next > 0 else { throw StateDamage("a frame has the number 0") }
    guard next < 1 << 62 else { throw StateDamage("the number of a frame is too great") }
    guard age < StateTimes.millisecondsEnd else { throw StateDamage("a time is too late") }
    self.init(
      id: id, nextSequence: next, place: String(decoding: place, as: UTF8.self),
      ageMilliseconds: age)
  }

  /// The longest path of Linux.
  private static let placeBytesMax = 4_096
}

extension StateClass {
  init(_ cursor: inout ByteCursor) throws(StateDamage) {
    let kind = cursor.byte()
    let bounds = try HistogramBounds(&cursor)
    let observer = try Observer(&cursor)
    let lifetime = cursor.varint()
    if cursor.hasFailed { throw StateDamage.short }
    guard Int(kind) < MetricKind.allCases.count else { throw StateDamage("its kind is unknown") }
    guard let lifetime = UInt32(exactly: lifetime) else {
      throw StateDamage("its lifetime is too long")
    }
    // The first files do not have the fields that follow.
    isPushed = cursor.remaining > 0 && cursor.byte() & 1 == 1
    var sets = SetOptions()
    if kind == MetricKind.set.index, cursor.remaining > 0 {
      let window = try cursor.varint(below: 1 << 32)
      guard window == 0 || window >= SetOptions.steps else {
        throw StateDamage("the window of its sets is too short")
      }
      sets = SetOptions(windowSeconds: window)
    }
    seriesClass = SeriesClass(
      MetricKind.allCases[Int(kind)], layout: bounds, observer: observer, sets: sets,
      lifetimeSeconds: lifetime == 0 ? nil : lifetime - 1)
  }
}

extension HistogramBounds {
  init(_ cursor: inout ByteCursor) throws(StateDamage) {
    let upper = try cursor.finites()
    guard upper.count <= HistogramBounds.countMax else {
      throw StateDamage("it has too many bounds")
    }
    guard zip(upper, upper.dropFirst()).allSatisfy(<) else {
      throw StateDamage("its bounds do not ascend")
    }
    self.init(upper: upper)
  }
}

extension Observer {
  init(_ cursor: inout ByteCursor) throws(StateDamage) {
    let form = cursor.byte()
    switch form {
    case 0: self = .buckets
    case 1, 2:
      let schema = try ExponentialSchema(&cursor)
      let most = try cursor.varint(below: 1 << 24)
      self = .native(NativeOptions(schema: schema, bucketsMax: most), keepsBuckets: form == 1)
    case 3:
      let quantiles = try cursor.finites()
      let age = try cursor.varint(below: 1 << 32)
      let buckets = try cursor.varint(below: 1 << 10)
      guard quantiles.count <= HistogramBounds.countMax,
        quantiles.allSatisfy({ (0...1).contains($0) }),
        zip(quantiles, quantiles.dropFirst()).allSatisfy(<), buckets > 0, age >= buckets
      else { throw StateDamage("its summaries are impossible") }
      self = .summary(
        SummaryOptions(quantiles: quantiles, maxAgeSeconds: age, ageBuckets: buckets))
    default: throw StateDamage("its observer is unknown")
    }
  }
}

extension ExponentialSchema {
  init(_ cursor: inout ByteCursor) throws(StateDamage) {
    let number = cursor.zigzag()
    guard let number = Int(exactly: number),
      (ExponentialSchema.coarsest.number...ExponentialSchema.finest.number).contains(number)
    else { throw StateDamage("a schema is unknown") }
    self.init(number)
  }
}

extension NativeHistogram {
  /// - Parameters:
  ///   - finest: The finest schema that it can have.
  ///   - bucketsMax: The most buckets that it can have, except at the coarsest schema.
  init(
    _ cursor: inout ByteCursor, finest: ExponentialSchema, bucketsMax: Int
  ) throws(StateDamage) {
    let schema = try ExponentialSchema(&cursor)
    guard schema.number <= finest.number else { throw StateDamage("a schema is too fine") }
    let count = cursor.count(bytesEach: 2)
    let greatest = Int64(schema.key(of: .greatestFiniteMagnitude))
    var key: Int64 = 0
    var buckets: [(key: Int32, count: Double)] = []
    buckets.reserveCapacity(count)
    for place in 0..<count {
      let difference = cursor.zigzag()
      guard difference.magnitude <= UInt64(2 * greatest), place == 0 || difference > 0 else {
        throw StateDamage("its buckets do not ascend")
      }
      key += difference
      let number = cursor.number()
      guard key.magnitude <= UInt64(greatest) else { throw StateDamage("a bucket is unknown") }
      guard number > 0, number.isFinite else { throw StateDamage("the count of a bucket is wrong") }
      buckets.append((Int32(key), number))
    }
    if cursor.hasFailed { throw StateDamage.short }
    self.init(schema: schema, buckets: buckets)
    guard bucketCount <= bucketsMax || schema == .coarsest else {
      throw StateDamage("a native histogram has too many buckets")
    }
  }
}
