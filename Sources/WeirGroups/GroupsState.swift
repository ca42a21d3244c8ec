import WeirExposition
import WeirMetrics

/// All groups, and what they show by name. Everything here is guarded by the lock of `PushedGroups`.
struct GroupsState: Sendable {
  /// The families of one name.
  private struct Shown: Sendable {
    let type: ExposedType
    /// The last one that is not empty.
    var help: String
    /// Groups that have it, by number.
    var groups: Set<Int> = []
    /// All series, sorted; nil if they have changed.
    var merged: PushedFamily?
  }

  private var groups: [Int: PushedGroup] = [:]
  private var numbers: [GroupKey: Int] = [:]
  private var nextNumber = 0
  private var shown: [[UInt8]: Shown] = [:]
  /// Which group has a series.
  private var owners: [[UInt8]: Int] = [:]
  private(set) var totals = GroupTotals()
  /// Nil if it has changed.
  private var lastPage: GroupPage?
  /// Keys of groups that have changed, or are gone; nil until somebody asks for them, so that they do not
  /// gather where there is no state.
  private var changed: Set<GroupKey>?

  private let limits: GroupLimits
  private let names: PushedGroups.Names

  init(_ limits: GroupLimits, _ names: @escaping PushedGroups.Names) {
    self.limits = limits
    self.names = names
  }

  mutating func push(
    _ pushed: [PushedFamily], to key: GroupKey, replaces: Bool, at seconds: Double
  ) throws(PushedBodyMistake) {
    var group = numbers[key].flatMap { groups[$0] } ?? PushedGroup(key)
    // Its times are its own.
    let pushed = pushed.filter { !PushedGroup.timeNames.contains($0.name) }
    for family in pushed {
      let own = family.type == .histogram ? "le" : family.type == .summary ? "quantile" : ""
      if key.has(own) {
        throw GroupsState.refusal(
          "a \(family.type.word) can't have the label \(own), which is in the group's key")
      }
    }
    try group.put(pushed, replaces: replaces, addsUp: limits.addsUp)
    group.pushSeconds = seconds
    try replace(by: group)
  }

  /// Notes that a push was refused. If there is no room for the group, that is not noted.
  mutating func noteFailure(of key: GroupKey, at seconds: Double) {
    var group = numbers[key].flatMap { groups[$0] } ?? PushedGroup(key)
    group.failureSeconds = seconds
    try? replace(by: group)
  }

  mutating func delete(_ key: GroupKey) {
    guard let number = numbers[key], let group = groups[number] else { return }
    remove(group, number)
    _ = names(unused(of: group.allFamilies), [])
  }

  /// Removes groups that were not pushed to for their lifetime.
  mutating func removeExpired(at seconds: Double) {
    guard limits.lifetimeSeconds > 0 else { return }
    let deadline = seconds - Double(limits.lifetimeSeconds)
    let expired = groups.values.filter { max($0.pushSeconds, $0.failureSeconds) < deadline }
    for group in expired { delete(group.key) }
  }

  mutating func restore(_ group: PushedGroup) -> Bool {
    var group = group
    if !limits.addsUp { group.runs = nil }
    return (try? replace(by: group)) != nil
  }

  // One group in place of another.

  /// - Throws: If what there would be can't be shown or exceeds a limit. Then nothing has changed.
  private mutating func replace(by group: PushedGroup) throws(PushedBodyMistake) {
    let number = numbers[group.key] ?? nextNumber
    let before = groups[number]
    try checkLimits(group, before)
    let families = group.allFamilies
    try checkOwners(families, number)
    var released: [[UInt8]] = []
    var taken: [GroupName] = []
    for family in families {
      guard let known = shown[family.name] else {
        taken.append(GroupName(family.name, family.type.familyType))
        continue
      }
      if known.type == family.type { continue }
      guard known.groups == [number] else { throw typeClash(family, known.type) }
      released.append(family.name)
      taken.append(GroupName(family.name, family.type.familyType))
    }
    let names = Set(families.map(\.name))
    for family in before?.allFamilies ?? []
    where !names.contains(family.name) && shown[family.name]?.groups == [number] {
      released.append(family.name)
    }
    if !released.isEmpty || !taken.isEmpty, let sentence = self.names(released, taken) {
      throw GroupsState.refusal(sentence)
    }
    if let before { remove(before, number) }
    insert(group, families, number)
  }

