import Testing
import WeirMetrics

@testable import WeirCloudWatch

@Suite struct PutMetricDataTests {
  private let time = "2026-11-26T18:00:00.000Z"

  private func datum(
    _ metric: CloudWatchMetric, _ value: CloudWatchDatum.Value, unit: CloudWatchUnit = .count
  ) -> CloudWatchDatum {
    CloudWatchDatum(metric: metric, unit: unit, value: value)
  }

  @Test func `a request is a form`() {
    let put = PutMetricData(
      [
        datum(.init("a_total", [.init("k", "x & y+~")]), .single(1e21)),
        datum(.init("h"), .spread([.init(0.5, 2), .init(-3, 1.5)]), unit: .seconds),
      ], namespace: "My/App", timestamp: time)
    #expect(
      put.requests.map { String(decoding: $0.body, as: UTF8.self) } == [
        "Action=PutMetricData&Version=2010-08-01&Namespace=My%2FApp"
          + "&MetricData.member.1.MetricName=a_total"
          + "&MetricData.member.1.Dimensions.member.1.Name=k"
          + "&MetricData.member.1.Dimensions.member.1.Value=x+%26+y%2B~"
          + "&MetricData.member.1.Timestamp=2026-11-26T18%3A00%3A00.000Z"
          + "&MetricData.member.1.Unit=Count&MetricData.member.1.Value=1e%2B21"
          + "&MetricData.member.2.MetricName=h"
          + "&MetricData.member.2.Timestamp=2026-11-26T18%3A00%3A00.000Z"
          + "&MetricData.member.2.Unit=Seconds"
          + "&MetricData.member.2.Values.member.1=0.5&MetricData.member.2.Counts.member.1=2.0"
          + "&MetricData.member.2.Values.member.2=-3.0&MetricData.member.2.Counts.member.2=1.5"
      ])
  }

  @Test func `a request has at most 1,000 metrics`() {
    let data = (0..<2_001).map { datum(.init("a\($0)"), .single(1)) }
    let put = PutMetricData(data, namespace: "N", timestamp: time)
    #expect(put.requests.map(\.members) == [1_000, 1_000, 1])
    #expect(put.requests.flatMap(\.metrics) == data.map(\.metric))
  }

  @Test func `a request has at most 900,000 bytes, and a metric is never divided between two`() {
    let values = (0..<300).map { BucketValues.Weighted(Double($0) + 0.123_456_789, 1) }
    let data = (0..<200).map { datum(.init("a\($0)"), .spread(values)) }
    let put = PutMetricData(data, namespace: "N", timestamp: time)
    #expect(put.requests.allSatisfy { $0.body.count <= 900_000 })
    #expect(put.requests.allSatisfy { $0.members == 2 * $0.metrics.count })
    #expect(put.requests.reduce(0) { $0 + $1.members } == 400)
    #expect(put.requests.count > 1)
    #expect(put.tooLong.isEmpty)
  }

  @Test(arguments: [(150, 1), (151, 2), (300, 2), (301, 3)])
  func `a metric has at most 150 values`(count: Int, members: Int) {
    let values = (0..<count).map { BucketValues.Weighted(Double($0), 1) }
    let put = PutMetricData(
      [datum(.init("a"), .spread(values))], namespace: "N", timestamp: time)
    #expect(put.requests.map(\.members) == [members])
    let body = put.requests.map { String(decoding: $0.body, as: UTF8.self) }.joined()
    #expect(!body.contains("Values.member.151="))
    #expect(body.split(separator: ".Values.member.").count == count + 1)
  }

  @Test func `a metric that no request can hold is dropped`() {
    let values = (0..<30_000).map { BucketValues.Weighted(Double($0), 1) }
    let put = PutMetricData(
      [
        datum(.init("a"), .single(1)), datum(.init("b"), .spread(values)),
        datum(.init("c"), .single(1)),
      ],
      namespace: "N", timestamp: time)
    #expect(put.tooLong == [.init("b")])
    #expect(put.requests.map(\.members) == [1, 1])
  }

  @Test func `a month costs what the list says`() {
    #expect(MonthlyCost(metrics: 21, requests: 1, intervalSeconds: 60).metrics == 21 * 0.3)
    #expect(
      MonthlyCost.text(MonthlyCost(metrics: 11_000, requests: 1, intervalSeconds: 60).metrics)
        == "3100.00")
    #expect(
      MonthlyCost.text(MonthlyCost(metrics: 1, requests: 1, intervalSeconds: 60).requests) == "0.44"
    )
    #expect(MonthlyCost(metrics: 300_000, requests: 1, intervalSeconds: 60).metrics == 29_500)
    #expect(MonthlyCost(metrics: 2_000_000, requests: 1, intervalSeconds: 60).metrics == 84_500)
    #expect(
      MonthlyCost.text(MonthlyCost(metrics: 1, requests: 3, intervalSeconds: 30).requests) == "2.63"
    )
    #expect(MonthlyCost.text(0.05) == "0.05")
  }
}
