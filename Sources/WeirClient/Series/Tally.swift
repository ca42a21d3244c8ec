import WeirPush

/// The client's counters about itself.
///
/// Their names start with `push_client_`, because `weir_` is for the server's own metrics.
struct Tally: Sendable {
  /// Requests for series that exceeded the limit.
  let seriesOverflow = CounterCell(stripes: 1)
  /// Values that were not finite, or negative where that is not allowed.
  let valuesDropped = CounterCell()
  /// Frames that the kernel refused, or that could not be sent because the host is unknown.
  let framesFailed = CounterCell(stripes: 1)
  let framesSent = CounterCell(stripes: 1)
  /// Values recorded after the client was closed. They are not sent.
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

  /// Sets all counters to 0. No other thread may record at the same time.
  func reset() {
    for cell in [seriesOverflow, valuesDropped, framesFailed, framesSent, recordedAfterClose] {
      cell.reset()
    }
  }
}
