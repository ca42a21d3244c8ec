// Safety: RE2's objects are made in `init`, do not change afterwards, and are freed in `deinit`. RE2
// allows several threads to search with one object. It is stored as a number because a pointer is not
// Sendable. Texts and arrays are lent to C for one call, each with its size, and what C returns is
// copied before the call's end or belongs to the object.

import CRE2

/// A regular expression in Go's syntax, matched by RE2: in time linear in the text, whatever the
/// expression.
///
/// An expression is compiled as UTF-8. A dot matches one scalar. As in Go, each byte of a text that is not
/// well-formed UTF-8 counts as the scalar U+FFFD.
package final class RegularExpression: Sendable {
  /// The expression as it was written.
  package let pattern: String
  /// The number of groups, without the whole match.
  package let groups: Int
  /// The numbers of the groups that have a name.
  package let groupsByName: [String: Int]
  private let address: UInt

  /// Bytes that an expression may take, together with the states that its searches add.
  static let memoryBytes: Int64 = 1 << 20
  /// Bytes for expressions that do not fit in `memoryBytes`, such as `\pL{60}`.
  static let memoryBytesMax: Int64 = 16 << 20
  /// A group beyond this is never asked for.
  private static let groupsMax = 1_000

  /// - Throws: `ExpressionError`, why the pattern is refused.
  package init(_ pattern: String) throws(ExpressionError) {
    self.pattern = pattern
    let spelling = try GoSyntax.spelledForRE2(pattern)
    let raw = try unsafe Self.compile(spelling)
    address = UInt(bitPattern: raw)
    groups = unsafe Int(weir_re2_groups(raw))
    var names: [String: Int] = [:]
    var repeated: String?
    for group in 1..<(1 + min(groups, Self.groupsMax)) {
      guard let name = unsafe weir_re2_group_name(raw, Int32(group)) else { continue }
      let text = unsafe String(cString: name)
      if names.updateValue(group, forKey: text) != nil { repeated = text }
    }
    groupsByName = names
    // RE2 accepts it, Go does not.
    if let repeated { throw ExpressionError("duplicate capture group name: \(repeated)") }
  }

  deinit { unsafe weir_re2_delete(raw) }

  private var raw: OpaquePointer? { unsafe OpaquePointer(bitPattern: address) }

  private static func compile(_ spelling: String) throws(ExpressionError) -> OpaquePointer {
    var reason = [CChar](repeating: 0, count: 256)
    for memory in [memoryBytes, memoryBytesMax] {
      let length = spelling.utf8.count
      if let made = unsafe weir_re2_new(spelling, length, memory, &reason, reason.count) {
        return unsafe made
      }
      let bytes = reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      let text = String(decoding: bytes, as: UTF8.self)
      guard text.hasPrefix("pattern too large"), memory < memoryBytesMax else {
        throw ExpressionError(text.isEmpty ? "there is no memory left" : text)
      }
    }
    throw ExpressionError("it is too large")
  }

  /// Whether a name has a match.
  package func matches(_ name: Span<UInt8>) -> Bool {
    var none: [Int] = []
    guard let repaired = RepairedText(name) else { return found(name, &none) }
    return found(repaired.bytes.span, &none)
  }

  /// The ranges of the whole match and of the groups up to `groupsWanted` in a name; nil if it has no
  /// match. The range of a group that took no part is nil.
  package func match(_ name: Span<UInt8>, groupsWanted: Int) -> [Range<Int>?]? {
    // Most names have no match, which RE2 finds sooner if no group is asked for.
    guard matches(name) else { return nil }
    let count = 1 + min(groupsWanted, groups, Self.groupsMax)
    var ends = [Int](repeating: -1, count: 2 * count)
    let repaired = RepairedText(name)
    guard repaired.map({ found($0.bytes.span, &ends) }) ?? found(name, &ends) else { return nil }
    return (0..<count).map { group in
      guard ends[2 * group] >= 0 else { return nil }
      let range = ends[2 * group]..<ends[2 * group + 1]
      return repaired?.original(range) ?? range
    }
  }

  /// Searches a text, and fills `ends` with the starts and ends of as many groups as it has room for.
  private func found(_ text: Span<UInt8>, _ ends: inout [Int]) -> Bool {
    let groups = Int32(ends.count / 2)
    return unsafe text.withUnsafeBufferPointer { bytes in
      let start = unsafe UnsafeRawPointer(bytes.baseAddress)?.assumingMemoryBound(to: CChar.self)
      return unsafe weir_re2_match(raw, start, bytes.count, &ends, groups) == 1
    }
  }
}

/// Why an expression is refused, as RE2 says it, such as `missing ): (a`.
package struct ExpressionError: Error, Equatable, CustomStringConvertible {
  package let description: String

  init(_ description: String) { self.description = description }
}

/// Which of many expressions may match, found by short texts that each of them requires.
///
/// RE2 finds the texts (`FilteredRE2`). It searches nothing here: `LiteralSearch` finds them in a name.
final class ExpressionFilter: Sendable {
  /// The texts, in lower case.
  let atoms: [[UInt8]]
  private let address: UInt
  private let count: Int

  /// Bytes of the shortest text: shorter ones are found in most names.
  private static let atomBytesMin: Int32 = 2

  /// Nil if RE2 makes no filter of these patterns.
  init?(_ patterns: [RegularExpression]) {
    guard !patterns.isEmpty, let raw = unsafe weir_re2_filter_new(Self.atomBytesMin) else {
      return nil
    }
    var atoms: [[UInt8]] = []
    var isComplete = true
    for (index, pattern) in patterns.enumerated() {
      let spelling = (try? GoSyntax.spelledForRE2(pattern.pattern)) ?? pattern.pattern
      let number = unsafe weir_re2_filter_add(
        raw, spelling, spelling.utf8.count, RegularExpression.memoryBytesMax)
      isComplete = isComplete && number == index
    }
    let count = isComplete ? unsafe weir_re2_filter_compile(raw) : -1
    for atom in 0..<max(0, count) {
      var length = 0
      let start = unsafe UnsafeRawPointer(weir_re2_filter_atom(raw, atom, &length))
      atoms.append(unsafe Array(UnsafeRawBufferPointer(start: start, count: length)))
    }
    self.atoms = atoms
    self.count = patterns.count
    address = UInt(bitPattern: raw)
    // From here `deinit` frees it.
    guard count >= 0 else { return nil }
  }

  deinit { unsafe weir_re2_filter_delete(raw) }

  private var raw: OpaquePointer? { unsafe OpaquePointer(bitPattern: address) }

  /// The numbers of the expressions that may match a text in which `atoms` were found, ascending; nil if
  /// memory is short.
  func candidates(_ atoms: [Int32]) -> [Int32]? {
    var found = [Int32](repeating: 0, count: count)
    let number = unsafe weir_re2_filter_candidates(
      raw, atoms, Int32(atoms.count), &found, Int32(count))
    guard number >= 0 else { return nil }
    found.removeLast(count - min(count, Int(number)))
    return found
  }
}
