import WeirMetrics

/// A class that has a number.
struct NumberedClass: Sendable {
  let id: ClassID
  /// Never reused, unlike `id`.
  let serial: UInt64
  let seriesClass: SeriesClass
  /// Whether its bounds are a client's, and not those of the rules.
  var isPushed = false
}

/// The classes in use, each with its number: the classes of all current names, and for each kind
/// the class of names without a rule.
///
/// The bounds of clients make at most `pushedMax` classes, so that there is always room for the classes that
/// flags describe. Mapping rules may describe more than there is room for.
struct SeriesClasses {
  /// Classes that may exist only because of clients' bounds.
  private var pushedMax: Int { max(0, min(500, ClassID.countMax - rules.classCountMax)) }

  private(set) var rules: SeriesRules
  /// Names whose bounds are a client's have classes of their own, so that a restart can tell them
  /// from names with the same bounds by a rule that has changed.
  private var numbers: [Description: ClassID] = [:]
  /// By number; nil where a number is free.
  private var entries: [Entry?] = []
  /// Numbers below `entries.count` that are free.
  private var free: [Int] = []
  /// By kind the class of names without a rule, which is kept without names.
  private var defaults: [ClassID] = []
  private var pushedCount = 0
  /// Names that got another class because there were too many classes.
  private(set) var namesWithoutOwnClass: UInt64 = 0

  /// Of the last class that was added.
  private var serial: UInt64 = 0

  private struct Description: Hashable {
    let seriesClass: SeriesClass
    let isPushed: Bool
  }

  private struct Entry {
    let numbered: NumberedClass
    /// The number of names of this class, plus one if it is kept without names.
    var names: Int
  }

  /// The class of a new name.
  struct Choice {
    let classID: ClassID
    /// Whether it is the class that rules and the client's bounds describe.
    let isOwn: Bool
  }

  init(_ rules: SeriesRules) {
    self.rules = rules
    for kind in MetricKind.allCases {
      guard let first = take(rules.defaultClass(of: kind), isPushed: false) else {
        preconditionFailure("there is room for the first classes")
      }
      defaults.append(first)
    }
  }

  /// Replaces the rules, for names that are new from now on.
  mutating func use(_ rules: SeriesRules) {
    self.rules = rules
    for kind in MetricKind.allCases {
      guard let next = take(rules.defaultClass(of: kind), isPushed: false) else { continue }
      release(defaults[kind.index])
      defaults[kind.index] = next
    }
  }

  /// Classes in use.
  var count: Int { numbers.count }

  /// The class with a number; nil where it is free.
  func find(_ classID: ClassID) -> NumberedClass? {
    classID.index < entries.count ? entries[classID.index]?.numbered : nil
  }

  /// The class of names without a rule.
  func defaultClass(of kind: MetricKind) -> NumberedClass { self[defaults[kind.index]] }

  /// - Precondition: a name has the class.
  subscript(classID: ClassID) -> NumberedClass {
    guard let found = find(classID) else { preconditionFailure("no name has the class") }
    return found
  }

  /// Gives a new name its class.
  ///
  /// - Parameters:
  ///   - name: As it is spelled.
  ///   - asked: What a client or a mapping rule asks for.
  /// - Complexity: O(rules).
  mutating func take(
    for name: [UInt8], _ kind: MetricKind, asked: AskedClass = .nothing
  ) -> Choice {
    let name = SpelledName.raw(name)
    let plain = rules.seriesClass(of: kind, named: name)
    let wanted =
      asked == .nothing ? plain : rules.seriesClass(of: kind, named: name, asked: asked)
    let isPushed = if case .bounds = asked { wanted != plain } else { false }
    if let own = take(wanted, isPushed: isPushed) {
      return Choice(classID: own, isOwn: true)
    }
    if wanted != plain, let other = take(plain, isPushed: false) {
      return Choice(classID: other, isOwn: false)
    }
    let last = defaults[kind.index]
    entries[last.index]?.names += 1
    return Choice(classID: last, isOwn: false)
  }

  /// Counts a name that got another class than its own.
  mutating func countNameWithoutOwnClass() { namesWithoutOwnClass += 1 }

  /// Notes that a name is gone, and with the last name of a class the class.
  ///
  /// - Precondition: there is no series of the name left.
  mutating func release(_ classID: ClassID) {
    guard var entry = entries[classID.index] else { preconditionFailure("no name has the class") }
    entry.names -= 1
    guard entry.names == 0 else {
      entries[classID.index] = entry
      return
    }
    let numbered = entry.numbered
    numbers[Description(seriesClass: numbered.seriesClass, isPushed: numbered.isPushed)] = nil
    entries[classID.index] = nil
    free.append(classID.index)
    if numbered.isPushed { pushedCount -= 1 }
  }

  /// The number of a class for one more name; nil where there are too many classes.
  private mutating func take(_ seriesClass: SeriesClass, isPushed: Bool) -> ClassID? {
    let described = Description(seriesClass: seriesClass, isPushed: isPushed)
    if let known = numbers[described] {
      entries[known.index]?.names += 1
      return known
    }
    guard numbers.count < ClassID.countMax, !isPushed || pushedCount < pushedMax
    else { return nil }
    let index = free.popLast() ?? entries.count
    if index == entries.count { entries.append(nil) }
    let classID = ClassID(index)
    serial += 1
    entries[index] = Entry(
      numbered: NumberedClass(
        id: classID, serial: serial, seriesClass: seriesClass, isPushed: isPushed),
      names: 1)
    numbers[described] = classID
    if isPushed { pushedCount += 1 }
    return classID
  }
}
