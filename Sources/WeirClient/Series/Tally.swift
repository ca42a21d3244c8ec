import WeirPush

/// What a client counts of itself, and sends with the rest.
///
/// The names begin with `push_client_`, for those that begin with `weir_` are the server's.
struct Tally: Sendable {
  /// Series that were asked for and found no place.
  let seriesOverflow = CounterCell(stripes: 1)
  /// Values that were no finite numbers, or negative where none may be.
  let valuesDropped = CounterCell()
  /// Frames that the system did not take, or that there was no address for.
  let framesFailed = CounterCell(stripes: 1)
  let framesSent = CounterCell(stripes: 1)
  /// What was recorded when the client was closed; nobody can be sent it any more.
  let recordedAfterClose = CounterCell()

  var entries: [SeriesEntry] {
    [
      SeriesEntry(
        series: .init("push_client_series_overflow_total"), cell: .counter(seriesOverflow)),
      SeriesEntry(
        series: .init("push_client_values_dropped_total"), cell: .counter(valuesDropped)),
      SeriesEntry(
        series: .init("push_client_frames_failed_total"), cell: .counter(framesFailed)),
    ]
  }

  /// Begins anew, while no other thread records.
  func reset() {
    for cell in [seriesOverflow, valuesDropped, framesFailed, framesSent, recordedAfterClose] {
      cell.reset()
    }
  }
}
