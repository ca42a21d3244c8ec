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

  /// How the lines are written.
  package var dialect: TextDialect {
    switch self {
    case .text, .text1: .prometheus
    case .openMetrics0, .openMetrics1: .openMetrics
    }
  }

  /// The media type, and the version that goes with it.
  package var mediaType: (type: String, version: String) {
    switch self {
    case .text: ("text/plain", "0.0.4")
    case .text1: ("text/plain", "1.0.0")
    case .openMetrics0: ("application/openmetrics-text", "0.0.1")
    case .openMetrics1: ("application/openmetrics-text", "1.0.0")
    }
  }

  /// Whether the content type names an escaping scheme.
  private var namesEscaping: Bool { self == .text1 || self == .openMetrics1 }

  /// What `Content-Type` says.
  package func contentType(escaping: EscapingScheme) -> String {
    let (type, version) = mediaType
    let end = namesEscaping ? "; escaping=\(escaping.rawValue)" : ""
    return "\(type); version=\(version); charset=utf-8\(end)"
  }

  /// Whether a media range with a version, if it gives one, means this format.
  ///
  /// A type without a version is the oldest; so it has been for Prometheus' own libraries.
  package func matches(type: String, version: String?) -> Bool {
    let own = mediaType
    if type == "*/*" || type == "text/*" { return self == .text }
    return type == own.type && (version ?? (self.isOldest ? own.version : "")) == own.version
  }

  private var isOldest: Bool { self == .text || self == .openMetrics0 }
}

/// What a scraper has done with names that are not Prometheus' classic ones. Every name that Weir
/// serves is classic, and these schemes leave such a name as it is; `dots` would not, and is answered
/// with `underscores`.
package enum EscapingScheme: String, Sendable {
  case allowUTF8 = "allow-utf-8"
  case underscores
  case values
}

/// The two ways to write lines.
package enum TextDialect: Sendable, Hashable {
  case prometheus
  case openMetrics
}
