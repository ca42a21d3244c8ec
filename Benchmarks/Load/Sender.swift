import BenchmarkKit

/// What a run has sent, and how well it kept the pace.
struct SendReport: Equatable {
  /// Datagrams that the kernel accepted.
  var datagrams = 0
  /// Datagrams that were due when the run ended and had not been sent.
  var late = 0
  /// The longest time by which a datagram was late.
  var latenessNanosecondsMax = 0
  /// Attempts that found the socket's buffer or the queue full; each was repeated.
  var retries = 0
  /// How often the kernel reported that nobody listens.
  var refusals = 0
  var nanoseconds = 0

  var seconds: Double { Double(nanoseconds) / Double(Clock.nanosecondsPerSecond) }
}

/// Sends the ring over and over, on the sockets in turn, until the run ends.
struct Sender {
  /// What is due in the last tick is sent just after the end.
  static let graceNanoseconds = 100_000_000
  /// How long to wait before a full buffer is tried again.
  static let retryNanoseconds = 1_000_000

  let options: Options

  /// Blocks for the length of the run, `options.seconds` at most.
  ///
  /// Throws `RunError` where the address is wrong or a datagram can't be sent at all.
  func run(_ ring: borrowing DatagramRing, to endpoint: Endpoint) throws(RunError) -> SendReport {
    let sockets = SocketSet()
    for _ in 0..<options.sockets {
      sockets.append(try ring.connect(to: endpoint, loopbackOnly: !options.allowRemote))
    }
    let paced = options.datagramsPerSecond > 0
    let scheduled = paced ? options.seconds * options.datagramsPerSecond : .max
    let wanted = min(options.datagrams ?? .max, scheduled)
    let start = Clock.now()
    let end =
      start + options.seconds * Clock.nanosecondsPerSecond
      + (paced ? Self.graceNanoseconds : 0)
    let pace = Pace(
      start: start, datagramsPerSecond: options.datagramsPerSecond,
      tickNanoseconds: options.tickMicroseconds * 1_000)
    var report = SendReport()
    var turn = 0
    var position = 0
    var now = start
    while report.datagrams < wanted && now < end {
      let due = min(pace.due(at: now), wanted)
      if report.datagrams >= due {
        now = pace.wait(from: now, next: report.datagrams, end: end)
        continue
      }
      if paced {
        let lateness = now - pace.deadline(of: report.datagrams)
        report.latenessNanosecondsMax = max(report.latenessNanosecondsMax, lateness)
      }
      let outcome = try ring.send(
        from: position, limit: due - report.datagrams, on: sockets[turn % options.sockets])
      switch outcome {
      case .sent(let messages, let datagrams):
        position = (position + messages) % ring.count
        report.datagrams += datagrams
      case .full:
        report.retries += 1
        Clock.sleep(until: min(now + Self.retryNanoseconds, end))
      case .refused: report.refusals += 1
      }
      turn += 1
      now = Clock.now()
    }
    report.nanoseconds = now - start
    if paced { report.late = max(0, wanted - report.datagrams) }
    return report
  }
}

/// The run's sockets; a Swift array can't hold noncopyable values.
private final class SocketSet {
  private final class Slot {
    let socket: Socket

    init(_ socket: consuming Socket) {
      self.socket = socket
    }
  }

  private var slots: [Slot] = []

  func append(_ socket: consuming Socket) {
    slots.append(Slot(socket))
  }

  subscript(index: Int) -> Socket {
    _read { yield slots[index].socket }
  }
}
