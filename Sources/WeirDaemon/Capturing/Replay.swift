import WeirBytes
import WeirCapture
import WeirConfiguration

/// A replay: the datagrams of a file, sent in their pace.
///
/// ```
/// CaptureInputFile ─▶ port? ─▶ ReplayClock: when ─▶ ReplayGate: room? ─▶ SendSocket
/// ```
struct Replay: ~Copyable {
  private let plan: ReplayPlan
  private let target: SendTarget
  private var socket: SendSocket
  private var gate: ReplayGate
  private var tally = CaptureTally()
  private var skipped = SkipCounts()
  private var isCut = false

  private var datagrams = 0
  private var bytes = 0
  private var lines = 0
  private var frames = 0
  /// Datagrams without a byte, and those that the kernel did not take.
  private var empty = 0
  private var refused = 0
  private var latest = Duration.zero
  private var duration = Duration.zero
  private var stop = Stop.end

  private enum Stop {
    case end, signal, time
  }

  /// No UDP datagram over IPv4 is longer.
  private static let datagramBytesMax = 65_507

  /// - Throws: `CommandFailure` if the address can't be reached.
  init(_ plan: ReplayPlan, _ target: SendTarget) throws(CommandFailure) {
    self.plan = plan
    self.target = target
    socket = try SendSocket(target)
    gate = ReplayGate(target)
  }

  /// Sends the file as often as asked.
  mutating func run() throws(CommandFailure) {
    let began = ContinuousClock.now
    let deadline = began + .seconds(plan.options.seconds)
    defer { duration = ContinuousClock.now - began }
    for loop in 0..<plan.options.loops where stop == .end {
      try sendOnce(isFirst: loop == 0, deadline)
      // Without this, a file without datagrams would be read `loops` times.
      if tally.datagrams == 0 { break }
    }
    socket.lookForRefusal()
    if socket.isRefused { throw unreachable }
    gate.finish()
  }

  private var unreachable: CommandFailure {
    .unreachable(
      "nobody listens at \(target): its host has answered that the port is closed; start weir, or write "
        + "another address")
  }

  private mutating func sendOnce(
    isFirst: Bool, _ deadline: ContinuousClock.Instant
  ) throws(CommandFailure) {
    var file = try CaptureInputFile.open(plan.file)
    if isFirst, plan.options.loops > 1, !file.isRepeatable {
      throw .trouble(
        "\(plan.file.escapedPath) is not a regular file, which can be read only once; leave --loop out, or "
          + "write it into a file")
    }
    var clock = ReplayClock(plan.options.speed)
    while let datagram = try file.next() {
      if isFirst { note(datagram, file) }
      if let port = plan.options.port, port != datagram.destination.port { continue }
      let due = clock.due(datagram.nanoseconds)
      guard wait(until: due, deadline) else { break }
      if let due { latest = max(latest, ContinuousClock.now - due) }
      try send(datagram)
    }
    if isFirst { (skipped, isCut) = (file.reader.skipped, file.isCut) }
  }

  private mutating func note(_ datagram: CapturedDatagram, _ file: borrowing CaptureInputFile) {
    tally.add(datagram)
    skipped = file.reader.skipped
  }

  /// Waits until the time of a datagram.
  ///
  /// - Returns: Whether to go on.
  private mutating func wait(
    until due: ContinuousClock.Instant?, _ deadline: ContinuousClock.Instant
  ) -> Bool {
    while true {
      let now = ContinuousClock.now
      if CaptureStop.isRequested {
        stop = .signal
        return false
      }
      if now >= deadline {
        stop = .time
        return false
      }
      guard let due, due > now else { return true }
      let rest = min(due - now, deadline - now)
      ReplayGate.sleep(rest)
      gate.paused(for: rest)
    }
  }

  private mutating func send(_ datagram: CapturedDatagram) throws(CommandFailure) {
    var payload = datagram.payload
    if plan.options.movesTimes {
      let shift = Log.wallSeconds() - Double(datagram.nanoseconds) / 1e9
      payload = LineTimes.moved(payload, bySeconds: Int64(shift.rounded()))
    }
    guard !payload.isEmpty else {
      empty += 1
      return
    }
    gate.waitForRoom(bytes: payload.count)
    guard payload.count <= Replay.datagramBytesMax, try socket.send(payload) else {
      refused += 1
      return
    }
    if socket.isRefused { throw unreachable }
    datagrams += 1
    bytes += payload.count
    let content = CaptureTally.content(of: payload)
    lines += content.lines
    frames += content.frames
  }

  /// Sentences about what was sent, each with its newline. Empty if there is nothing to tell, because the file can't
  /// be read.
  var summary: String {
    var sentences: [String] = []
    let hasTried = datagrams + empty + refused > 0
    if hasTried || stop != .end { sentences.append(sentSentence) }
    if stop == .signal { sentences.append("stopped by a signal before the end") }
    if plan.options.port == nil, tally.ports.count > 1 {
      sentences.append(
        "the file has datagrams to several ports: \(tally.portsText); --port sends those to one of them"
      )
    }
    if empty > 0 { sentences.append("left out: \(CountText.counted(empty, "empty datagram"))") }
    sentences += Replay.notes(skipped: skipped, isCut: isCut)
    return sentences.map { $0 + "\n" }.joined()
  }

  private var sentSentence: String {
    var text =
      "sent \(CountText.counted(datagrams, "datagram")) of \(CountText.counted(bytes, "byte")) with "
      + "\(CaptureTally.content(lines: lines, frames: frames)) to \(target) in "
      + "\(CaptureText.seconds(duration)), \(CaptureText.rate(datagrams, duration)) datagrams/s"
    if case .factor = plan.options.speed, datagrams > 0 {
      text += ", the latest \(CaptureText.seconds(latest)) after its time"
    }
    return text
  }

  /// Sentences about packets that are not sent.
  static func notes(skipped: SkipCounts, isCut: Bool) -> [String] {
    var notes: [String] = []
    if let text = CaptureTally.skippedText(skipped) { notes.append(text) }
    if isCut { notes.append("the file ends within a packet, which is left out") }
    return notes
  }

  /// - Throws: `CommandFailure` unless all was sent, and as far as can be seen has arrived.
  func check() throws(CommandFailure) {
    if stop == .signal { return }
    guard stop == .end else {
      throw .trouble(
        "stopped after \(TimeSpan.text(seconds: plan.options.seconds)), and not everything is sent; write "
          + "a longer time with --for")
    }
    guard datagrams + empty + refused > 0 else { throw Replay.nothing(plan) }
    var troubles: [String] = []
    if refused > 0 {
      troubles.append("\(CountText.counted(refused, "datagram")) could not be sent")
    }
    if gate.dropped > 0 {
      troubles.append(
        "the receiver's kernel has dropped \(CountText.counted(gate.dropped, "datagram")), because its "
          + "receive buffer was full; replay more slowly, or see --statsd.read-buffer")
    }
    guard troubles.isEmpty else { throw .trouble(troubles.joined(separator: "; ")) }
  }

  static func nothing(_ plan: ReplayPlan) -> CommandFailure {
    let what = plan.options.port.map { "datagram to port \($0)" } ?? "datagram"
    return .trouble(
      "\(plan.file.escapedPath) has no whole \(what); record again, with whole packets (tcpdump -s 0)"
    )
  }
}
