/// The expected series of a name and its tags: a simple implementation of `SeriesBuilder` with
/// strings and a dictionary, for comparison.
package struct NaiveSpelling: Equatable, Sendable {
  package var text: String
  package var tagsDropped: Int
  /// The number of Datadog's internal tags.
  package var tagsInternal = 0

  package init(text: String, tagsDropped: Int, tagsInternal: Int = 0) {
    self.text = text
    self.tagsDropped = tagsDropped
    self.tagsInternal = tagsInternal
  }

  /// - Parameter tags: `nil` means a tag without a separator.
  package init(name: String, tags: [(name: String, value: String)?], isHistogram: Bool) {
    var labels: [String: String] = [:]
    tagsDropped = 0
    for tag in tags {
      guard let tag, !tag.name.isEmpty, !tag.value.isEmpty else {
        tagsDropped += 1
        continue
      }
      var label = NaiveSpelling.sanitised(tag.name)
      while label.hasPrefix("__") { label.removeFirst() }
      if isHistogram && label == "le" { label = "exported_le" }
      if label.hasPrefix("weir_") { label = "exported_\(label)" }
      if labels.updateValue(tag.value, forKey: label) != nil { tagsDropped += 1 }
    }
    let pairs = labels.sorted { $0.key < $1.key }.map { label, value in
      "\(label)=\"\(value.unicodeScalars.map(NaiveSpelling.escaped).joined())\""
    }
    text = NaiveSpelling.sanitised(name)
    if !pairs.isEmpty { text += "{\(pairs.joined(separator: ","))}" }
  }

  /// Replaces each scalar that Prometheus does not allow by an underscore, and adds one before a
  /// leading digit.
  package static func sanitised(_ name: String) -> String {
    let letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
    let digits = "0123456789"
    var text = ""
    for scalar in name.unicodeScalars {
      let isDigit = digits.unicodeScalars.contains(scalar)
      if isDigit && text.isEmpty { text = "_" }
      text += isDigit || letters.unicodeScalars.contains(scalar) ? String(scalar) : "_"
    }
    return text
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\\": "\\\\"
    case "\"": "\\\""
    case "\n": "\\n"
    default: String(scalar)
    }
  }
}
