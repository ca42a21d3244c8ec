import CoreMetrics
import WeirClient

final class TotalHandler: CoreMetrics.CounterHandler, FloatingPointCounterHandler {
  let counter: WeirClient.Counter

  init(_ counter: WeirClient.Counter) { self.counter = counter }

  func increment(by amount: Int64) { counter.increment(by: Double(amount)) }

  func increment(by amount: Double) { counter.increment(by: amount) }

  /// Nothing: a total in Prometheus never falls while its process lives.
  func reset() {}
}

final class ValueHandler: MeterHandler, RecorderHandler {
  let gauge: WeirClient.Gauge

  init(_ gauge: WeirClient.Gauge) { self.gauge = gauge }

  func set(_ value: Int64) { gauge.set(Double(value)) }

  func set(_ value: Double) { gauge.set(value) }

  func increment(by amount: Double) { gauge.add(amount) }

  func decrement(by amount: Double) { gauge.add(-amount) }

  func record(_ value: Int64) { gauge.set(Double(value)) }

  func record(_ value: Double) { gauge.set(value) }
}

final class DistributionHandler: RecorderHandler {
  let histogram: WeirClient.Histogram

  init(_ histogram: WeirClient.Histogram) { self.histogram = histogram }

  func record(_ value: Int64) { histogram.observe(Double(value)) }

  func record(_ value: Double) { histogram.observe(value) }
}

final class DurationHandler: TimerHandler {
  let timer: WeirClient.Timer

  init(_ timer: WeirClient.Timer) { self.timer = timer }

  func recordNanoseconds(_ duration: Int64) { timer.observe(.nanoseconds(duration)) }
}
