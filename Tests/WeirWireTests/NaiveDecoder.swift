import Foundation
import TestSupport
import WeirMetrics
import WeirWire

/// The wire format as documented, with strings and arrays: slow, and easy to check.
///
/// Where a line has several faults it may be refused for any of them, so that a refusal is the set
/// of all its reasons.
struct NaiveDecoder {
  /// One value of a sample.
  struct Value: Equatable {
    /// The number; for a member of a set, zero.
    var number: Double
    var member: String? = nil
    var isRelative = false
  }

  /// A sample, or why it was refused.
  enum Part: Equatable {
    case taken(kind: MetricKind, values: [Value], weight: Double, NaiveSpelling)
    case refused(Set<Refusal>)
  }

  enum Line: Equatable {
    case nothing
    case event
    case serviceCheck
    case parts([Part])
  }

  var options = StatsDOptions()

  /// The lines of a datagram, as they stand between newlines.
  static func lines(of datagram: [UInt8]) -> [[UInt8]] {
    datagram.split(separator: 10, omittingEmptySubsequences: false).map { line in
      line.last == 13 ? Array(line.dropLast()) : Array(line)
    }
  }

  func decode(_ bytes: [UInt8]) -> Line {
    if bytes.isEmpty { return .nothing }
    guard let line = String(validating: bytes, as: UTF8.self) else {
      return .parts([.refused([.invalidUTF8])])
    }
    if line.utf8.starts(with: "_e{".utf8) { return .event }
    if line.utf8.starts(with: "_sc|".utf8) { return .serviceCheck }
    guard let (name, rest) = nameAndRest(line) else {
      return .parts([.refused([.missingValue])])
    }
    return .parts(decode(name: name, rest: rest))
  }

  /// The text before the colon between name and value, and the text after it.
  ///
  /// It is the first, but not for a name with tags: it is the first after SignalFx' bracket, and the
  /// last before the `|` for the other styles, unless the type is a set's.
  private func nameAndRest(_ line: String) -> (String, String)? {
    guard let first = cut(line, at: ":") else { return nil }
    guard let tags = NaiveTags(options).find(in: first.0), !tags.isEmpty else { return first }
    let head = first.0 + ":" + split(first.1, on: "|")[0]
    let tail = String(line.unicodeScalars.dropFirst(head.unicodeScalars.count))
    if tags.mark == "[" {
      let after = String(head.unicodeScalars.dropFirst(tags.before.unicodeScalars.count + 1))
      if let (list, rest) = cut(after, at: "]"), let (more, values) = cut(rest, at: ":") {
        return ("\(tags.before)[\(list)]\(more)", values + tail)
      }
    }
    let type = split(tail, on: "|").dropFirst().first.map(trimmed) ?? ""
    if tags.mark != "[", begins(type, "s") { return first }
    let pieces = split(head, on: ":")
    return (pieces.dropLast().joined(separator: ":"), pieces[pieces.count - 1] + tail)
  }

  private func decode(name: String, rest: String) -> [Part] {
    var faults: Set<Refusal> = name.isEmpty ? [.emptyName] : []
    let fields = split(rest, on: "|")
    let isClassic = fields.dropFirst().enumerated().contains { index, field in
      contains(field, ":") && (index == 0 || begins(field, "@") || begins(field, "T"))
    }
    guard isClassic else { return [sample(name, fields, faults)] }
    if fields.dropFirst().contains(where: { begins($0, "#") }) {
      faults.insert(.taggedMultiSample)
      return [.refused(faults)]
    }
    if !faults.isEmpty { return [.refused(faults)] }
    return split(rest, on: ":").map { sample(name, split($0, on: "|"), []) }
  }

  /// Judges `value|type|field|field…`.
  private func sample(_ name: String, _ fields: [String], _ before: Set<Refusal>) -> Part {
    var faults = before
    if fields[0].isEmpty { faults.insert(.missingValue) }
    let type = fields.count < 2 ? "" : trimmed(fields[1])
    if type.isEmpty { faults.insert(.missingType) }
    let kinds: [String: MetricKind] = [
      "c": .counter, "g": .gauge, "ms": .histogram, "h": .histogram, "d": .histogram, "s": .set,
    ]
    if !type.isEmpty && kinds[type] == nil { faults.insert(.unknownType) }
    var rate = 1.0
    var tags: String?
    var container: String?
    var ratesSeen = 0
    for field in fields.dropFirst(2) {
      let content = String(field.unicodeScalars.dropFirst())
      switch field.unicodeScalars.first {
      case "@":
        ratesSeen += 1
        rate = read(rate: trimmed(content), &faults)
      case "#":
        if tags != nil { faults.insert(.repeatedField) }
        tags = content
      case "T":
        let seconds = trimmed(content)
        if seconds.isEmpty || !seconds.unicodeScalars.allSatisfy(isDigit) {
          faults.insert(.badTimestamp)
        }
      case "c" where begins(content, ":") && content.unicodeScalars.count > 1:
        container = String(content.unicodeScalars.dropFirst())
      default: break
      }
    }
    if ratesSeen > 1 { faults.insert(.repeatedField) }
    guard let kind = kinds[type] else { return .refused(faults) }
    let divisor = kind == .counter ? rate : type == "ms" ? 1_000 : 1
    let values = read(values: fields[0], kind: kind, divisor: divisor, &faults)
    let weight = kind == .histogram ? 1 / rate : 1
    let spelling = NaiveTags(options).read(
      name, field: tags, container: container, kind: kind, &faults)
    return faults.isEmpty
      ? .taken(kind: kind, values: values, weight: weight, spelling) : .refused(faults)
  }

