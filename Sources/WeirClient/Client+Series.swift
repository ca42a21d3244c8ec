import WeirMetrics
import WeirPush

extension Client {
  /// A total that only grows, such as requests served. End the name with `_total`.
  ///
  /// Asking twice for the same name and labels gives the same counter, whatever the order of the
  /// labels. It is shown from the start, as 0.
  ///
  /// - Parameters:
  ///   - labels: What divides the metric. Each combination of values is a series by itself, so let
  ///     them be few.
  ///   - unit: What it counts, such as `bytes`; nil for none.
  ///   - help: A sentence for whoever meets the metric in Prometheus.
  /// - Throws: `DefinitionError` where the name or a label is none, or the name is that of another
  ///   kind of metric. That there is no room for another series is no error: it is counted, and what is
  ///   recorded goes nowhere.
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

  /// A value that goes up and down, such as a queue's length.
  ///
  /// - Parameter merge: What Weir shows where several processes set the same series; the same for all
  ///   series of the name.
  /// - Throws: `DefinitionError`, as ``counter(_:labels:unit:help:)`` does, and where the name has
  ///   another merge already.
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

  /// Observations, counted by size.
  ///
  /// - Parameter bounds: Upper bounds of the buckets, finite and ascending, 200 at most, the same for
  ///   all series of the name. Nil for Weir's own, which are for seconds, 0.005 to 120, and which Weir
  ///   folds all others into: choose others only where they coincide with those, or native histograms
  ///   are kept. See ``Histogram/linearBounds(from:step:count:)`` and
  ///   ``Histogram/exponentialBounds(from:factor:count:)``.
  /// - Throws: `DefinitionError`, as ``counter(_:labels:unit:help:)`` does, and for bounds that are
  ///   none, or differ from those of the same name.
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

  /// How long something takes: a histogram in seconds with Weir's own bounds. End the name with
  /// `_seconds`.
  public func timer(
    _ name: String, labels: [String: String] = [:], help: String? = nil
  ) throws(DefinitionError) -> Timer {
    Timer(histogram: try histogram(name, labels: labels, unit: "seconds", help: help))
  }

  /// Removes every series of a metric: totals as ``Counter/remove()`` does, gauges as
  /// ``Gauge/remove()`` does.
  public func remove(_ name: String) {
    core.withRegistry { $0.removeAll(named: PushFrameWriter.Text(name)) }
  }

  /// Removes every series that was asked for. What the client tells of itself and the process stays.
  public func clear() { core.withRegistry { $0.removeAll() } }
}
