/// The recognised ways to write tags. If a style is off, its marks are ordinary characters, and
/// DogStatsD's tag field is ignored.
package struct TagStyles: OptionSet, Sendable {
  package let rawValue: UInt8

  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// `name:1|c|#key:value,key:value`
  package static let dogStatsD = TagStyles(rawValue: 1)
  /// `name,key=value,key=value:1|c`
  package static let influxDB = TagStyles(rawValue: 2)
  /// `name#key=value,key=value:1|c`
  package static let librato = TagStyles(rawValue: 4)
  /// `na[key=value,key=value]me:1|c`
  package static let signalFx = TagStyles(rawValue: 8)
  /// `name;key=value;key=value:1|c`
  package static let graphite = TagStyles(rawValue: 16)

  package static let all: TagStyles = [.dogStatsD, .influxDB, .librato, .signalFx, .graphite]

  /// Whether `byte` can begin tags within a name.
  func isMark(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: ","): contains(.influxDB)
    case UInt8(ascii: "#"): contains(.librato)
    case UInt8(ascii: "["): contains(.signalFx)
    case UInt8(ascii: ";"): contains(.graphite)
    default: false
    }
  }
}
