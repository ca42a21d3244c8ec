import TestSupport

/// Lines as senders write them, most of them right, some with one thing changed.
struct LineGenerator {
  var generator: SeededGenerator

  init(seed: UInt64) {
    generator = SeededGenerator(seed: seed)
  }

  mutating func line() -> [UInt8] {
    if generator.oneIn(40) {
      return Array(
        generator.pick([
          "", "_e{5,4}:title|text|p:low", "_sc|name|0|#a:b", "_e", "_sc", "_e{", "_sc|", "|", ":",
          ":|", "::", "a", "a:", "a:1", "a:1|", "a:1||", "\r", "a:|c",
        ]).utf8)
    }
    var line = name() + ":" + body()
    if generator.oneIn(20) { line += ":" + body() }
    if generator.oneIn(40) { line += fields(most: 2) }
    var bytes = Array(line.utf8)
    if generator.oneIn(4) { mutate(&bytes) }
    return bytes
  }

  private mutating func name() -> String {
    let plain = generator.pick([
      "a", "http.requests", "9lives", "é", "x-y z", "weir", "日本", "_", "queue#1.size",
      "pool[0].used",
      "disk.C,D.used", "a;b",
    ])
    switch Int.random(in: 0..<12, using: &generator) {
    case 0: return plain + "," + tags("=")
    case 1: return plain + "#" + tags("=")
    case 2: return plain + "[" + tags("=") + "]" + generator.pick(["", "b", ".c"])
    case 3 where generator.oneIn(3):
      return plain
        + generator.pick([",", "#", "[", "]", "[]", ";", ",a=b#c=d", ";a=b,c=d", ",#;[x"])
    case 4: return plain + ";" + tags("=").replacing(",", with: ";")
    default: return plain
    }
  }

  private mutating func tags(_ separator: String) -> String {
    let names = [
      "k", "route", "le", "exported_le", "a.b", "a_b", "1", "__name__", "é", "#h", "",
      "dd.internal.card",
    ]
    let values = [
      "v", "1", "", "a=b", "a:b", "\"q\"", "back\\slash", "é", "x y", "50%", "[z]", "10.0.0.1:80",
      "2606:4700::1", "P::Q", "/a/:id", "v#1", "a;b",
    ]
    var list: [String] = []
    for _ in 0..<Int.random(in: 0...4, using: &generator) {
      if generator.oneIn(12) {
        list.append(generator.pick(["", "alone", separator]))
      } else {
        // Values with colons or brackets are rare, for they break the styles inside the name.
        let value = generator.pick(
          separator == ":" || generator.oneIn(6) ? values : ["v", "1", "é", ""])
        list.append(generator.pick(names) + separator + value)
      }
    }
    return list.joined(separator: ",")
  }

  private mutating func body() -> String {
    let type =
      generator.oneIn(25)
      ? generator.pick(["", "C", "cc", "m", "k", "hh", "é", "c ", " g", "\tms", " ", "s "])
      : generator.pick(["c", "g", "ms", "h", "d", "s"])
    if type == "s" && !generator.oneIn(6) {
      return generator.pick(["user1", "user2", "1", "+1", "é", "a b", "a:b", "nan"]) + "|s"
        + fields()
    }
    let count = generator.oneIn(5) ? Int.random(in: 2...5, using: &generator) : 1
    let values = (0..<count).map { _ in number(allowsSign: type == "g" || generator.oneIn(10)) }
    let empty = generator.oneIn(12) ? ":" : ""
    return values.joined(separator: ":" + empty) + empty + "|" + type + fields()
  }

  private mutating func number(allowsSign: Bool) -> String {
    let sign = allowsSign ? generator.pick(["", "", "+", "-"]) : ""
    if generator.oneIn(25) {
      return sign
        + generator.pick([
          "nan", "inf", "NaN", "Infinity", "1e400", "", "x", "1.2.3", "0x10", "1e308", "1e-320",
          ".", "1_0",
        ])
    }
    switch Int.random(in: 0..<5, using: &generator) {
    case 0: return sign + "\(Int.random(in: 0...9, using: &generator))"
    case 1: return sign + "\(UInt64.random(in: 0 ... .max, using: &generator))"
    case 2: return sign + "\(Double.random(in: 0...1000, using: &generator))"
    case 3: return sign + generator.pick(["0", "1", ".5", "5.", "0.1", "1e3", "1E-3", "00", "0.0"])
    default: return sign + "\(Double.random(in: 0...1, using: &generator))"
    }
  }

  private mutating func fields(most: Int = 4) -> String {
    guard generator.oneIn(2) else { return "" }
    var text = ""
    for _ in 0..<Int.random(in: 0...most, using: &generator) {
      switch Int.random(in: 0..<9, using: &generator) {
      case 0, 1:
        let rates = ["1", "0.5", "0.1", "1e-3", "0.3333", ".25", "1.", "1.0"]
        let odd = [
          "0", "-0.5", "-0", "1.5", "", "x", "nan", "inf", "-inf", "1e-310", "1e400", "0:1", "+0.5",
          "1e-400", " 0.5", "0.5 ", " ",
        ]
        text += "|@" + generator.pick(generator.oneIn(8) ? odd : rates)
      case 2, 3, 4:
        text += "|#" + tags(":")
      case 5 where generator.oneIn(2):
        text += "|T" + generator.pick(["1656581400", "0", "", "1.5", "-1", "1:2", "12 ", "\t"])
      case 6: text += "|c:" + generator.pick(["ci-abc", "in-12", "", "a:b", "é"])
      case 7:
        text += generator.pick(["|e:it-false,cn-x", "|card:low", "|", "|unknown", "|x:y", "|c"])
      default: break
      }
    }
    return text
  }

  private mutating func mutate(_ bytes: inout [UInt8]) {
    let marks = Array(":|@#,=[];T+-.e\r\t \u{0}0".utf8) + [0xC3, 0xA9, 0x80, 0xFF]
    for _ in 0..<Int.random(in: 1...2, using: &generator) where !bytes.isEmpty {
      let place = Int.random(in: bytes.indices, using: &generator)
      switch Int.random(in: 0..<5, using: &generator) {
      case 0: bytes.remove(at: place)
      case 1: bytes.insert(generator.pick(marks), at: place)
      case 2: bytes[place] = generator.pick(marks)
      case 3: bytes.swapAt(place, Int.random(in: bytes.indices, using: &generator))
      default: bytes.removeSubrange(place...)
      }
    }
    bytes.removeAll { $0 == 10 }
  }
}
