import WeirExposition
import WeirHTTP

/// The format of a scrape, as requested by `Accept` (RFC 9110, section 12.5.1).
struct ScrapeNegotiation: Equatable {
  var format = ExpositionFormat.text
  var escaping = EscapingScheme.underscores

  /// The format of the highest quality, of several the one named first. Without an acceptable
  /// format or without the header, text 0.0.4.
  ///
  /// - Parameter offersOpenMetrics: Whether it may be chosen.
  init(_ headers: HTTPHeaders, offersOpenMetrics: Bool = true) {
    let ranges = headers.weighted("Accept")
    var best: (quality: Int, place: Int) = (0, 0)
    for format in ExpositionFormat.allCases where offersOpenMetrics || !format.isOpenMetrics {
      guard let place = Self.mostSpecific(ranges, for: format) else { continue }
      let quality = ranges[place].quality
      guard quality > best.quality || quality == best.quality && place < best.place else {
        continue
      }
      guard quality > 0 else { continue }
      best = (quality, place)
      self.format = format
      escaping =
        ranges[place].parameters["escaping"].flatMap(EscapingScheme.init)
        ?? (format == .protobuf ? Self.escapingNamed(ranges) : nil) ?? .underscores
    }
  }

  /// The scheme of the range of highest quality that names one.
  ///
  /// Prometheus 3 names it only with the text formats, but treats names in the same way in every
  /// format: otherwise the stored names would depend on the format.
  private static func escapingNamed(_ ranges: [WeightedValue]) -> EscapingScheme? {
    let named = ranges.filter { $0.quality > 0 && $0.parameters["escaping"] != nil }
    let most = named.map(\.quality).max()
    return named.first { $0.quality == most }?.parameters["escaping"].flatMap(EscapingScheme.init)
  }

  var contentType: String { format.contentType(escaping: escaping) }

  /// The index of the most specific of the ranges that match a format.
  private static func mostSpecific(
    _ ranges: [WeightedValue], for format: ExpositionFormat
  ) -> Int? {
    func rank(_ range: WeightedValue) -> Int {
      if range.value == "*/*" { return 0 }
      if range.value.hasSuffix("/*") { return 1 }
      return range.parameters["version"] == nil ? 2 : 3
    }
    let matching = ranges.indices.filter {
      format.matches(type: ranges[$0].value, parameters: ranges[$0].parameters)
    }
    // The first of the equally specific ones.
    return matching.max {
      rank(ranges[$0]) < rank(ranges[$1]) || rank(ranges[$0]) == rank(ranges[$1]) && $0 > $1
    }
  }
}