  private func read(
    values text: String, kind: MetricKind, divisor: Double, _ faults: inout Set<Refusal>
  ) -> [Value] {
    if kind == .set { return [Value(number: 0, member: text)] }
    let texts = split(text, on: ":").filter { !$0.isEmpty }
    if texts.isEmpty { faults.insert(.missingValue) }
    return texts.map { text in
      let number = read(number: text, &faults) / divisor
      if kind == .counter && number < 0 { faults.insert(.negativeCounter) }
      if number.isInfinite { faults.insert(.infinite) }
      let isSigned = begins(text, "+") || begins(text, "-")
      return Value(
        number: number, isRelative: kind == .gauge && options.gaugeSign == .relative && isSigned)
    }
  }

  private func read(number text: String, _ faults: inout Set<Refusal>) -> Double {
    if isDecimal(text) {
      return strtod(text, nil)
    }
    switch text.drop(while: { $0 == "+" || $0 == "-" }).lowercased() {
    case "nan" where text.utf8.count <= 4: faults.insert(.notANumber)
    case "inf" where text.utf8.count <= 4: faults.insert(.infinite)
    case "infinity" where text.utf8.count <= 9: faults.insert(.infinite)
    case "": faults.insert(.badValue)
    default: faults.insert(.badValue)
    }
    return 0
  }

  private func read(rate text: String, _ faults: inout Set<Refusal>) -> Double {
    var numberFaults: Set<Refusal> = []
    let rate = read(number: text, &numberFaults)
    if !numberFaults.isEmpty || rate.isInfinite {
      faults.insert(.badRate)
    } else if rate == 0 {
      faults.insert(.zeroRate)
    } else if rate < 0 {
      faults.insert(.negativeRate)
    } else if rate > 1 {
      faults.insert(.rateAboveOne)
    } else if (1 / rate).isInfinite {
      faults.insert(.badRate)
    } else {
      return rate
    }
    return 1
  }
}

/// Whether `text` is `[+-] digits [. digits] [e [+-] digits]`, digits on one side of the point
/// being enough.
func isDecimal(_ text: String) -> Bool {
  var rest = text.unicodeScalars[...]
  if let sign = rest.first, sign == "+" || sign == "-" { rest.removeFirst() }
  let whole = rest.prefix(while: isDigit)
  rest = rest.dropFirst(whole.count)
  var fraction = rest.prefix(0)
  if rest.first == "." {
    fraction = rest.dropFirst().prefix(while: isDigit)
    rest = rest.dropFirst(1 + fraction.count)
  }
  if whole.isEmpty && fraction.isEmpty { return false }
  guard let letter = rest.first else { return true }
  guard letter == "e" || letter == "E" else { return false }
  rest.removeFirst()
  if let sign = rest.first, sign == "+" || sign == "-" { rest.removeFirst() }
  return !rest.isEmpty && rest.allSatisfy(isDigit)
}

func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

/// The pieces of `text` between single scalars: no grapheme hides one.
func split(_ text: String, on separator: Unicode.Scalar) -> [String] {
  text.unicodeScalars.split(separator: separator, omittingEmptySubsequences: false).map {
    String($0)
  }
}

/// The text before the first `separator`, and everything after it.
func cut(_ text: String, at separator: Unicode.Scalar) -> (String, String)? {
  let pieces = text.unicodeScalars.split(
    separator: separator, maxSplits: 1, omittingEmptySubsequences: false)
  return pieces.count == 2 ? (String(pieces[0]), String(pieces[1])) : nil
}

/// `text` without blanks and tabs at its ends.
func trimmed(_ text: String) -> String {
  text.trimmingCharacters(in: CharacterSet(charactersIn: " \t"))
}

func begins(_ text: String, _ scalar: Unicode.Scalar) -> Bool {
  text.unicodeScalars.first == scalar
}

func contains(_ text: String, _ scalar: Unicode.Scalar) -> Bool {
  text.unicodeScalars.contains(scalar)
}
