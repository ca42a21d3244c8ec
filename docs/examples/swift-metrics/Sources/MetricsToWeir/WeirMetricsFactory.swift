import CoreMetrics
import WeirClient

/// Sends what an application and its libraries record through swift-metrics to Weir.
///
/// ```swift
/// let client = try Client(Configuration(server: "127.0.0.1:8125"))
/// MetricsSystem.bootstrap(WeirMetricsFactory(client))
/// ```
///
/// | swift-metrics | in Weir | name |
/// | --- | --- | --- |
/// | `Counter`, `FloatingPointCounter` | counter | ends with `_total` |
/// | `Meter`, `Gauge`, `Recorder` that does not aggregate | gauge | |
/// | `Recorder` that aggregates | histogram | |
/// | `Timer` | histogram in seconds | ends with `_seconds` |
public struct WeirMetricsFactory: MetricsFactory {
  /// What may differ from metric to metric, by the name that it has in Weir.
  public struct Options: Sendable {
    /// How gauges that several processes set are merged.
    public var merge: @Sendable (_ name: String) -> WeirClient.Gauge.Merge = { _ in .last }

    /// Bounds of recorders' histograms; nil for Weir's own, which are for seconds.
    public var bounds: @Sendable (_ name: String) -> [Double]? = { _ in nil }

    /// Told of a metric that can't be: its name has another kind already, or other bounds. What it
    /// records goes nowhere.
    public var onError: @Sendable (DefinitionError) -> Void = { Complaints.shared.print($0) }

    public init() {}
  }

  private let client: Client
  private let options: Options

  public init(_ client: Client, options: Options = Options()) {
    self.client = client
    self.options = options
  }

  public func makeCounter(
    label: String, dimensions: [(String, String)]
  ) -> any CoreMetrics.CounterHandler {
    counter(label, dimensions) ?? NOOPMetricsHandler.instance
  }

  public func makeFloatingPointCounter(
    label: String, dimensions: [(String, String)]
  ) -> any FloatingPointCounterHandler {
    counter(label, dimensions) ?? NOOPMetricsHandler.instance
  }

  public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    gauge(label, dimensions) ?? NOOPMetricsHandler.instance
  }

  public func makeRecorder(
    label: String, dimensions: [(String, String)], aggregate: Bool
  ) -> any RecorderHandler {
    if !aggregate { return gauge(label, dimensions) ?? NOOPMetricsHandler.instance }
    let name = PrometheusName.metric(label)
    let handler = attempt { () throws(DefinitionError) in
      DistributionHandler(
        try client.histogram(
          name, bounds: options.bounds(name), labels: PrometheusName.labels(dimensions)))
    }
    return handler ?? NOOPMetricsHandler.instance
  }

  public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    let name = PrometheusName.metric(label, ending: "_seconds")
    let handler = attempt { () throws(DefinitionError) in
      DurationHandler(try client.timer(name, labels: PrometheusName.labels(dimensions)))
    }
    return handler ?? NOOPMetricsHandler.instance
  }

  private func counter(_ label: String, _ dimensions: [(String, String)]) -> TotalHandler? {
    let name = PrometheusName.metric(label, ending: "_total")
    return attempt { () throws(DefinitionError) in
      TotalHandler(try client.counter(name, labels: PrometheusName.labels(dimensions)))
    }
  }

  private func gauge(_ label: String, _ dimensions: [(String, String)]) -> ValueHandler? {
    let name = PrometheusName.metric(label)
    return attempt { () throws(DefinitionError) in
      ValueHandler(
        try client.gauge(
          name, merge: options.merge(name), labels: PrometheusName.labels(dimensions)))
    }
  }

  private func attempt<Handler>(
    _ make: () throws(DefinitionError) -> Handler
  ) -> Handler? {
    do throws(DefinitionError) {
      return try make()
    } catch {
      options.onError(error)
      return nil
    }
  }
}

// A metric that is destroyed frees its place; a total goes on where it is made again.
extension WeirMetricsFactory {
  public func destroyCounter(_ handler: any CoreMetrics.CounterHandler) {
    (handler as? TotalHandler)?.counter.remove()
  }

  public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {
    (handler as? TotalHandler)?.counter.remove()
  }

  public func destroyMeter(_ handler: any MeterHandler) {
    (handler as? ValueHandler)?.gauge.remove()
  }

  public func destroyRecorder(_ handler: any RecorderHandler) {
    (handler as? ValueHandler)?.gauge.remove()
    (handler as? DistributionHandler)?.histogram.remove()
  }

  public func destroyTimer(_ handler: any TimerHandler) {
    (handler as? DurationHandler)?.timer.remove()
  }
}
