/// Requests of the action PutMetricData, as forms.
///
///     Action=PutMetricData&Version=2010-08-01&Namespace=…
///       &MetricData.member.1.MetricName=…&MetricData.member.1.Value=3&…
package struct PutMetricData: Sendable {
  /// One request.
  package struct Request: Sendable {
    package let body: [UInt8]
    /// In order. A histogram with many buckets is several of the members that CloudWatch counts.
    package let metrics: [CloudWatchMetric]
    package let members: Int
  }

  package private(set) var requests: [Request] = []
  /// Metrics that no request can hold.
  package private(set) var tooLong: [CloudWatchMetric] = []

  private let head: [UInt8]
  private let timestamp: String

  /// Divides the data into as few requests as the limits allow.
  ///
  /// - Parameter timestamp: In ISO 8601.
  package init(_ data: [CloudWatchDatum], namespace: String, timestamp: String) {
    var form = FormWriter()
    form.add("Action", "PutMetricData")
    form.add("Version", "2010-08-01")
    form.add("Namespace", namespace)
    head = form.bytes
    self.timestamp = timestamp
    var rest = data[...]
    while !rest.isEmpty { fill(&rest) }
  }

  private mutating func fill(_ rest: inout ArraySlice<CloudWatchDatum>) {
    var body = head
    var members = 0
    var metrics: [CloudWatchMetric] = []
    while let datum = rest.first {
      let parts = datum.parts
      var form = FormWriter()
      for (index, value) in parts.enumerated() {
        form.add(datum, value, timestamp, at: "MetricData.member.\(members + index + 1).")
      }
      let fits =
        body.count + 1 + form.bytes.count <= CloudWatchLimits.requestBytesMax
        && members + parts.count <= CloudWatchLimits.metricsPerRequestMax
      if !fits {
        if members > 0 { break }
        tooLong.append(datum.metric)
      } else {
        body.append(UInt8(ascii: "&"))
        body += form.bytes
        members += parts.count
        metrics.append(datum.metric)
      }
      rest = rest.dropFirst()
    }
    if members > 0 { requests.append(Request(body: body, metrics: metrics, members: members)) }
  }
}

extension CloudWatchDatum {
  /// The value in pieces that each fit into a metric of a request.
  fileprivate var parts: [Value] {
    guard case .spread(let values) = value, values.count > CloudWatchLimits.valuesMax else {
      return [value]
    }
    return stride(from: 0, to: values.count, by: CloudWatchLimits.valuesMax).map { start in
      .spread(Array(values[start..<min(start + CloudWatchLimits.valuesMax, values.count)]))
    }
  }
}

/// `key=value&…`, percent-encoded, with `+` for a space as AWS' own libraries write forms.
package struct FormWriter: Sendable {
  package private(set) var bytes: [UInt8]

  package init() { bytes = [] }

  /// - Parameter key: Needs no encoding.
  package mutating func add(_ key: String, _ value: String) {
    if !bytes.isEmpty { bytes.append(UInt8(ascii: "&")) }
    bytes += Array(key.utf8)
    bytes.append(UInt8(ascii: "="))
    for byte in value.utf8 {
      if FormWriter.isPlain(byte) {
        bytes.append(byte)
      } else if byte == 0x20 {
        bytes.append(UInt8(ascii: "+"))
      } else {
        bytes += Array(CloudWatchText.percent(byte).utf8)
      }
    }
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
      UInt8(ascii: "_"), UInt8(ascii: "~"):
      true
    default: false
    }
  }

  fileprivate mutating func add(
    _ datum: CloudWatchDatum, _ value: CloudWatchDatum.Value, _ timestamp: String,
    at prefix: String
  ) {
    add(prefix + "MetricName", datum.metric.name)
    for (index, dimension) in datum.metric.dimensions.enumerated() {
      add(prefix + "Dimensions.member.\(index + 1).Name", dimension.name)
      add(prefix + "Dimensions.member.\(index + 1).Value", dimension.value)
    }
    add(prefix + "Timestamp", timestamp)
    add(prefix + "Unit", datum.unit.rawValue)
    switch value {
    case .single(let value): add(prefix + "Value", "\(value)")
    case .spread(let values):
      for (index, weighted) in values.enumerated() {
        add(prefix + "Values.member.\(index + 1)", "\(weighted.value)")
        add(prefix + "Counts.member.\(index + 1)", "\(weighted.count)")
      }
    }
  }
}
