import WeirBytes
import WeirMetrics

/// The regular expressions of a file, in its order: finds the first that matches a name.
///
/// Each search of an expression costs about 150 ns, whether it finds something or not. So the
/// expressions are first narrowed to those whose required texts the name contains (`ExpressionFilter`).
struct ExpressionList: Sendable {
  struct Entry: Sendable {
    let rule: Int
    let kind: MetricKind?
    let expression: RegularExpression
    /// The greatest group that the rule's templates refer to; nil if they refer to none, not even to 0.
    let groupsWanted: Int?
  }

  /// What was found first.
  struct Match {
    let rule: Int
    let groups: [Range<Int>?]
  }

  private let entries: [Entry]
  private let filter: (expressions: ExpressionFilter, atoms: LiteralSearch)?
  /// The numbers of the expressions that the filter may wrongly leave out for a name outside of ASCII,
  /// ascending.
  private let notPlain: [Int32]

  /// With fewer expressions, the filter costs more than it saves.
  static let filteredMin = 6

  /// - Parameter entries: In the file's order.
  init(_ entries: [Entry], isFiltered: Bool = true) {
    self.entries = entries
    notPlain = entries.indices.filter {
      !GoSyntax.requiresPlainASCII(entries[$0].expression.pattern)
    }.map(Int32.init)
    guard isFiltered, entries.count >= Self.filteredMin,
      let expressions = ExpressionFilter(entries.map(\.expression)),
      let atoms = LiteralSearch(expressions.atoms)
    else {
      filter = nil
      return
    }
    filter = (expressions, atoms)
  }

  var isEmpty: Bool { entries.isEmpty }

  /// The first expression that matches a name and whose rule is for its kind.
  ///
  /// - Complexity: O(expressions · name) at worst.
  func firstMatch(in name: Span<UInt8>, kind: MetricKind) -> Match? {
    if entries.isEmpty { return nil }
    guard let filter,
      let candidates = filter.expressions.candidates(filter.atoms.found(in: name))
    else {
      for entry in entries {
        if let match = match(entry, name, kind) { return match }
      }
      return nil
    }
    for candidate in name.isASCII(from: 0, to: name.count) ? candidates : withNotPlain(candidates) {
      if let match = match(entries[Int(candidate)], name, kind) { return match }
    }
    return nil
  }

  /// The candidates and those that are not plain, ascending.
  ///
  /// The filter's texts are in lower case. `LiteralSearch` knows that of ASCII letters only, and some
  /// letters outside of ASCII have one within it.
  private func withNotPlain(_ candidates: [Int32]) -> [Int32] {
    notPlain.isEmpty ? candidates : Set(candidates).union(notPlain).sorted()
  }

  private func match(_ entry: Entry, _ name: Span<UInt8>, _ kind: MetricKind) -> Match? {
    guard entry.kind == nil || entry.kind == kind else { return nil }
    guard let wanted = entry.groupsWanted else {
      return entry.expression.matches(name) ? Match(rule: entry.rule, groups: []) : nil
    }
    return entry.expression.match(name, groupsWanted: wanted).map {
      Match(rule: entry.rule, groups: $0)
    }
  }
}
