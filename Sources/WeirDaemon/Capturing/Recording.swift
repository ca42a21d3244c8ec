import Glibc
import WeirBytes
import WeirCapture
import WeirConfiguration
import WeirSockets

/// A recording: packets of the kernel, of which the datagrams go into a file.
///
/// ```
/// PacketSocket (IPv4) ─┐
///                      ├─▶ IPPacket ─▶ datagram ─▶ sender? ─▶ CaptureOutputFile
/// PacketSocket (IPv6) ─┘
/// ```
struct Recording: ~Copyable {
  /// What to ask of the kernel for each of the two sockets: a second of a flood.
  static let receiveBufferBytes = 64 << 20
  /// The longest wait, after which a signal is noticed.
  static let waitMilliseconds = 100
  /// Packets of one socket before the other one has its turn.
  static let packetsPerTurn = 256
  /// The file has everything up to this time ago.
  static let flushInterval = Duration.seconds(1)
  /// How many packets that have already come are taken after the end.
  static let packetsAtEndMax = 200_000

  private let plan: RecordPlan
  private let four: PacketSocket
  private let six: PacketSocket
  private var file: CaptureOutputFile
  private var buffer = [UInt8](repeating: 0, count: PacketSocket.packetBytesMax)

  private var skipped = SkipCounts()
  private var dropped = 0
  private var isFull = false
  private var duration = Duration.zero

  /// Opens the sockets and makes the file.
  ///
  /// - Throws: `CommandFailure`
  static func prepare(_ plan: RecordPlan) throws(CommandFailure) -> Recording {
    let four = try socket(.ipv4, plan)
    let six = try socket(.ipv6, plan)
    // Last, so that there is no file if nothing can be recorded.
    let file = try CaptureOutputFile.create(
      plan.file, bytesMax: plan.options.bytesMax, replaces: plan.options.replaces)
    return Recording(plan, four, six, file)
  }

  private init(
    _ plan: RecordPlan, _ four: consuming PacketSocket, _ six: consuming PacketSocket,
    _ file: consuming CaptureOutputFile
  ) {
    self.plan = plan
    self.four = four
    self.six = six
    self.file = file
  }

  private static func socket(
    _ family: SocketAddress.Family, _ plan: RecordPlan
  ) throws(CommandFailure) -> PacketSocket {
    do throws(SystemError) {
      return try PacketSocket.open(
        family, ports: plan.ports, receiveBufferBytes: receiveBufferBytes)
    } catch {
      let other =
        "tcpdump -i any -w FILE \(plan.ports.map { "udp port \($0)" }.joined(separator: " or "))"
      if error.code == EPERM || error.code == EACCES {
        throw .trouble(
          "recording needs root or CAP_NET_RAW; run it with sudo, or record with \(other), which weir "
            + "replay reads")
      }
      throw .trouble("packets cannot be recorded here: \(error); record with \(other)")
    }
  }

  /// Records until a signal, the end of the time, or the limit.
  mutating func run() throws {
    let began = ContinuousClock.now
    defer { duration = ContinuousClock.now - began }
    let end = began + .seconds(plan.options.seconds)
    var nextFlush = began + Recording.flushInterval
    while !isFull, !CaptureStop.isRequested {
      let now = ContinuousClock.now
      if now >= end { break }
      let rest = Int((end - now) / .milliseconds(1)) + 1
      PacketSocket.wait(
        four, six, milliseconds: Int32(min(rest, Recording.waitMilliseconds)))
      _ = try takePackets()
      if ContinuousClock.now >= nextFlush {
        try file.flush()
        nextFlush = ContinuousClock.now + Recording.flushInterval
      }
    }
    try takeRest()
    try file.flush()
    dropped += four.takeDropped() + six.takeDropped()
  }

  /// Takes what had arrived before the end and was not read yet.
  private mutating func takeRest() throws {
    let stop = Recording.wallNanoseconds()
    var count = 0
    while !isFull, count < Recording.packetsAtEndMax {
      let taken = try takePackets(until: stop)
      if taken == 0 { return }
      count += taken
    }
  }

  /// Takes some packets of both sockets.
  ///
  /// - Parameter stop: A time from which on packets are left out.
  /// - Returns: How many.
  private mutating func takePackets(until stop: Int64 = .max) throws -> Int {
    // The sockets can't be used while a part of this value is lent.
    var buffer: [UInt8] = []
    swap(&buffer, &self.buffer)
    defer { swap(&buffer, &self.buffer) }
    var count = 0
    for isFour in [true, false] {
      for _ in 0..<Recording.packetsPerTurn where !isFull {
        var room = buffer.mutableSpan
        let packet = isFour ? try four.receive(into: &room) : try six.receive(into: &room)
        guard let packet else { break }
        if let time = packet.nanoseconds, time > stop { break }
        count += 1
        try take(packet, buffer)
      }
    }
    return count
  }

  private mutating func take(
    _ packet: PacketSocket.Packet, _ buffer: [UInt8]
  ) throws(CommandFailure) {
    guard packet.isIncoming else { return }
    let datagram: CapturedDatagram
    do throws(SkipFailure) {
      datagram = try IPPacket.datagram(
        in: buffer.span, 0..<min(packet.count, buffer.count), isWhole: !packet.isCut,
        nanoseconds: packet.nanoseconds ?? Recording.wallNanoseconds())
    } catch {
      // Some packets of IPv6 pass the kernel's filter unseen.
      if error.reason != .otherProtocol { skipped[error.reason] += 1 }
      return
    }
    guard plan.ports.contains(datagram.destination.port),
      plan.senders.isEmpty || plan.senders.contains(datagram.source.socketAddress)
    else { return }
    guard try file.append(datagram) else {
      isFull = true
      return
    }
  }

  private static func wallNanoseconds() -> Int64 { Log.wallClock().inNanoseconds }

  /// Sentences about what is in the file, each with its newline.
  var summary: String {
    var lines = [
      "recorded \(CountText.counted(file.datagrams, "datagram")) in "
        + "\(CaptureText.seconds(duration)) into \(plan.file.escapedPath), which has "
        + "\(CountText.counted(file.count, "byte"))"
    ]
    if isFull { lines.append("stopped because the file has reached --limit") }
    if let text = CaptureTally.skippedText(skipped) { lines.append(text) }
    return lines.map { $0 + "\n" }.joined()
  }

  /// - Throws: `CommandFailure` if something is missing.
  func check() throws(CommandFailure) {
    if dropped > 0 {
      throw .trouble(
        "the kernel dropped \(CountText.counted(dropped, "packet")) because the recording was too slow; "
          + "record less with --sender, or onto a faster disk")
    }
    if file.datagrams == 0, !isFull {
      throw .trouble(
        "no datagram to \(plan.portsText) has arrived; use the --statsd.listen-udp of the running weir"
      )
    }
  }
}
