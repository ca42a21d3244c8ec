import WeirMetrics

/// A class that has a number.
struct NumberedClass: Sendable {
  let id: ClassID
  /// Never reused, unlike `id`.
  let serial: UInt64
  let seriesClass: SeriesClass
}

/// The classes in use, each with its number: the classes of all current names, and for each kind
/// the class of names without a rule.
struct SeriesClasses {
  var rules: SeriesRules
  private var numbers: [SeriesClass: ClassID] = [:]
  /// By number; nil if a number is free.
  private var entries: [Entry?] = []
  /// Numbers below `entries.count` that are free.
  private var free: [Int] = []
  /// Names that got another class because there were already `ClassID.countMax` classes.
  private(set) var namesWithoutOwnClass: UInt64 = 0

  /// Of the last class that was added.
  private var serial: UInt64 = 0

  private struct Entry {
    let numbered: NumberedClass
    /// The number of names of this class, plus one if it is kept without names.
    var names: Int
  }

  init(_ rules: SeriesRules) {
    self.rules = rules
    for kind in MetricKind.allCases { _ = take(SeriesClasses.fallback(kind)) }
  }

  /// Classes in use.
  var count: Int { numbers.count }

  /// The class with a number; nil if it is free.
  func find(_ classID: ClassID) -> NumberedClass? {
    classID.index < entries.count ? entries[classID.index]?.numbered : nil
  }

  /// - Precondition: a name has the class.
  subscript(classID: ClassID) -> NumberedClass {
    guard let found = find(classID) else { preconditionFailure("no name has the class") }
    return found
  }

  /// Gives a new name its class.
  ///
  /// - Parameters:
  ///   - name: As it is spelled.
  ///   - pushed: The bounds that a client gave; nil for none.
  /// - Complexity: O(rules).
  mutating func take(
    for name: [UInt8], _ kind: MetricKind, pushed: HistogramBounds?
  ) -> ClassID {
    let name = SpelledName.raw(name)
    if let own = take(rules.seriesClass(of: kind, named: name, pushed: pushed)) { return own }
    namesWithoutOwnClass += 1
    if pushed != nil, let other = take(rules.seriesClass(of: kind, named: name)) { return other }
    guard let last = take(SeriesClasses.fallback(kind)) else {
      preconditionFailure("it is there from the start")
    }
    return last
  }

  /// Notes that a name is gone. With the last name of a class its number becomes free.
  ///
  /// - Precondition: no series of the name is left.
  mutating func release(_ classID: ClassID) {
    guard var entry = entries[classID.index] else { preconditionFailure("no name has the class") }
    entry.names -= 1
    if entry.names == 0 {
      numbers[entry.numbered.seriesClass] = nil
      entries[classID.index] = nil
      free.append(classID.index)
    } else {
      entries[classID.index] = entry
    }
  }

  /// The number of a class, which counts one more name; nil if there are too many classes.
  private mutating func take(_ seriesClass: SeriesClass) -> ClassID? {
    if let known = numbers[seriesClass] {
      entries[known.index]?.names += 1
      return known
    }
    guard numbers.count < ClassID.countMax else { return nil }
    let index = free.popLast() ?? entries.count
    if index == entries.count { entries.append(nil) }
    let classID = ClassID(index)
    serial += 1
    entries[index] = Entry(
      numbered: NumberedClass(id: classID, serial: serial, seriesClass: seriesClass), names: 1)
    numbers[seriesClass] = classID
    return classID
  }

  /// The class of a name when there is no room for another class.
  private static func fallback(_ kind: MetricKind) -> SeriesClass { SeriesClass(kind) }
}
