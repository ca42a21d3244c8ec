/// A form in which a scrape is answered.
package enum ExpositionFormat: Sendable, Hashable, CaseIterable {
  /// Prometheus' text format, version 0.0.4: the answer to whoever asks for nothing else.
  case text
  /// The same, version 1.0.0.
  case text1
  /// OpenMetrics as of its first draft.
  case openMetrics0
  /// OpenMetrics 1.0.0.
  case openMetrics1
  /// Families of `io.prometheus.client` one after another, each behind its length.
  case protobuf

  private var mediaType: String {
    switch self {
    case .text, .text1: "text/plain"
    case .openMetrics0, .openMetrics1: "application/openmetrics-text"
    case .protobuf: "application/vnd.google.protobuf"
    }
  }

  /// The parameters of the media type that tell it from others.
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
  package var namesEscaping: Bool { self == .text1 || self == .openMetrics1 || self == .protobuf }

  /// What `Content-Type` says.
  package func contentType(escaping: EscapingScheme) -> String {
    var text = mediaType
    for parameter in parameters { text += "; \(parameter.name)=\(parameter.value)" }
    if self != .protobuf { text += "; charset=utf-8" }
    if namesEscaping { text += "; escaping=\(escaping.rawValue)" }
    return text
  }

  /// Whether a media range means this format.
  ///
  /// A text type without a version is the oldest; so it has been for Prometheus' own libraries. Of
  /// protobuf there are other messages and encodings, so that a range has to name both.
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

/// What a scraper has done with names that are not Prometheus' classic ones.
package enum EscapingScheme: String, Sendable, CaseIterable {
  /// They stay, in quotes.
  case allowUTF8 = "allow-utf-8"
  /// Each scalar that is not classic becomes `_`.
  case underscores
  /// A dot becomes `_dot_`, an underscore two, in classic names as well, and everything else two.
  case dots
  /// They begin with `U__`, and each scalar that is not classic becomes its number: `_2e_`.
  case values
}

/// The two ways to write lines.
enum TextDialect: Sendable, Hashable {
  case prometheus
  case openMetrics
}
