/// A member of a header field that lists what a client would take, such as `Accept`: a value, its
/// parameters, and how much it is wanted (RFC 9110, section 12.4.2).
package struct WeightedValue: Sendable, Equatable {
  /// Lower-cased: `text/plain`, `gzip`.
  package let value: String
  /// All but `q`; names lower-cased, values without their quotes.
  package let parameters: [String: String]
  /// In thousandths, 0 (never) to 1,000.
  package let quality: Int
}

extension HTTPHeaders {
  /// The members of every field of this name, in order. Those that are malformed are left out.
  ///
  /// - Complexity: O(bytes).
  package func weighted(_ name: String) -> [WeightedValue] {
    all(name).flatMap { QuotedText.split($0, at: ",") }.compactMap(WeightedValue.init(parsing:))
  }

  /// Whether a response may be compressed with gzip: `Accept-Encoding` names it, or `*`, and with a
  /// weight that is not zero.
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

  /// `0`, `1`, or with up to three digits behind a point.
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

/// Text in which a double-quoted part is taken as it is.
private enum QuotedText {
  /// The parts between the separators that are in no quotes, without the spaces around them.
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
