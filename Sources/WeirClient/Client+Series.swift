import WeirMetrics
import WeirPush

extension Client {
  /// A counter: a total that only grows, such as the number of requests. Its name should end with
  /// `_total`.
  ///
  /// A second call with the same name and labels returns the same counter; the order of the labels
  /// does not matter. Weir shows it as 0 from the start.
  ///
  /// - Parameters:
  ///   - labels: The labels of the series. Each combination of values is a separate series, so keep
  ///     the number of values low.
  ///   - unit: The unit, such as `bytes`; nil for none.
  ///   - help: A sentence that describes the metric in Prometheus.
  /// - Throws: `DefinitionError` if the name or a label is invalid, or the name belongs to another
  ///   kind of metric. If there are too many series, it does not throw: the request is counted in
  ///   ``Client/Statistics/seriesOverflow``, and recorded values are discarded.
  public func counter(
    _ name: String, labels: [String: String] = [:], unit: String? = nil, help: String? = nil
  ) throws(DefinitionError) -> Counter {
    let cell = try core.cell(
      of: SeriesRequest(name, labels, .counter, unit: unit, help: help))
    guard case .counter(let cell) = cell else {
      return Counter(cell: core.surplus.counter, core: core)
    }
    return Counter(cell: cell, core: core)
  }

  /// A gauge: a value that can rise and fall, such as the length of a queue.
  ///
  /// - Parameter merge: How Weir combines the values of several processes; the same for all series
  ///   of the name.
  /// - Throws: `DefinitionError` like ``counter(_:labels:unit:help:)``, and if the name already has
  ///   another merge.
  public func gauge(
    _ name: String, merge: Gauge.Merge = .last, labels: [String: String] = [:],
    unit: String? = nil, help: String? = nil
  ) throws(DefinitionError) -> Gauge {
    let cell = try core.cell(
      of: SeriesRequest(name, labels, .gauge(merge.wire), unit: unit, help: help))
    guard case .gauge(let cell) = cell else {
      return Gauge(cell: core.surplus.gauge, core: core)
    }
    return Gauge(cell: cell, core: core)
  }

  /// A histogram: observed values, counted in buckets.
  ///
  /// - Parameter bounds: The upper bounds of the buckets: finite, ascending, 1 to 200, the same for
  ///   all series of the name. Nil for Weir's default, which is for seconds, 0.005 to 120. Weir
  ///   folds other bounds into its own: use others only if they coincide with these, or if Weir
  ///   keeps native histograms. See ``Histogram/linearBounds(from:step:count:)`` and
  ///   ``Histogram/exponentialBounds(from:factor:count:)``.
  /// - Throws: `DefinitionError` like ``counter(_:labels:unit:help:)``, and for bounds that are
  ///   invalid or differ from those of the same name.
  public func histogram(
    _ name: String, bounds: [Double]? = nil, labels: [String: String] = [:],
    unit: String? = nil, help: String? = nil
  ) throws(DefinitionError) -> Histogram {
    let layout = try Histogram.layout(bounds, of: name)
    let cell = try core.cell(
      of: SeriesRequest(name, labels, .histogram(layout), unit: unit, help: help))
    guard case .histogram(let cell) = cell else {
      return Histogram(cell: core.surplus.histogram, core: core)
    }
    return Histogram(cell: cell, core: core)
  }

  /// A timer: a histogram of durations in seconds with Weir's default bounds. Its name should end
  /// with `_seconds`.
  public func timer(
    _ name: String, labels: [String: String] = [:], help: String? = nil
  ) throws(DefinitionError) -> Timer {
    Timer(histogram: try histogram(name, labels: labels, unit: "seconds", help: help))
  }

  /// Removes all series of a metric, like ``Counter/remove()`` and ``Gauge/remove()``.
  public func remove(_ name: String) {
    core.withRegistry { $0.removeAll(named: PushFrameWriter.Text(name)) }
  }

  /// Removes all series of the application. The metrics of the client itself and of the process
  /// remain.
  public func clear() { core.withRegistry { $0.removeAll() } }
}
