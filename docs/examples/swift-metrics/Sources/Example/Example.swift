import Metrics
import MetricsToWeir
import WeirClient

/// Answers a hundred requests, and records them as libraries do that know swift-metrics alone. The
/// argument is Weir's address.
@main
struct Example {
  static func main() throws {
    let server = CommandLine.arguments.dropFirst().first ?? "127.0.0.1:8125"
    var configuration = Configuration(server: server)
    configuration.labels = ["service": "example"]
    configuration.signals = [.terminate, .interrupt]
    let client = try Client(configuration)

    // Before the first metric is made, at the start of `main`.
    var options = WeirMetricsFactory.Options()
    options.merge = { $0 == "http_requests_active" ? .sum : .last }
    options.bounds = { name in
      name.hasSuffix("_bytes")
        ? WeirClient.Histogram.exponentialBounds(from: 100, factor: 10, count: 5) : nil
    }
    MetricsSystem.bootstrap(WeirMetricsFactory(client, options: options))

    let active = Meter(label: "http.requests.active")
    for number in 1...100 {
      active.increment()
      // Made where they are used, as libraries do: it is the same series each time.
      Metrics.Timer(label: "http.request.duration", dimensions: [("method", "GET")])
        .recordMilliseconds(number)
      Metrics.Recorder(label: "http.response.bytes").record(number * 1_000)
      let status = number.isMultiple(of: 20) ? "500" : "200"
      Metrics.Counter(label: "http.requests", dimensions: [("status", status)]).increment()
      active.decrement()
    }
    // The same name, as another kind: said once on standard error.
    Metrics.Gauge(label: "http.requests.total").record(1)
    print(client.close() ? "Weir has all of it." : "Weir at \(server) did not answer.")
  }
}
