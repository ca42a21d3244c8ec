import TestSupport
import WeirMetrics
import WeirWire

/// Tags in their four styles as the documentation tells it.
struct NaiveTags {
  var styles: TagStyles

  private var marks: [(mark: Unicode.Scalar, style: TagStyles)] {
    [(",", TagStyles.influxDB), ("#", .librato), ("[", .signalFx)]
      .filter { styles.contains($0.style) }
  }

  /// - Parameters:
  ///   - name: With the tags that its dialect puts there.
  ///   - field: What stands behind `|#`.
  func read(
    _ name: String, field: String?, kind: MetricKind, _ faults: inout Set<Refusal>
  ) -> NaiveSpelling {
    let tags = styles.contains(.dogStatsD) ? field : nil
    var plain = name
    var pairs: [(name: String, value: String)?] = []
    let first = name.unicodeScalars.first { scalar in marks.contains { $0.mark == scalar } }
    if let first, let (before, behind) = cut(name, at: first) {
      if let tags, !tags.isEmpty { faults.insert(.mixedTagStyles) }
      (plain, pairs) = read(first, before, behind, &faults)
    } else if let tags, !tags.isEmpty {
      pairs = split(tags, on: ",").map { tag in
        cut(begins(tag, "#") ? String(tag.unicodeScalars.dropFirst()) : tag, at: ":")
      }
    }
    if styles.contains(.signalFx), contains(first == "[" ? plainBefore(name) : name, "]") {
      faults.insert(.unclosedTags)
      if first != nil || tags?.isEmpty == false { faults.insert(.mixedTagStyles) }
    }
    let spelling = NaiveSpelling(name: plain, tags: pairs, isHistogram: kind == .histogram)
    if spelling.text.isEmpty || plain.isEmpty { faults.insert(.emptyName) }
    return spelling
  }

  private func plainBefore(_ name: String) -> String { cut(name, at: "[")?.0 ?? name }

  private func read(
    _ mark: Unicode.Scalar, _ before: String, _ behind: String, _ faults: inout Set<Refusal>
  ) -> (String, [(name: String, value: String)?]) {
    // A comma separates tags in all three styles; any other mark behind the first is another style's.
    let others = marks.map(\.mark).filter { $0 != mark }
    var name = before
    var list = behind
    if mark == "[" {
      guard let (inside, after) = cut(behind, at: "]") else {
        faults.insert(.unclosedTags)
        if others.contains(where: { $0 != "," && contains(behind, $0) }) {
          faults.insert(.mixedTagStyles)
        }
        return (name, [])
      }
      if contains(inside, "[") || contains(after, "[") || contains(after, "]") {
        faults.insert(.unclosedTags)
      }
      if others.contains(where: { contains(after, $0) }) { faults.insert(.mixedTagStyles) }
      name += after
      list = inside
    }
    if others.contains(where: { $0 != "," && contains(list, $0) }) {
      faults.insert(.mixedTagStyles)
    }
    return (name, split(list, on: ",").map { cut($0, at: "=") })
  }
}
