/// A member of a header field that lists what a client accepts, such as `Accept`: a value, its
/// parameters and its weight (RFC 9110, section 12.4.2).
package struct WeightedValue: Sendable, Equatable {
  /// Lower-cased: `text/plain`, `gzip`.
  package let value: String
  /// All parameters except `q`; names lower-cased, values without quotes.
  package let parameters: [String: String]
  /// The weight `q` in thousandths: 0 (not acceptable) to 1,000.
  package let quality: Int
}

extension HTTPHeaders {
  /// The members of all fields of this name, in order. Malformed members are ignored.
  ///
  /// - Complexity: O(bytes).
  package func weighted(_ name: String) -> [WeightedValue] {
    all(name).flatMap { QuotedText.split($0, at: ",") }.compactMap(WeightedValue.init(parsing:))
  }

  /// Whether a response may be compressed with gzip: `Accept-Encoding` lists it, or else `*`, with
  /// a weight above 0.
  package var acceptsGzip: Bool {
    let codings = weighted("Accept-Encoding")
    let named = codings.first { $0.value == "gzip" || $0.value == "x-gzip" }
    return (named ?? codings.first { $0.value == "*" }).map { $0.quality > 0 } ?? false
  }
}

extension WeightedValue {
  fileprivate init?(parsing text: String) {
    let parts = QuotedText.split(text, at: ";")
    guard let value = parts.first?.lowercased(), !value.isEmpty, !value.contains(" ") else {
      return nil
    }
    var parameters: [String: String] = [:]
    var quality = 1_000
    for part in parts.dropFirst() where !part.isEmpty {
      let sides = QuotedText.split(part, at: "=")
      guard sides.count == 2, !sides[0].isEmpty else { return nil }
      let name = sides[0].lowercased()
      if name == "q" {
        guard let weight = WeightedValue.quality(sides[1]) else { return nil }
        quality = weight
      } else {
        parameters[name] = QuotedText.unquoted(sides[1])
      }
    }
    self.init(value: value, parameters: parameters, quality: quality)
  }

  /// Parses a weight: `0` or `1`, with up to three decimals; nil if it is above 1.
  private static func quality(_ text: String) -> Int? {
    let sides = text.split(separator: ".", omittingEmptySubsequences: false)
    guard sides.count <= 2, sides[0] == "0" || sides[0] == "1" else { return nil }
    let digits = sides.count == 2 ? sides[1] : ""
    guard digits.utf8.count <= 3, digits.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
    let padded = digits + String(repeating: "0", count: 3 - digits.utf8.count)
    let quality = (sides[0] == "1" ? 1_000 : 0) + (Int(padded) ?? 0)
    return quality <= 1_000 ? quality : nil
  }
}

/// Text with double-quoted strings, in which separators have no meaning.
private enum QuotedText {
  /// Splits at separators outside quotes, and trims the parts.
  static func split(_ text: String, at separator: Character) -> [String] {
    var parts: [String] = []
    var part = ""
    var isQuoted = false
    var isEscaped = false
    for character in text {
      if !isQuoted && character == separator {
        parts.append(trimmed(part))
        part = ""
        continue
      }
      if isEscaped {
        isEscaped = false
      } else if isQuoted && character == "\\" {
        isEscaped = true
      } else if character == "\"" {
        isQuoted.toggle()
      }
      part.append(character)
    }
    return parts + [trimmed(part)]
  }

  static func unquoted(_ text: String) -> String {
    guard text.count >= 2, text.first == "\"", text.last == "\"" else { return text }
    var result = ""
    var isEscaped = false
    for character in text.dropFirst().dropLast() {
      if !isEscaped && character == "\\" {
        isEscaped = true
      } else {
        isEscaped = false
        result.append(character)
      }
    }
    return result
  }

  private static func trimmed(_ text: String) -> String {
    let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    let start = text.drop(while: isBlank)
    return String(start.reversed().drop(while: isBlank).reversed())
  }
}