  private func checkLimits(
    _ group: PushedGroup, _ before: PushedGroup?
  ) throws(PushedBodyMistake) {
    let series = totals.series - (before?.seriesCount ?? 0) + group.seriesCount
    let bytes = totals.bytes - (before?.bytes ?? 0) + group.bytes
    let isNew = before == nil
    if isNew, totals.groups >= limits.groupsMax {
      throw GroupsState.refusal(
        "there are as many groups as --limit.pushgateway-groups allows, \(limits.groupsMax); "
          + "delete some first")
    }
    // What does not grow is taken even if there is too much.
    if series > limits.seriesMax, group.seriesCount > before?.seriesCount ?? 0 {
      throw GroupsState.refusal(
        "all groups would have more series than --limit.pushgateway-series allows, "
          + "\(limits.seriesMax); delete some first")
    }
    if bytes > limits.bytesMax, group.bytes > before?.bytes ?? 0 {
      throw GroupsState.refusal(
        "all groups would have more bytes than --limit.pushgateway-bytes allows, "
          + "\(limits.bytesMax); delete some first")
    }
  }

  private func checkOwners(
    _ families: [PushedFamily], _ number: Int
  ) throws(PushedBodyMistake) {
    for family in families {
      for series in family.series {
        guard let owner = owners[series.spelling], owner != number else { continue }
        let other = groups[owner]?.key.text ?? ""
        throw GroupsState.refusal(
          "the group \(other) has the series \(String(decoding: series.spelling, as: UTF8.self)) already"
        )
      }
    }
  }

  private func typeClash(_ family: PushedFamily, _ known: ExposedType) -> PushedBodyMistake {
    GroupsState.refusal(
      "\(String(decoding: family.name, as: UTF8.self)) has the type \(family.type.word) here, and \(known.word) "
        + "in another group")
  }

  static func refusal(_ sentence: String) -> PushedBodyMistake {
    PushedBodyMistake(isMalformed: false, sentence: sentence)
  }

  private mutating func insert(
    _ group: PushedGroup, _ families: [PushedFamily], _ number: Int
  ) {
    nextNumber = max(nextNumber, number + 1)
    numbers[group.key] = number
    groups[number] = group
    changed?.insert(group.key)
    totals.groups += 1
    totals.series += group.seriesCount
    totals.bytes += group.bytes
    for family in families {
      for series in family.series { owners[series.spelling] = number }
      var names = shown[family.name] ?? Shown(type: family.type, help: family.help)
      if !family.help.isEmpty { names.help = family.help }
      names.groups.insert(number)
      names.merged = nil
      shown[family.name] = names
    }
    lastPage = nil
  }

  /// Removes a group, and keeps its names for the one that takes its place.
  private mutating func remove(_ group: PushedGroup, _ number: Int) {
    groups[number] = nil
    numbers[group.key] = nil
    changed?.insert(group.key)
    totals.groups -= 1
    totals.series -= group.seriesCount
    totals.bytes -= group.bytes
    for family in group.allFamilies {
      for series in family.series { owners[series.spelling] = nil }
      shown[family.name]?.groups.remove(number)
      shown[family.name]?.merged = nil
      if shown[family.name]?.groups.isEmpty ?? false { shown[family.name] = nil }
    }
    lastPage = nil
  }

  /// The names that no group has any more.
  private func unused(of families: [PushedFamily]) -> [[UInt8]] {
    families.map(\.name).filter { shown[$0] == nil }
  }

  // What is shown.

  mutating func page() -> GroupPage {
    if let lastPage { return lastPage }
    for name in shown.keys where shown[name]?.merged == nil { merge(name) }
    let families = shown.values.compactMap(\.merged)
      .sorted { $0.name.lexicographicallyPrecedes($1.name) }
    let page = GroupPage(families)
    lastPage = page
    return page
  }

  private mutating func merge(_ name: [UInt8]) {
    guard let known = shown[name] else { return }
    var series: [PushedSeries] = []
    for number in known.groups {
      guard let group = groups[number] else { continue }
      if let family = group.families[name] {
        series += family.series
      } else {
        series += group.times.filter { $0.name == name }.flatMap(\.series)
      }
    }
    series.sort { $0.spelling.lexicographicallyPrecedes($1.spelling) }
    shown[name]?.merged = PushedFamily(name, help: known.help, type: known.type, series: series)
  }

  // The state file.

  var all: Dictionary<Int, PushedGroup>.Values { groups.values }

  mutating func markAll() { changed = (changed ?? []).union(numbers.keys) }

  /// The keys of groups that have changed, with the group, or nil if it is gone.
  mutating func takeChanged() -> [(GroupKey, PushedGroup?)] {
    guard let changed else { return [] }
    self.changed = []
    return changed.map { key in (key, numbers[key].flatMap { groups[$0] }) }
  }
}

extension PushedGroup {
  /// With its two times.
  var allFamilies: [PushedFamily] { Array(families.values) + times }
}
