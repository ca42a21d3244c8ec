import Foundation
import TestSupport
import Testing
import WeirBytes

@Suite("A decimal number")
struct DecimalTests {
  /// Parses `text` twice: with digits on both sides of it, and at the end of the bytes.
  private func decimal(_ text: String) throws(DecimalError) -> Double {
    let bytes = Array("9.9e9".utf8) + Array(text.utf8) + Array("9.9e9".utf8)
    let amid = try bytes.span.decimal(from: 5, to: 5 + text.utf8.count)
    let alone = Array(text.utf8)
    let last = try alone.span.decimal(from: 0, to: alone.count)
    #expect(amid.bitPattern == last.bitPattern, "\(text) depends on the bytes around it")
    return last
  }

  @Test(
    "is parsed exactly",
    arguments: [
      "0", "-0", "+0", "00", "1", "-1", "+1", "007", "0.1", "-0.1", ".5", "-.5", "5.", "1e3",
      "1E3", "1e+3", "1e-3", ".5e1", "5.e1", "9007199254740991", "9007199254740992",
      "9007199254740993", "9007199254740993.0", "18446744073709551615", "18446744073709551616",
      "99999999999999999999", "0.30000000000000004", "1.7976931348623157e308",
      "4.9406564584124654e-324", "2.2250738585072011e-308", "1e-400", "-1e-400",
      "0.0000000000000000000001", "0.00000000000000000000001", "123456789012345678.9",
      "0000000000000000000000000000001", "1e0000000000000000000003", "1e22", "1e23",
      "8.5e22", "9007199254740992e22", "3.14159265358979323846264338327950288",
    ])
  func exact(text: String) throws {
    #expect(try decimal(text).bitPattern == strtod(text, nil).bitPattern)
  }

  @Test(
    "in another form is malformed",
    arguments: [
      "", "+", "-", ".", "+.", "-.", "e", "e5", ".e5", "1e", "1e+", "1e-", "1.2.3", "1..2", "--1",
      "+-1", "-+1", "1-", "1+1", " 1", "1 ", "\t1", "1_000", "1,000", "1'000", "0x10", "0x1p3",
      "1p3", "0b1", "1f", "1d", "1e5.0", "1e5e5", "abc", "na", "nann", "nan()", "nan(1)", "in",
      "infi", "infinit", "infinityy", "∞", "１", "½", "1\u{0}", "\u{0}1", "١", "true",
    ])
  func malformed(text: String) {
    #expect(throws: DecimalError.malformed) { try decimal(text) }
  }

  @Test(
    "is not a number in any spelling of nan",
    arguments: ["nan", "NaN", "NAN", "nAn", "-nan", "+NaN"])
  func notANumber(text: String) {
    #expect(throws: DecimalError.notANumber) { try decimal(text) }
  }

  @Test(
    "that exceeds the range of a double is infinite",
    arguments: [
      "inf", "Inf", "INF", "+inf", "-Inf", "infinity", "-INFINITY", "1e309", "-1e309", "1e99999",
      "1e999999999999999999999999999", "1.7976931348623159e308",
      "1" + String(repeating: "0", count: 400),
    ])
  func infinite(text: String) {
    #expect(throws: DecimalError.infinite) { try decimal(text) }
  }

  @Test("may have thousands of digits")
  func long() throws {
    let nines = String(repeating: "9", count: 60_000)
    #expect(try decimal("0." + nines) == 1)
    #expect(try decimal(String(repeating: "0", count: 60_000) + "7") == 7)
    #expect(try decimal("0." + String(repeating: "0", count: 320) + nines) == strtod("1e-320", nil))
    #expect(throws: DecimalError.infinite) { try decimal(nines) }
  }

  @Test(
    "agrees with strtod for random numbers of many shapes", arguments: [1, 2, 3, 4] as [UInt64])
  func random(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<10_000 {
      let text = randomDecimal(&generator)
      let expected = strtod(text, nil)
      if expected.isInfinite {
        #expect(throws: DecimalError.infinite, "seed \(seed): \(text)") { try decimal(text) }
      } else {
        let read = try decimal(text)
        if read.bitPattern != expected.bitPattern {
          Issue.record("seed \(seed): \(text) is read as \(read), not \(expected)")
        }
      }
    }
  }

  @Test("is parsed like Double parses its own description", arguments: [5, 6] as [UInt64])
  func descriptions(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<10_000 {
      let value = Double(bitPattern: generator.next())
      guard value.isFinite else { continue }
      let text = value.description
      let read = try decimal(text)
      if read.bitPattern != Double(text)?.bitPattern || read.bitPattern != value.bitPattern {
        Issue.record("seed \(seed): \(text) is read as \(read)")
      }
    }
  }

  @Test("with a changed byte is parsed like strtod or refused", arguments: [7] as [UInt64])
  func mutated(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let grammar = /[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?/
    let letters = Array("0123456789+-.eE naifNxp_,".utf8)
    for _ in 0..<10_000 {
      var bytes = Array(randomDecimal(&generator).utf8)
      bytes[Int.random(in: bytes.indices, using: &generator)] = generator.pick(letters)
      let text = String(decoding: bytes, as: UTF8.self)
      let isNumber = text.wholeMatch(of: grammar) != nil
      let read = try? decimal(text)
      let expected = isNumber && strtod(text, nil).isFinite ? strtod(text, nil) : nil
      if read?.bitPattern != expected?.bitPattern {
        Issue.record("seed \(seed): \(text) is read as \(read as Any), not \(expected as Any)")
      }
    }
  }

  private func randomDecimal(_ generator: inout SeededGenerator) -> String {
    func digits(_ count: Int, _ generator: inout SeededGenerator) -> String {
      String((0..<count).map { _ in generator.pick(Array("0123456789")) })
    }
    var text = generator.pick(["", "", "", "-", "+"])
    if generator.oneIn(6) {
      text += String(repeating: "0", count: Int.random(in: 1...25, using: &generator))
    }
    let whole = Int.random(in: 0...22, using: &generator)
    text += digits(whole, &generator)
    if whole == 0 || generator.oneIn(2) {
      text += "." + digits(Int.random(in: (whole == 0 ? 1 : 0)...26, using: &generator), &generator)
    }
    if generator.oneIn(3) {
      let exponent = generator.pick([2, 25, 330]) as Int
      text += generator.pick(["e", "E"])
      let value = Int.random(in: -exponent...exponent, using: &generator)
      text += value >= 0 && generator.oneIn(2) ? "+\(value)" : "\(value)"
    }
    return text
  }
}
