/// The constants of the push protocol, version 1.
///
/// Source: docs/protocol.md.
package enum PushFormat {
  /// The first two bytes of a frame. No UTF-8 text begins with the first, so no StatsD line does.
  package static let magic: (UInt8, UInt8) = (0xf7, 0x57)

  package static let version: UInt8 = 1

  /// The place of the version in a frame, after the magic. The flags follow it.
  package static let versionOffset = 2

  /// What one UDP datagram over IPv4 can hold.
  package static let frameBytesMax = 65_507

  /// Passes through an Ethernet unfragmented, even with a tunnel or two.
  package static let frameBytesDefault = 1_432

  /// The tag at the end of a signed frame: the first bytes of an HMAC-SHA256.
  package static let tagBytes = 16

  /// The greatest length of a key's id, which is in every signed frame.
  package static let keyIDBytesMax = 32

  /// Whole numbers up to this magnitude, 2⁵³, are written as integers: a double holds each of them.
  package static let wholeNumberMax = 9_007_199_254_740_992.0

  /// Common labels that may hold in a frame: the highest setting of `--limit.labels-per-series`, so
  /// no series can have more.
  package static let commonLabelsMax = 256

  /// Bounds of one list. Every record that uses a list becomes a total with that many cells, so a
  /// few bytes would otherwise take much memory.
  package static let boundsMax = 200

  /// The value of a varint after which a double follows.
  package static let doubleMark: UInt64 = 1

  /// The byte after the version.
  package struct Flags: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// A key's id is in the header, and a tag at the end.
    package static let signed = Flags(rawValue: 1 << 0)
    /// The instance ends and has sent everything.
    package static let final = Flags(rawValue: 1 << 1)
    /// The sender waits for an answer.
    package static let confirm = Flags(rawValue: 1 << 2)
    /// The frame is the answer to another.
    package static let answer = Flags(rawValue: 1 << 7)

    /// All flags of version 1; a frame with any other is refused.
    package static let known: Flags = [.signed, .final, .confirm, .answer]
  }

  /// What a record says.
  package enum RecordType: UInt8, Sendable, CaseIterable {
    case counter = 1
    case increment = 2
    case gauge = 3
    case gaugeAdd = 4
    case observations = 5
    case histogram = 6
    case exponential = 7
    case members = 8
    case sketch = 9
    case meta = 10
    case clock = 11
    case textGauge = 12
    case forwarder = 13
  }

  /// Settings of one gauge that a record can tell of: up to here a double holds each number.
  package static let settingsMax: UInt64 = 1 << 53

  /// The precision of a sketch: it has 2¹² registers.
  package static let sketchPrecision: UInt8 = 12
}
