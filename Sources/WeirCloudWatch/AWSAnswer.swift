/// What is read of answers of AWS: elements of XML, the fields of a flat JSON object, times.
package enum AWSAnswer {
  /// The text of the first element with a name; nil if there is none.
  package static func element(_ name: String, in xml: String) -> String? {
    guard let start = xml.firstRange(of: "<\(name)>")?.upperBound,
      let end = xml[start...].firstRange(of: "</\(name)>")?.lowerBound
    else { return nil }
    var text = String(xml[start..<end])
    for (entity, character) in [
      ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&"),
    ] {
      text = text.replacing(entity, with: character)
    }
    return text
  }

  /// The code of an error in the answer to a request, such as `Throttling`; nil if it has none.
  package static func errorCode(in xml: String) -> String? {
    element("Code", in: xml).flatMap { code in
      code.utf8.count <= 64 && code.utf8.allSatisfy { 0x21..<0x7F ~= $0 } ? code : nil
    }
  }

  /// The message of an error: its first line, because the next ones may repeat the headers of the request. It may have
  /// secrets.
  static func errorMessage(in xml: String) -> String? {
    element("Message", in: xml).map { message in String(message.prefix { !$0.isNewline }) }
  }

  /// The fields of a JSON object that are texts; nil if it is no object.
  package static func fields(ofJSON text: String) -> [String: String]? {
    var reader = FlatJSON(rest: Array(text.unicodeScalars)[...])
    return reader.object()
  }

  /// `2026-11-26T18:00:00Z` in seconds since 1970. A fraction of a second is ignored.
  package static func seconds(_ text: String) -> Double? {
    let parts = text.split(omittingEmptySubsequences: false) { "-T:.Z+".contains($0) }
    let numbers = parts.prefix(6).compactMap { Int($0) }
    guard numbers.count == 6, text.hasSuffix("Z"), (1_970...9_999).contains(numbers[0]),
      (1...12).contains(numbers[1]), (1...31).contains(numbers[2]),
      (0...23).contains(numbers[3]), (0...59).contains(numbers[4]), (0...60).contains(numbers[5])
    else { return nil }
    // Years begin in March, so that a leap day is the last one.
    let year = numbers[0] - (numbers[1] <= 2 ? 1 : 0)
    let month = (numbers[1] + 9) % 12
    let days =
      365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + numbers[2] - 1
      - 719_468
    return Double(days * 86_400 + numbers[3] * 3_600 + numbers[4] * 60 + numbers[5])
  }
}

/// Reads one JSON object, and keeps its fields that are texts.
private struct FlatJSON {
  var rest: ArraySlice<Unicode.Scalar>

  mutating func object() -> [String: String]? {
    guard take("{") else { return nil }
    var fields: [String: String] = [:]
    if take("}") { return fields }
    repeat {
      guard let key = string(), take(":") else { return nil }
      skipSpace()
      if rest.first == "\"" {
        guard let value = string() else { return nil }
        fields[key] = value
      } else {
        guard skipValue() else { return nil }
      }
    } while take(",")
    return take("}") ? fields : nil
  }

  private mutating func skipSpace() {
    while let first = rest.first, [" ", "\t", "\n", "\r"].contains(first) { rest.removeFirst() }
  }

  private mutating func take(_ mark: Unicode.Scalar) -> Bool {
    skipSpace()
    guard rest.first == mark else { return false }
    rest.removeFirst()
    return true
  }

  /// Skips a number, a word, an array or an object.
  private mutating func skipValue() -> Bool {
    var depth = 0
    while let first = rest.first {
      switch first {
      case "\"": if string() == nil { return false } else { continue }
      case "{", "[": depth += 1
      case "}", "]":
        if depth == 0 { return true }
        depth -= 1
      case "," where depth == 0: return true
      default: break
      }
      rest.removeFirst()
    }
    return false
  }

  private mutating func string() -> String? {
    guard take("\"") else { return nil }
    var text = String.UnicodeScalarView()
    while let first = rest.popFirst() {
      switch first {
      case "\"": return String(text)
      case "\\":
        guard let scalar = escaped() else { return nil }
        text.append(scalar)
      default: text.append(first)
      }
    }
    return nil
  }

  private mutating func escaped() -> Unicode.Scalar? {
    switch rest.popFirst() {
    case "n": return "\n"
    case "r": return "\r"
    case "t": return "\t"
    case "b": return "\u{8}"
    case "f": return "\u{C}"
    case "u":
      let digits = String(String.UnicodeScalarView(rest.prefix(4)))
      rest = rest.dropFirst(4)
      // What AWS writes has no characters that need two of these.
      return UInt32(digits, radix: 16).flatMap { Unicode.Scalar($0) }
    case let other: return other
    }
  }
}
