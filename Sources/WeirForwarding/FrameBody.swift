import WeirBytes
import WeirMetrics
import WeirPush

/// What follows a frame's head, written straight from the spellings and cells of rows.
///
/// It writes the same bytes as `PushFrameWriter`, and is faster: it makes no strings, and reads a spelling once.
///
///     `texts`   `common`   `bounds`   `records`        joined by `write(to:)`
struct FrameBody: Sendable {
  private var texts = FrameTexts()
  private var common: [UInt8] = []
  private var lists: [HistogramBounds] = []
  private var bounds: [UInt8] = []
  private var records: [UInt8] = []
  /// A text of a spelling without its escapes.
  private var raw: [UInt8] = []
  /// By place in a spelling, the index of the name that was last written there: it is often the same again.
  private var lastNames = [Int](repeating: 0, count: lastNamesCount)

  private static let lastNamesCount = 8

  /// How much there was before a record, to take it back.
  struct Mark {
    fileprivate let texts: Int
    fileprivate let textBytes: Int
    fileprivate let lists: Int
    fileprivate let bounds: Int
    fileprivate let records: Int
  }

  /// Begins a frame with labels for all of its series.
  mutating func begin(common labels: [ForwardLabel]) {
    texts.removeAll()
    common.removeAll(keepingCapacity: true)
    lists.removeAll(keepingCapacity: true)
    bounds.removeAll(keepingCapacity: true)
    records.removeAll(keepingCapacity: true)
    common.append(varint: labels.count)
    for label in labels {
      common.append(varint: texts.index(of: label.name.span, from: 0, to: label.name.count))
      common.append(varint: texts.index(of: label.value.span, from: 0, to: label.value.count))
    }
  }

  /// The bytes so far.
  var count: Int {
    Varint.length(of: UInt64(texts.count)) + texts.bytes.count + common.count
      + Varint.length(of: UInt64(lists.count)) + bounds.count + records.count
  }

  var mark: Mark {
    Mark(
      texts: texts.count, textBytes: texts.bytes.count, lists: lists.count, bounds: bounds.count,
      records: records.count)
  }

  /// Takes back what was written after `mark`. Nothing may be written then until the next frame begins.
  mutating func drop(to mark: Mark) {
    texts.drop(to: mark.texts, bytes: mark.textBytes)
    lists.removeLast(lists.count - mark.lists)
    bounds.removeLast(bounds.count - mark.bounds)
    records.removeLast(records.count - mark.records)
  }

  /// Appends all parts.
  func write(to frame: inout [UInt8]) {
    frame.append(varint: texts.count)
    frame.append(contentsOf: texts.bytes)
    frame.append(contentsOf: common)
    frame.append(varint: lists.count)
    frame.append(contentsOf: bounds)
    frame.append(contentsOf: records)
  }
}

// Records.
extension FrameBody {
  mutating func clock(milliseconds: UInt64) {
    let length = begin(.clock)
    records.append(varint: milliseconds)
    records.closeLength(at: length)
  }

  /// Says that the instance forwards.
  mutating func forwarder() {
    let length = begin(.forwarder)
    records.append(varint: 0)
    records.closeLength(at: length)
  }

  /// - Parameters:
  ///   - settings: How often the gauge was set.
  ///   - value: That of the last setting.
  ///   - changes: The sum of the changes since then.
  mutating func textGauge(
    _ text: Span<UInt8>, _ spelling: Range<Int>, settings: UInt64, value: Double, changes: Double,
    began: UInt64
  ) {
    let length = begin(.textGauge)
    series(text, spelling)
    records.append(varint: settings)
    records.append(number: value)
    records.append(number: changes)
    records.append(varint: began)
    records.closeLength(at: length)
  }

  mutating func counter(
    _ text: Span<UInt8>, _ spelling: Range<Int>, total: Double, began: UInt64
  ) {
    let length = begin(.counter)
    series(text, spelling)
    records.append(number: total)
    end(began, length)
  }

  mutating func histogram(
    _ text: Span<UInt8>, _ spelling: Range<Int>, bounds: HistogramBounds, sum: Double,
    buckets: ArraySlice<Double>, began: UInt64
  ) {
    let length = begin(.histogram)
    series(text, spelling)
    records.append(varint: place(of: bounds))
    records.append(number: sum)
    let count = records.count
    records.append(0)
    var (filled, skipped) = (0, 0)
    for observations in buckets {
      if observations == 0 {
        skipped &+= 1
      } else {
        records.append(varint: skipped)
        records.append(number: observations)
        filled &+= 1
        skipped = 0
      }
    }
    records.setVarint(filled, at: count)
    end(began, length)
  }

  mutating func exponential(
    _ text: Span<UInt8>, _ spelling: Range<Int>, _ native: NativeHistogram, sum: Double,
    began: UInt64
  ) {
    let length = begin(.exponential)
    series(text, spelling)
    records.append(varint: Varint.zigzag(Int64(native.schema.number)))
    records.append(number: sum)
    records.append(number: native.zeroCount)
    runs(native.positive)
    runs(native.negative)
    end(began, length)
  }

