import WeirAggregation
import WeirExposition

/// Reads series piece by piece, until a deadline, a number of series or the end of the client.
///
/// Each shard is locked for the copy of 256 series. Between some pieces other tasks run.
struct HeavyReader {
  private let aggregator: Aggregator
  private let isLate: @Sendable () -> Bool
  /// Series that may still be read.
  private(set) var left: Int
  /// Whether everything that was asked for was read.
  private(set) var isComplete = true
  private var piece = SeriesPiece()
  private var pieces = 0

  private static let piecesAtOnce = 8

  /// - Parameter isLate: Whether the deadline has come.
  init(_ aggregator: Aggregator, seriesMax: Int, isLate: @escaping @Sendable () -> Bool) {
    self.aggregator = aggregator
    self.isLate = isLate
    left = seriesMax
  }

  /// Passes each series of a family to one of two closures.
  ///
  /// - Parameter received: Gets a piece, and the index and the lease of a series in it that has not expired.
  mutating func read(
    _ family: HeavyFamily, received: (borrowing SeriesPiece, Int, SeriesLease) -> Void,
    pushed: (PushedSeries) -> Void
  ) async {
    await readReceived(family.received, received)
    await readPushed(family.pushed, pushed)
  }

  /// Passes the spelling of each series of a family to a closure.
  mutating func readSpellings(_ family: HeavyFamily, _ body: (Span<UInt8>) -> Void) async {
    await read(family) { piece, index, _ in
      body(piece.spelling(index))
    } pushed: {
      body($0.spelling.span)
    }
  }

  private mutating func readReceived(
    _ family: SeriesFamily?, _ body: (borrowing SeriesPiece, Int, SeriesLease) -> Void
  ) async {
    guard let family else { return }
    var rest = family.series[...]
    while await mayContinue(isMore: !rest.isEmpty) {
      let some = rest.prefix(min(SeriesPiece.seriesMax, left))
      rest = rest.dropFirst(some.count)
      left -= some.count
      aggregator.read(some, of: family.seriesClass, into: &piece)
      for index in piece.indices where piece.isAlive(index) {
        body(piece, index, some[some.startIndex + index])
      }
    }
  }

  private mutating func readPushed(
    _ family: PushedFamily?, _ body: (PushedSeries) -> Void
  ) async {
    guard let family else { return }
    var rest = family.series[...]
    while await mayContinue(isMore: !rest.isEmpty) {
      let some = rest.prefix(min(SeriesPiece.seriesMax, left))
      rest = rest.dropFirst(some.count)
      left -= some.count
      for series in some { body(series) }
    }
  }

  /// Whether the next piece is to be read.
  private mutating func mayContinue(isMore: Bool) async -> Bool {
    guard isMore else { return false }
    guard isComplete, left > 0, !Task.isCancelled, !isLate() else {
      isComplete = false
      return false
    }
    pieces += 1
    if pieces.isMultiple(of: HeavyReader.piecesAtOnce) { await Task.yield() }
    return true
  }
}
