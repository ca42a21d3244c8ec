import WeirAggregation
import WeirBytes
import WeirMetrics
import WeirPush

// Safety: libFuzzer lends `data` for the length of the call, with its true size.

/// What libFuzzer calls with each input: frames behind their lengths, as they are pushed over HTTP. Any
/// bytes may come, and none may stop the server, hold more than they are worth, or make a counter fall.
@c(LLVMFuzzerTestOneInput)
public func fuzzPushedFrames(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  let bytes = unsafe data.map { unsafe Array(UnsafeBufferPointer(start: $0, count: size)) } ?? []
  var server = FuzzedServer()
  server.take(bytes)
  return 0
}

/// A server without sockets, made anew for each input so that one can be looked at alone.
struct FuzzedServer: ~Copyable {
  private let aggregator: Aggregator
  private let owners: Owners
  private var decoder: PushDecoder
  private var router: PushRouter
  private var frame = PushFrame()
  private var second: UInt32 = 0
  private var counters: [String: Double] = [:]

  init() {
    var lifetimes = SeriesLifetimes()
    lifetimes[.gauge] = 30
    aggregator = Aggregator(
      rules: .all(observer: .native(NativeOptions(), keepsBuckets: true), lifetimes: lifetimes),
      shards: 2)
    owners = Owners(aggregator: aggregator, shards: 2)
    decoder = PushDecoder(owners.keySeed)
    router = PushRouter(owners: owners)
  }

  mutating func take(_ bytes: [UInt8]) {
    var frames = PushFrames(bytes.span)
    while let range = frames.next() {
      ingest(bytes, range)
      // Some time goes by between frames, as their lengths have it.
      second += UInt32(range.count % 97)
      aggregator.expire(atSecond: second)
      owners.expire(atSecond: second)
      check()
    }
  }

  private mutating func ingest(_ bytes: [UInt8], _ range: Range<Int>) {
    do throws(PushRefusal) {
      try decoder.readHeader(
        bytes.span, from: range.lowerBound, to: range.upperBound, into: &frame)
      try decoder.readBody(bytes.span, into: &frame)
      precondition(frame.numbers.count <= range.count && frame.records.count <= range.count)
      _ = try router.apply(&frame, bytes: bytes.span, nowMilliseconds: 1_800_000_000_000)
    } catch {
      return
    }
  }

  /// Counters never fall, and nothing is ever shown that is no number.
  private mutating func check() {
    owners.mergeGauges()
    var catalog = Catalog()
    catalog.update(from: aggregator)
    for family in catalog.families where family.kind != .set {
      aggregator.forEachSeries(of: family) { piece, index in
        let value = piece.value(index, kind: family.kind)
        precondition(!value.isInfinite && (family.kind == .gauge || !value.isNaN))
        guard family.kind == .counter else { return }
        let spelling = piece.spelling(index)
        let name = String(decoding: spelling.indices.map { spelling[$0] }, as: UTF8.self)
        precondition(value >= counters[name] ?? 0)
        counters[name] = value
      }
    }
  }
}
