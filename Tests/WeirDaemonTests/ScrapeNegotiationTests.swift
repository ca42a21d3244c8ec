import Testing
import WeirExposition
import WeirHTTP

@testable import WeirDaemon

@Suite("A scrape is answered in")
struct ScrapeNegotiationTests {
  private func contentType(_ accept: String?) -> String {
    var headers = HTTPHeaders()
    if let accept { headers.add("Accept", accept) }
    return ScrapeNegotiation(headers).contentType
  }

  private static let text = "text/plain; version=0.0.4; charset=utf-8"
  private static let protobuf =
    "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; "
    + "encoding=delimited; escaping="
  private static let open = "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping="

  @Test(
    "the format that each Prometheus requests",
    arguments: [
      // 2.42
      (
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;"
          + "q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", open + "underscores"
      ),
      // 3
      (
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
          + "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;"
          + "escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
        open + "allow-utf-8"
      ),
      // 3, with native histograms
      (
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
          + "encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;"
          + "escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,"
          + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,"
          + "*/*;q=0.1", protobuf + "allow-utf-8"
      ),
      // 3, configured to escape names
      (
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
          + "encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;"
          + "escaping=underscores;q=0.5,*/*;q=0.1", protobuf + "underscores"
      ),
      // 3, only in protobuf, without an escaping scheme
      (
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
          + "encoding=delimited;q=0.6,*/*;q=0.5", protobuf + "underscores"
      ),
      // Of several schemes that of the highest quality, and none of quality 0.
      (
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
          + "encoding=delimited,text/plain;version=1.0.0;escaping=allow-utf-8;q=0,"
          + "text/plain;version=1.0.0;escaping=values;q=0.2,"
          + "application/openmetrics-text;version=1.0.0;escaping=dots;q=0.3", protobuf + "dots"
      ),
      // 2.42, with native histograms
      (
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
          + "encoding=delimited,application/openmetrics-text;version=1.0.0;q=0.8,"
          + "application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,"
          + "*/*;q=0.1", protobuf + "underscores"
      ),
    ])
  func prometheus(accept: String, expected: String) {
    #expect(contentType(accept) == expected)
  }

  @Test(
    "the format of the highest quality, and of several the first",
    arguments: [
      (
        "text/plain;version=1.0.0", "text/plain; version=1.0.0; charset=utf-8; escaping=underscores"
      ),
      (
        "text/plain;version=1.0.0;escaping=values",
        "text/plain; version=1.0.0; charset=utf-8; escaping=values"
      ),
      ("application/openmetrics-text;version=1.0.0;escaping=dots", open + "dots"),
      (
        "application/openmetrics-text",
        "application/openmetrics-text; version=0.0.1; charset=utf-8"
      ),
      ("text/plain, application/openmetrics-text;version=1.0.0", text),
      ("application/openmetrics-text;version=1.0.0, text/plain", open + "underscores"),
      ("application/openmetrics-text;version=1.0.0;q=0.4, text/plain;q=0.5", text),
      ("*/*", text), ("text/*;q=0.1", text), ("text/html, */*;q=0.8", text),
      // The most specific range decides for its format.
      (
        "*/*;q=1, text/plain;version=0.0.4;q=0.1, application/openmetrics-text;version=1.0.0;q=0.2",
        open + "underscores"
      ),
      ("text/plain;q=0, application/openmetrics-text;version=1.0.0;q=0.001", open + "underscores"),
    ])
  func weights(accept: String, expected: String) {
    #expect(contentType(accept) == expected)
  }

  @Test(
    "text 0.0.4 if no supported format was requested",
    arguments: [
      nil, "", "text/html", "application/json;q=1", "text/plain;version=9",
      "application/openmetrics-text;version=2.0.0", "text/plain;q=0", "q=1", ";;;,,,",
      "application/openmetrics-text;version=1.0.0;q=7",
    ])
  func nothing(accept: String?) {
    #expect(contentType(accept) == ScrapeNegotiationTests.text)
  }

  @Test(
    "another format where OpenMetrics is turned off",
    arguments: [
      ("application/openmetrics-text;version=1.0.0", text),
      ("application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.1", text),
      (
        "application/openmetrics-text;version=1.0.0,application/vnd.google.protobuf;"
          + "proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.2,*/*;q=0.1",
        protobuf + "underscores"
      ),
      ("*/*", text),
    ])
  func withoutOpenMetrics(_ accept: String, _ expected: String) {
    var headers = HTTPHeaders()
    headers.add("Accept", accept)
    #expect(ScrapeNegotiation(headers, offersOpenMetrics: false).contentType == expected)
  }
}
