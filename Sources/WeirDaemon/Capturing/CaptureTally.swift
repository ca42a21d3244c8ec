import WeirBytes
import WeirCapture
import WeirConfiguration
import WeirPush
import WeirSockets

/// What a recording has: counts by port and by sender, lines, and its time.
struct CaptureTally {
  /// Senders that are counted one by one.
  static let sendersMax = 10_000
  /// Ports or senders that a sentence names.
  static let namedMax = 10

  private(set) var datagrams = 0
  private(set) var bytes = 0
  private(set) var lines = 0
  /// Frames of the push protocol.
  private(set) var frames = 0
  /// The earliest and latest time, in nanoseconds since 1970.
  private(set) var times: ClosedRange<Int64>?
  private(set) var ports: [UInt16: Int] = [:]
  private(set) var senders: [CaptureAddress: Int] = [:]
  /// Datagrams of senders that came after `sendersMax` others.
  private(set) var fromOthers = 0

  mutating func add(_ datagram: CapturedDatagram) {
    datagrams += 1
    bytes += datagram.payload.count
    let (lines, frames) = CaptureTally.content(of: datagram.payload)
    self.lines += lines
    self.frames += frames
    let time = datagram.nanoseconds
    times = min(times?.lowerBound ?? time, time)...max(times?.upperBound ?? time, time)
    ports[datagram.destination.port, default: 0] += 1
    let source = datagram.source
    let sender = CaptureAddress(
      family: source.family, high: source.high, low: source.low, port: 0)
    if senders[sender] != nil || senders.count < CaptureTally.sendersMax {
      senders[sender, default: 0] += 1
    } else {
      fromOthers += 1
    }
  }

  /// How many lines, or how many frames, are in a payload.
  static func content(of payload: [UInt8]) -> (lines: Int, frames: Int) {
    if payload.first == PushFormat.magic.0 { return (0, 1) }
    return (payload.split(separator: UInt8(ascii: "\n")).count, 0)
  }

  /// `19500 lines`, or `19500 lines and 3 frames`.
  static func content(lines: Int, frames: Int) -> String {
    var parts: [String] = []
    if lines > 0 || frames == 0 { parts.append(CountText.counted(lines, "line")) }
    if frames > 0 { parts.append(CountText.counted(frames, "frame")) }
    return parts.joined(separator: " and ")
  }

  /// The time from the first to the last datagram.
  var duration: Duration {
    times.map { .nanoseconds($0.upperBound - $0.lowerBound) } ?? .zero
  }

  /// Ports with their counts, most first: `8125 (3000), 9125 (2)`.
  var portsText: String {
    let sorted = ports.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    return CaptureTally.list(sorted.map { "\($0.key) (\($0.value))" }, others: 0)
  }

  /// Senders with their counts, most first: `10.0.0.7 (3000)`.
  var sendersText: String {
    let named = senders.map { (host: $0.key.socketAddress.host, count: $0.value) }
    let sorted = named.sorted { ($1.count, $0.host) < ($0.count, $1.host) }
    return CaptureTally.list(
      sorted.map { "\($0.host) (\($0.count))" }, others: fromOthers > 0 ? 1 : 0)
  }

  private static func list(_ items: [String], others: Int) -> String {
    let rest = max(0, items.count - namedMax) + others
    let named = items.prefix(namedMax).joined(separator: ", ")
    return named + (rest > 0 ? ", and more" : "")
  }

  /// Why packets were left out: `3 packets are left out: 2 fragments, 1 no UDP`; nil if none was.
  static func skippedText(_ skipped: SkipCounts) -> String? {
    guard skipped.sum > 0 else { return nil }
    let parts = SkipReason.allCases.filter { skipped[$0] > 0 }.map { "\(skipped[$0]) \($0.noun)" }
    return
      "left out: \(CountText.counted(skipped.sum, "packet")) (\(parts.joined(separator: ", ")))"
  }
}

extension CaptureAddress {
  var socketAddress: SocketAddress {
    SocketAddress(family: family == .ipv4 ? .ipv4 : .ipv6, port: port, high: high, low: low)
  }
}
