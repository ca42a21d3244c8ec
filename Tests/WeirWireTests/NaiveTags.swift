import TestSupport
import WeirMetrics
import WeirWire

/// Tags in their five styles as documented.
struct NaiveTags {
  let options: StatsDOptions

  init(_ options: StatsDOptions) { self.options = options }

  /// Tags within a name.
  struct Found {
    let mark: Unicode.Scalar
    /// The text before the mark, and the text after it.
    let before: String
    let after: String
    /// Whether no key comes after the mark.
    let isEmpty: Bool
  }

  private var marks: [Unicode.Scalar] {
    let all: [(Unicode.Scalar, TagStyles)] = [
      (",", .influxDB), ("#", .librato), ("[", .signalFx), (";", .graphite),
    ]
    return all.filter { options.tagStyles.contains($0.1) }.map(\.0)
  }

  private func separator(_ mark: Unicode.Scalar) -> Unicode.Scalar { mark == ";" ? ";" : "," }

  /// The first mark of a name that begins tags.
  func find(in name: String) -> Found? {
    let scalars = Array(name.unicodeScalars)
    for (index, mark) in scalars.enumerated() where marks.contains(mark) {
      let rest = scalars[(index + 1)...]
      let list = rest.drop { $0 == separator(mark) }
      let text = list.prefix { !ends($0, mark) }
      let stop = list.dropFirst(text.count).first
      let isTags = stop == "="
      let isNothing = text.isEmpty && (mark == "[" ? stop == "]" : stop == nil)
      if isTags || isNothing {
        return Found(
          mark: mark, before: string(scalars[..<index]), after: string(rest), isEmpty: isNothing)
      }
    }
    return nil
  }

  /// Whether tags begin somewhere in `text` with this mark: a mark, then a key, then a `=`.
  private func begins(_ mark: Unicode.Scalar, in text: String) -> Bool {
    let scalars = Array(text.unicodeScalars)
    return scalars.indices.contains { index in
      guard scalars[index] == mark else { return false }
      let rest = scalars[(index + 1)...]
      let key = rest.prefix { !ends($0, mark) }
      return !key.isEmpty && rest.dropFirst(key.count).first == "="
    }
  }

  private func ends(_ scalar: Unicode.Scalar, _ mark: Unicode.Scalar) -> Bool {
    scalar == "=" || scalar == separator(mark) || marks.contains(scalar)
      || (mark == "[" && scalar == "]")
  }

  private func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    var text = ""
    text.unicodeScalars.append(contentsOf: scalars)
    return text
  }

  /// - Parameters:
  ///   - name: With the tags that its dialect puts there.
  ///   - field: What comes after `|#`.
  ///   - container: What comes after `|c:`.
  func read(
    _ name: String, field: String?, container: String?, kind: MetricKind,
    _ faults: inout Set<Refusal>
  ) -> NaiveSpelling {
    let tags = options.tagStyles.contains(.dogStatsD) ? field ?? "" : ""
    var plain = name
    var pairs: [(name: String, value: String)?] = []
    if let found = find(in: name) {
      if !tags.isEmpty { faults.insert(.mixedTagStyles) }
      (plain, pairs) = read(found, &faults)
    } else if !tags.isEmpty {
      pairs = split(tags, on: ",").map { tag in
        pair(WeirWireTests.begins(tag, "#") ? String(tag.unicodeScalars.dropFirst()) : tag, ":")
      }
    }
    let own = pairs.count { $0?.name.hasPrefix("dd.internal.") == true }
    pairs.removeAll { $0?.name.hasPrefix("dd.internal.") == true }
    if let label = options.containerLabel, let container { pairs.append((label, container)) }
    var spelling = NaiveSpelling(
      name: plain, tags: pairs.map { $0?.value == NaiveTags.none ? nil : $0 },
      isHistogram: kind == .histogram)
    spelling.tagsInternal = own
    if spelling.text.isEmpty || plain.isEmpty { faults.insert(.emptyName) }
    return spelling
  }

  /// Represents the value of a tag without one; no line can contain it.
  private static let none = "\n"

  private func pair(
    _ tag: String, _ separator: Unicode.Scalar
  ) -> (name: String, value: String)? {
    if let (name, value) = cut(tag, at: separator) { return (name, value) }
    return (tag, options.valuelessTags == .isTrue ? "true" : NaiveTags.none)
  }

  private func read(
    _ found: Found, _ faults: inout Set<Refusal>
  ) -> (String, [(name: String, value: String)?]) {
    var name = found.before
    var list = found.after
    if found.mark == "[" {
      guard let (inside, after) = cut(list, at: "]") else {
        faults.insert(.unclosedTags)
        return (name, [])
      }
      if contains(inside, "[") || begins("[", in: after) { faults.insert(.unclosedTags) }
      if marks.contains(where: { $0 != "[" && begins($0, in: after) }) {
        faults.insert(.mixedTagStyles)
      }
      name += after
      list = inside
    }
    let others = marks.filter { $0 != found.mark && $0 != separator(found.mark) }
    if others.contains(where: { begins($0, in: list) }) {
      faults.insert(.mixedTagStyles)
    }
    return (name, split(list, on: separator(found.mark)).map { pair($0, "=") })
  }
}
