/// Why a packet of a capture is not read as a datagram.
package enum SkipReason: Int, CaseIterable, Sendable {
  /// A piece of a datagram that was sent in several packets. Pieces are not put together.
  case fragment
  /// Anything but UDP over IP.
  case otherProtocol
  /// The capture has only the beginning of the packet.
  case cut
  /// Lengths in the packet contradict each other.
  case malformed

  /// Part of a sentence after a number of packets: `3 packets were skipped: 2 fragments, …`.
  package var noun: String {
    switch self {
    case .fragment: "fragments"
    case .otherProtocol: "no UDP"
    case .cut: "cut short in the capture"
    case .malformed: "malformed"
    }
  }
}

/// How many packets were skipped, by reason.
package struct SkipCounts: Equatable, Sendable {
  private var counts = [Int](repeating: 0, count: SkipReason.allCases.count)

  package init() {}

  package subscript(reason: SkipReason) -> Int {
    get { counts[reason.rawValue] }
    set { counts[reason.rawValue] = newValue }
  }

  package var sum: Int { counts.reduce(0, +) }
}
