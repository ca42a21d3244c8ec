import BenchmarkPayload

/// What a run sent, and how well it kept its pace.
struct SendReport: Equatable {
  /// Datagrams that the kernel took.
  var datagrams = 0
  /// Datagrams that were due when the run ended and had not been sent.
  var late = 0
  /// The longest that a datagram was sent after it was due.
  var latenessNanosecondsMax = 0
  /// Attempts that found the socket's buffer or the queue full; each was repeated.
  var retries = 0
  /// Reports of the kernel that an earlier datagram found nobody listening.
  var refusals = 0
  var nanoseconds = 0

  var seconds: Double { Double(nanoseconds) / Double(Clock.nanosecondsPerSecond) }
}

/// Sends the ring round and round, on the sockets in turn, until the run's bounds.
struct Sender {
  /// What falls due in a paced run's last tick goes out just after its end.
  static let graceNanoseconds = 100 * Pace.tickNanoseconds

  let options: Options

  /// Blocks for the length of the run, `options.seconds` at most.
  ///
  /// Throws `SystemError` where the address does not do or a datagram cannot be sent at all.
  func run(_ ring: borrowing DatagramRing, to endpoint: Endpoint) throws(SystemError) -> SendReport
  {
    let sockets = try SocketSet(
      count: options.sockets, endpoint: endpoint, loopbackOnly: !options.allowRemote)
    let paced = options.datagramsPerSecond > 0
    let scheduled = paced ? options.seconds * options.datagramsPerSecond : .max
    let wanted = min(options.datagrams ?? .max, scheduled)
    let start = Clock.now()
    let end =
      start + options.seconds * Clock.nanosecondsPerSecond
      + (paced ? Self.graceNanoseconds : 0)
    let pace = Pace(start: start, datagramsPerSecond: options.datagramsPerSecond)
    var report = SendReport()
    var turn = 0
    var now = start
    while report.datagrams < wanted && now < end {
      let due = min(pace.due(at: now), wanted)
      if report.datagrams >= due {
        Clock.sleep(until: min(pace.wake(after: now, next: report.datagrams), end))
        now = Clock.now()
        continue
      }
      if paced {
        let lateness = now - pace.deadline(of: report.datagrams)
        report.latenessNanosecondsMax = max(report.latenessNanosecondsMax, lateness)
      }
      let outcome = try ring.send(
        from: report.datagrams % ring.count, limit: due - report.datagrams,
        on: sockets[turn % options.sockets])
      switch outcome {
      case .sent(let count): report.datagrams += count
      case .full:
        report.retries += 1
        Clock.sleep(until: min(now + Pace.tickNanoseconds, end))
      case .refused: report.refusals += 1
      }
      turn += 1
      now = Clock.now()
    }
    report.nanoseconds = now - start
    if paced { report.late = wanted - report.datagrams }
    return report
  }
}

/// The run's sockets; a Swift array cannot hold what is not copyable.
private final class SocketSet {
  private final class Slot {
    let socket: Socket

    init(_ socket: consuming Socket) {
      self.socket = socket
    }
  }

  private var slots: [Slot] = []

  init(count: Int, endpoint: Endpoint, loopbackOnly: Bool) throws(SystemError) {
    for _ in 0..<count {
      slots.append(Slot(try Socket.connect(.udp, to: endpoint, loopbackOnly: loopbackOnly)))
    }
  }

  subscript(index: Int) -> Socket {
    _read { yield slots[index].socket }
  }
}