  /// Members of a set's step.
  mutating func set(
    _ text: Span<UInt8>, _ spelling: Range<Int>, _ members: SetSketch, endsMilliseconds: Int64?
  ) {
    let length: Int
    if members.registers.isEmpty {
      length = begin(.members)
      series(text, spelling)
      records.append(varint: members.hashes.count)
      for hash in members.hashes { records.append(littleEndian: hash) }
    } else {
      length = begin(.sketch)
      series(text, spelling)
      records.append(PushFormat.sketchPrecision)
      records.append(varint: members.registers.count { $0 != 0 })
      var skipped = 0
      for rank in members.registers {
        if rank == 0 {
          skipped += 1
        } else {
          records.append(varint: skipped)
          records.append(rank)
          skipped = 0
        }
      }
    }
    if let endsMilliseconds { records.append(varint: Varint.zigzag(endsMilliseconds)) }
    records.closeLength(at: length)
  }

  /// - Returns: Where the record's length belongs.
  @inline(__always)
  private mutating func begin(_ type: PushFormat.RecordType) -> Int {
    records.append(type.rawValue)
    records.append(0)
    return records.count &- 1
  }

  /// No exemplars, and when the series began.
  @inline(__always)
  private mutating func end(_ began: UInt64, _ length: Int) {
    records.append(0)
    records.append(varint: began)
    records.closeLength(at: length)
  }

  private mutating func runs(_ buckets: [NativeHistogram.Bucket]) {
    records.append(varint: buckets.count)
    var last: Int32?
    for bucket in buckets {
      records.append(
        varint: last.map { UInt64(bucket.index - $0 - 1) } ?? Varint.zigzag(Int64(bucket.index)))
      records.append(number: bucket.count)
      last = bucket.index
    }
  }

  /// How a histogram refers to its bounds. A frame has few lists, so this compares with each.
  private mutating func place(of list: HistogramBounds) -> Int {
    if list == .standard { return 0 }
    if let index = lists.firstIndex(of: list) { return index + 1 }
    lists.append(list)
    bounds.append(varint: list.upper.count)
    for bound in list.upper { bounds.append(number: bound) }
    return lists.count
  }
}

// Spellings: `name{label="value",…}`, where names may be in quotes.
extension FrameBody {
  private static let quote = UInt8(ascii: "\"")
  private static let escape = UInt8(ascii: "\\")

  /// Appends the name and labels of a series.
  ///
  /// - Precondition: the spelling is one that `SeriesBuilder` has made.
  @inline(__always)
  private mutating func series(_ text: Span<UInt8>, _ spelling: Range<Int>) {
    let end = spelling.upperBound
    var next = name(text, from: spelling.lowerBound, to: end, place: 0)
    let count = records.count
    records.append(0)
    var labels = 0
    // After the name comes `{`, after a label `,` or `}`.
    while next &+ 1 < end {
      labels &+= 1
      next = name(text, from: next &+ 1, to: end, place: labels)
      next = quoted(text, from: next &+ 1, to: end)
    }
    records.setVarint(labels, at: count)
  }

  /// Appends a name.
  ///
  /// - Parameter place: 0 for the name of the series, then the number of the label.
  /// - Returns: The index after it.
  @inline(__always)
  private mutating func name(
    _ text: Span<UInt8>, from start: Int, to end: Int, place: Int
  ) -> Int {
    if start < end, text[start] == FrameBody.quote { return quoted(text, from: start, to: end) }
    let stop = text.nameEnd(from: start, to: end, more: UInt8(ascii: ":"))
    let place = place & (FrameBody.lastNamesCount &- 1)
    var index = lastNames[place]
    if !texts.holds(text, from: start, to: stop, at: index) {
      index = texts.index(of: text, from: start, to: stop)
      lastNames[place] = index
    }
    records.append(varint: index)
    return stop
  }

  /// Appends a text in quotes.
  ///
  /// - Returns: The index after the closing quote.
  @inline(__always)
  private mutating func quoted(_ text: Span<UInt8>, from start: Int, to end: Int) -> Int {
    let first = start &+ 1
    var seen: UInt64 = 0
    let stop = text.firstIndex(
      ofEither: FrameBody.quote, FrameBody.escape, from: first, to: end, seen: &seen)
    if stop < end, text[stop] == FrameBody.escape { return escaped(text, from: first, to: end) }
    records.append(varint: texts.index(of: text, from: first, to: stop))
    return stop &+ 1
  }

  @inline(never)
  private mutating func escaped(_ text: Span<UInt8>, from start: Int, to end: Int) -> Int {
    raw.removeAll(keepingCapacity: true)
    var index = start
    while index < end, text[index] != FrameBody.quote {
      if text[index] == UInt8(ascii: "\\"), index + 1 < end {
        index += 1
        raw.append(text[index] == UInt8(ascii: "n") ? 0x0A : text[index])
      } else {
        raw.append(text[index])
      }
      index += 1
    }
    let text = raw
    records.append(varint: texts.index(of: text.span, from: 0, to: text.count))
    return index + 1
  }
}
