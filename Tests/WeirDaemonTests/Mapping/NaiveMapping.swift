import Foundation
import TestSupport

/// What a mapping file does, as statsd_exporter's documentation tells it: slowly, and one rule at a time.
struct NaiveMapping {
  struct Rule {
    let match: String
    let isRegex: Bool
    let name: String
    let labels: [(name: String, value: String)]
    /// `counter`, `gauge` or `observer`; nil for all.
    var type: String?
    var isDrop = false
    var honorsLabels = false
    var scale: Double?
  }

  enum Outcome: Equatable {
    case unmapped
    case dropped
    case mapped(rule: Int, name: String, labels: [String: String])
  }

  let rules: [Rule]
  let isOrdered: Bool

  /// The rule for a name, as it was sent without tags, of a sample's type.
  func outcome(_ name: String, _ type: String) -> Outcome {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    let globs = rules.indices.filter { index in
      !rules[index].isRegex && fits(index, type) && matches(components(index), parts)
    }
    let best = isOrdered ? globs.first : globs.min { mostLiteral(components($0), components($1)) }
    if let index = best {
      let stars = zip(components(index), parts).filter { $0.0 == "*" }.map(\.1)
      return result(index, [name] + stars)
    }
    for index in rules.indices where rules[index].isRegex && fits(index, type) {
      guard let groups = Self.search(rules[index].match, name) else { continue }
      return result(index, groups)
    }
    return .unmapped
  }

  private func components(_ index: Int) -> [String] {
    rules[index].match.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
  }

  private func fits(_ index: Int, _ type: String) -> Bool {
    rules[index].type == nil || rules[index].type == type
  }

  private func matches(_ components: [String], _ parts: [String]) -> Bool {
    components.count == parts.count && zip(components, parts).allSatisfy { $0 == "*" || $0 == $1 }
  }

  /// Whether the first component in which two globs differ is a literal in the first of them.
  private func mostLiteral(_ left: [String], _ right: [String]) -> Bool {
    for (one, other) in zip(left, right) where (one == "*") != (other == "*") {
      return one != "*"
    }
    return false
  }

  private func result(_ index: Int, _ groups: [String]) -> Outcome {
    let rule = rules[index]
    if rule.isDrop { return .dropped }
    return .mapped(
      rule: index, name: Self.expand(rule.name, groups),
      labels: Dictionary(
        uniqueKeysWithValues: rule.labels.map { ($0.name, Self.expand($0.value, groups)) }))
  }

  /// The first place where a regular expression is found: all of it, and its groups.
  private static func search(_ pattern: String, _ name: String) -> [String]? {
    guard let expression = try? NSRegularExpression(pattern: pattern) else { return nil }
    let text = name as NSString
    let all = NSRange(location: 0, length: text.length)
    guard let match = expression.firstMatch(in: name, range: all) else { return nil }
    return (0..<match.numberOfRanges).map { group in
      let range = match.range(at: group)
      return range.location == NSNotFound ? "" : text.substring(with: range)
    }
  }

  /// `$1`, `${1}`: a group. `$1_x` is the group `1_x`, which there is not. `$$` is a dollar sign.
  static func expand(_ template: String, _ groups: [String]) -> String {
    var output = ""
    var rest = Substring(template)
    while let character = rest.popFirst() {
      guard character == "$" else {
        output.append(character)
        continue
      }
      if rest.first == "$" {
        rest.removeFirst()
        output.append("$")
        continue
      }
      let isOpen = rest.first == "{"
      if isOpen { rest.removeFirst() }
      let reference = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
      rest.removeFirst(reference.count)
      if isOpen { rest.removeFirst() }
      if let number = Int(reference), groups.indices.contains(number) { output += groups[number] }
    }
    return output
  }

  /// The file.
  var yaml: String {
    var text = "defaults:\n  glob_disable_ordering: \(!isOrdered)\nmappings:\n"
    for rule in rules {
      text += "- match: '\(rule.match)'\n  name: '\(rule.name)'\n"
      if rule.isRegex { text += "  match_type: regex\n" }
      if let type = rule.type { text += "  match_metric_type: \(type)\n" }
      if rule.isDrop { text += "  action: drop\n" }
      if rule.honorsLabels { text += "  honor_labels: true\n" }
      if let scale = rule.scale { text += "  scale: \(scale)\n" }
      if !rule.labels.isEmpty { text += "  labels:\n" }
      for label in rule.labels { text += "    \(label.name): '\(label.value)'\n" }
    }
    return text
  }
}

/// Everything that a page must show after some lines, by a naive mapping.
///
/// Values are whole, and scales are powers of two, so that sums are exact.
struct NaivePage {
  private let mapping: NaiveMapping
  /// By name: the type of its first sample.
  private var types: [String: String] = [:]
  private(set) var samples: [String: Double] = [:]
  private(set) var refused = 0

  init(_ mapping: NaiveMapping) { self.mapping = mapping }

  /// Takes in a line of one value with tags.
  mutating func take(_ name: String, _ value: Double, _ type: String, _ tags: [(String, String)]) {
    var labels = Dictionary(tags, uniquingKeysWith: { $1 })
    var shown = name
    var scale = 1.0
    switch mapping.outcome(name, type) {
    case .dropped: return
    case .unmapped: break
    case .mapped(let rule, let name, let given):
      let honors = mapping.rules[rule].honorsLabels
      labels.merge(given) { tag, own in honors ? tag : own }
      shown = name
      scale = mapping.rules[rule].scale ?? 1
    }
    let escaped = NaiveSpelling.sanitised(shown)
    guard !escaped.isEmpty, types[escaped, default: type] == type else {
      refused += 1
      return
    }
    types[escaped] = type
    let series = NaiveSpelling(
      name: escaped, tags: labels.filter { $0.value != "" }.map { ($0.key, $0.value) },
      isHistogram: false
    ).text
    let value = value * scale
    switch type {
    case "counter": samples[series, default: 0] += value
    case "gauge": samples[series] = value
    default:
      let end = series.firstIndex(of: "{") ?? series.endIndex
      samples["\(series[..<end])_sum\(series[end...])", default: 0] += value
      samples["\(series[..<end])_count\(series[end...])", default: 0] += 1
    }
  }
}
