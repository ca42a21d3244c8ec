/// Collects the entries of a map as Go's yaml.v2 does.
///
/// Keys count in the order of the file, merge keys (`<<`) included: a later value replaces an earlier
/// one. Two maps under one key are combined, except in the root, where yaml.v2 decodes each on its own.
struct YAMLMapBuilder {
  private(set) var entries: [YAMLNode.Entry] = []
  private(set) var remarks: [YAMLDocument.Remark] = []
  /// Values that combining has visited, to bound its work.
  private(set) var visited = 0
  private var places: [String: Int] = [:]
  /// Keys that came by a merge.
  private var merged: Set<String> = []
  private let combines: Bool

  init(isRoot: Bool) { combines = !isRoot }

  /// Adds a key with its value.
  mutating func add(_ entry: YAMLNode.Entry) {
    if let place = places[entry.key], !merged.contains(entry.key) {
      let earlier = entries[place]
      let both = isMap(earlier.value) && isMap(entry.value) && combines
      remarks.append(
        YAMLDocument.Remark(
          line: entry.keyLine,
          sentence: "\(entry.key.quoted) is given twice, first on line \(earlier.keyLine), and "
            + (both ? "both count" : "the later one counts") + "; leave one of them out"))
    }
    merged.remove(entry.key)
    set(entry)
  }

  /// Adds what a merge key brings in: the entries of a map, or of a list of maps, of which the first
  /// counts most.
  ///
  /// - Returns: Whether `value` is such.
  mutating func merge(_ value: YAMLNode, line: Int) -> Bool {
    switch value.content {
    case .map(let entries):
      for entry in entries {
        if let place = places[entry.key], !merged.contains(entry.key),
          !isMap(entry.value) || !combines
        {
          let own = self.entries[place]
          remarks.append(
            YAMLDocument.Remark(
              line: own.keyLine,
              sentence:
                "\(entry.key.quoted) is replaced by the one that << on line \(line) brings in; "
                + "put << before it"))
        }
        if places[entry.key] == nil { merged.insert(entry.key) }
        set(entry)
      }
      return true
    case .list(let items):
      return items.reversed().allSatisfy { isMap($0) && merge($0, line: line) }
    case .scalar: return false
    }
  }

  private mutating func set(_ entry: YAMLNode.Entry) {
    visited += 1
    guard let place = places[entry.key] else {
      places[entry.key] = entries.count
      entries.append(entry)
      return
    }
    let earlier = entries[place]
    guard combines, case .map(let old) = earlier.value.content,
      case .map(let new) = entry.value.content
    else {
      entries[place] = entry
      return
    }
    var both = YAMLMapBuilder(isRoot: false)
    for part in old + new { both.set(part) }
    visited += both.visited
    entries[place] = YAMLNode.Entry(
      key: entry.key, keyLine: entry.keyLine,
      value: YAMLNode(content: .map(both.entries), line: entry.value.line))
  }

  private func isMap(_ node: YAMLNode) -> Bool {
    if case .map = node.content { true } else { false }
  }
}
