/// A format of a scrape's response.
package enum ExpositionFormat: Sendable, Hashable, CaseIterable {
  /// Prometheus' text format, version 0.0.4: the response if no other format is requested.
  case text
  /// The same, version 1.0.0.
  case text1
  /// The first draft of OpenMetrics.
  case openMetrics0
  /// OpenMetrics 1.0.0.
  case openMetrics1
  /// Messages of `io.prometheus.client.MetricFamily`, each preceded by its length.
  case protobuf

  private var mediaType: String {
    switch self {
    case .text, .text1: "text/plain"
    case .openMetrics0, .openMetrics1: "application/openmetrics-text"
    case .protobuf: "application/vnd.google.protobuf"
    }
  }

  /// The parameters that distinguish its media type from others.
  private var parameters: [(name: String, value: String)] {
    switch self {
    case .text: [("version", "0.0.4")]
    case .text1: [("version", "1.0.0")]
    case .openMetrics0: [("version", "0.0.1")]
    case .openMetrics1: [("version", "1.0.0")]
    case .protobuf: [("proto", "io.prometheus.client.MetricFamily"), ("encoding", "delimited")]
    }
  }

  /// Whether the content type names an escaping scheme.
  package var isOpenMetrics: Bool { self == .openMetrics0 || self == .openMetrics1 }

  package var namesEscaping: Bool { self == .text1 || self == .openMetrics1 || self == .protobuf }

  /// The value of `Content-Type`.
  package func contentType(escaping: EscapingScheme) -> String {
    var text = mediaType
    for parameter in parameters { text += "; \(parameter.name)=\(parameter.value)" }
    if self != .protobuf { text += "; charset=utf-8" }
    if namesEscaping { text += "; escaping=\(escaping.rawValue)" }
    return text
  }

  /// Whether a media range means this format.
  ///
  /// A text type without a version is the oldest one, as in Prometheus' own libraries. Protobuf has
  /// other messages and encodings, so that a range must name both.
  ///
  /// - Parameter asked: The range's parameters, by name in lower case.
  package func matches(type: String, parameters asked: [String: String]) -> Bool {
    if type == "*/*" || type == "text/*" { return self == .text }
    guard type == mediaType else { return false }
    return parameters.allSatisfy { parameter in
      asked[parameter.name].map { $0 == parameter.value } ?? isOldest
    }
  }

  private var isOldest: Bool { self == .text || self == .openMetrics0 }
}

/// How a scraper wants names that are not classic.
package enum EscapingScheme: String, Sendable, CaseIterable {
  /// They stay as they are, in quotes.
  case allowUTF8 = "allow-utf-8"
  /// Each scalar that is not classic becomes `_`.
  case underscores
  /// A dot becomes `_dot_`, an underscore becomes two (in classic names as well), and every other
  /// scalar becomes two underscores.
  case dots
  /// They begin with `U__`, and each scalar that is not classic becomes its code point: `_2e_`.
  case values
}

/// The two ways to write lines.
enum TextDialect: Sendable, Hashable {
  case prometheus
  case openMetrics
}
