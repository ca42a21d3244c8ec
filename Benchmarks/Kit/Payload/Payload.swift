/// The datagrams of a run, made before the clock starts and sent over and over, in order.
///
/// What a series must show after `n` datagrams follows from `n` alone. Values are whole eighths, so
/// that every sum of up to 2^50 of them is exact in a double, in whatever order it was added.
package struct Payload: Sendable {
  /// One line of the payload: which series, and its value in eighths.
  package struct Line: Sendable {
    package let series: Int
    package let eighths: Int
  }

  /// How lines are packed into datagrams.
  package enum Packing: Equatable, Sendable {
    /// Exactly so many lines in every datagram.
    case lines(Int)
    /// As many whole lines as fit into so many bytes.
    case bytes(Int)

    /// A full Ethernet frame less the headers of IPv4, UDP and a tunnel: about 18 lines.
    package static let frameBytes = 1_432
    /// As many lines as one frame carries.
    package static let frame = Packing.bytes(frameBytes)
  }

  /// The largest UDP payload over IPv4.
  package static let datagramBytesMax = 65_507
  /// A short round would repeat the same few values.
  static let datagramsMin = 1_024

  package let series: [Series]
  /// Every datagram's bytes, one after another.
  package private(set) var bytes: [UInt8] = []
  /// Datagram `i` is `bytes[datagramStarts[i]..<datagramStarts[i + 1]]`.
  package private(set) var datagramStarts = [0]
  package private(set) var lines: [Line] = []
  /// Datagram `i` holds `lines[lineStarts[i]..<lineStarts[i + 1]]`.
  package private(set) var lineStarts = [0]

  /// Datagrams in one round, which hits every series at least once.
  package var count: Int { datagramStarts.count - 1 }

  /// The lines of one datagram, in order.
  package func lines(of datagram: Int) -> ArraySlice<Line> {
    lines[lineStarts[datagram]..<lineStarts[datagram + 1]]
  }

  package var linesPerDatagramMean: Double { Double(lines.count) / Double(count) }

  /// With the newlines between lines.
  package var bytesPerLineMean: Double { Double(bytes.count) / Double(lines.count) }

  /// Lines in the shortest and in the longest datagram.
  package var linesPerDatagram: ClosedRange<Int> {
    let counts = (0..<count).map { lineStarts[$0 + 1] - lineStarts[$0] }
    return (counts.min() ?? 0)...(counts.max() ?? 0)
  }

  /// Enumerates the series, orders them by the seed, and packs lines until each has been hit.
  ///
  /// With `isEven` all datagrams are of one length, as segmentation offload wants them: the last
  /// line of each has a container id (`|c:000…`) that brings it there.
  ///
  /// Throws `UsageError` where one datagram cannot hold what it should.
  /// - Precondition: there is a series.
  /// - Complexity: O(series), some 80 bytes a line.
  package init(
    series count: Int, of kind: Series.Kind? = nil, packing: Packing, seed: UInt64,
    isEven: Bool = false
  ) throws(UsageError) {
    series = SeriesSet.make(count: count, of: kind)
    var random = SplitMix64(state: seed)
    let order = series.indices.shuffled(using: &random)
    let tails = series.map { Array("|\($0.kind.wire)|\($0.tags)".utf8) }
    let heads = series.map { Array("\($0.family):".utf8) }
    var next = 0
    while next < series.count || self.count < Self.datagramsMin {
      var packed = 0
      while true {
        let index = order[next % order.count]
        let eighths = Self.value(for: series[index].kind, using: &random)
        let line = heads[index] + Array(Self.decimal(eighths: eighths).utf8) + tails[index]
        let length = bytes.count - datagramStarts[self.count]
        let reserved = isEven ? Self.paddingBytesMin : 0
        guard Self.fits(line.count + reserved, after: packed, length, packing) else { break }
        if packed > 0 { bytes.append(UInt8(ascii: "\n")) }
        bytes += line
        lines.append(Line(series: index, eighths: eighths))
        packed += 1
        next += 1
      }
      try Self.require(packed, packing, bytes.count - datagramStarts[self.count])
      datagramStarts.append(bytes.count)
      lineStarts.append(lines.count)
    }
    if isEven { pad() }
  }

  /// `|c:` and a container id of one digit.
  private static let paddingBytesMin = 4

  /// Makes every datagram as long as the longest needs to be.
  private mutating func pad() {
    let longest = (0..<count).map { datagramStarts[$0 + 1] - datagramStarts[$0] }.max() ?? 0
    let length = longest + Self.paddingBytesMin
    var padded: [UInt8] = []
    padded.reserveCapacity(count * length)
    for datagram in 0..<count {
      padded += bytes[datagramStarts[datagram]..<datagramStarts[datagram + 1]]
      padded += Array("|c:".utf8)
      padded += repeatElement(UInt8(ascii: "0"), count: (datagram + 1) * length - padded.count)
    }
    bytes = padded
    datagramStarts = (0...count).map { $0 * length }
  }

  private static func fits(
    _ line: Int, after packed: Int, _ length: Int, _ packing: Packing
  ) -> Bool {
    switch packing {
    case .lines(let lines): packed < lines
    case .bytes(let bytes): length + (packed > 0 ? 1 : 0) + line <= bytes
    }
  }

  private static func require(
    _ packed: Int, _ packing: Packing, _ length: Int
  ) throws(UsageError) {
    if packed == 0 {
      throw UsageError(
        sentence: "--datagram-bytes is too small for one line; 120 bytes hold every line.")
    }
    if length > datagramBytesMax, case .lines(let lines) = packing {
      throw UsageError(
        sentence: "\(lines) lines make a datagram of \(length) bytes; UDP carries "
          + "\(datagramBytesMax), about 780 lines.")
    }
  }

  /// Small whole increments and gauges; durations from 0.125 to 120.
  private static func value(for kind: Series.Kind, using random: inout SplitMix64) -> Int {
    switch kind {
    case .counter: 8 * Int.random(in: 1...9, using: &random)
    case .histogram: Int.random(in: 1...960, using: &random)
    case .gauge: 8 * Int.random(in: 0...999, using: &random)
    }
  }

  /// `12.375` for 99 eighths.
  package static func decimal(eighths: Int) -> String {
    let fractions = ["", ".125", ".25", ".375", ".5", ".625", ".75", ".875"]
    return "\(eighths / 8)\(fractions[eighths % 8])"
  }
}
