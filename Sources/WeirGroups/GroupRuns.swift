import WeirExposition
import WeirMetrics

/// The runs of a job, whose counters and histograms are added up.
///
/// A run is told by `process_start_time_seconds`. Its last values count, whatever comes between: runs may push
/// in any order and side by side. Those that have not pushed for longest become one sum.
struct GroupRuns: Sendable, Equatable {
  struct Run: Sendable, Equatable {
    /// When its process started; nil for all runs that do not say it.
    let start: Double?
    /// Counters and histograms.
    var families: GroupFamilies
  }

  /// The one that pushed last is last.
  var runs: [Run] = []
  /// The sum of runs that are not kept any more.
  var folded: GroupFamilies = [:]
  /// Their starts, the latest last.
  var foldedStarts: [Double] = []

  /// Runs that are kept. More at the same time would be told apart wrongly.
  static let runsMax = 16
  /// Starts that are known of runs that are not kept any more.
  static let foldedStartsMax = 1_024

  private static let startName = Array("process_start_time_seconds".utf8)

  var bytes: Int {
    runs.reduce(folded.bytes + 8 * foldedStarts.count) { $0 + $1.families.bytes }
  }

  /// - Throws: If the run became a part of the sum.
  mutating func put(
    _ pushed: [PushedFamily], replaces: Bool
  ) throws(PushedBodyMistake) {
    let start = GroupRuns.start(of: pushed)
    if let start, foldedStarts.contains(start) {
      throw PushedBodyMistake(
        isMalformed: false,
        sentence:
          "this run has not pushed for so long that \(GroupRuns.runsMax) others came after it, "
          + "so that it can't be added up any more")
    }
    let place = runs.firstIndex { $0.start == start }
    var run = place.map { runs.remove(at: $0) } ?? Run(start: start, families: [:])
    if replaces { run.families = [:] }
    for family in pushed where family.type.isAddedUp { run.families[family.name] = family }
    runs.append(run)
    guard runs.count > GroupRuns.runsMax else { return }
    let first = runs.removeFirst()
    try GroupRuns.add(first.families, to: &folded)
    // Without a start it is not known who pushed.
    if let start = first.start { foldedStarts.append(start) }
    foldedStarts.removeFirst(max(0, foldedStarts.count - GroupRuns.foldedStartsMax))
  }

  /// The sum of all runs.
  ///
  /// - Complexity: O(series of all runs).
  func totals() throws(PushedBodyMistake) -> GroupFamilies {
    var totals = folded
    for run in runs { try GroupRuns.add(run.families, to: &totals) }
    return totals
  }

  private static func start(of pushed: [PushedFamily]) -> Double? {
    guard let family = pushed.first(where: { $0.name == startName }),
      case .number(let start)? = family.series.first?.value, start.isFinite
    else { return nil }
    return start
  }

  private static func add(
    _ families: GroupFamilies, to totals: inout GroupFamilies
  ) throws(PushedBodyMistake) {
    for (name, family) in families {
      guard var total = totals[name] else {
        totals[name] = family
        continue
      }
      guard total.type == family.type else { throw typeClash(name) }
      if !family.help.isEmpty { total.help = family.help }
      var places: [[UInt8]: Int] = [:]
      for (index, series) in total.series.enumerated() { places[series.spelling] = index }
      for series in family.series {
        if let place = places[series.spelling] {
          try total.series[place].value.add(series.value, name)
        } else {
          total.series.append(series)
        }
      }
      totals[name] = total
    }
  }

  static func typeClash(_ name: [UInt8]) -> PushedBodyMistake {
    PushedBodyMistake(
      isMalformed: false,
      sentence:
        "\(String(decoding: name, as: UTF8.self)) had another type in an earlier run of this "
        + "group; delete the group first")
  }
}

extension ExposedType {
  /// Whether the runs of a job are added up.
  var isAddedUp: Bool { self == .counter || self == .histogram }
}

extension PushedValue {
  fileprivate mutating func add(
    _ other: PushedValue, _ name: [UInt8]
  ) throws(PushedBodyMistake) {
    switch (self, other) {
    case (.number(let value), .number(let more)): self = .number(value + more)
    case (.histogram(var histogram), .histogram(let more)):
      guard histogram.bounds == more.bounds else {
        throw PushedBodyMistake(
          isMalformed: false,
          sentence: "the histogram \(String(decoding: name, as: UTF8.self)) had other bounds in an "
            + "earlier run of this group; delete the group first")
      }
      for index in histogram.buckets.indices { histogram.buckets[index] += more.buckets[index] }
      histogram.sum += more.sum
      self = .histogram(histogram)
    default: throw GroupRuns.typeClash(name)
    }
  }
}
