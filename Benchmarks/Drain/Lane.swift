import BenchmarkKit
import WeirAggregation
import WeirBytes
import WeirSockets

/// What empties a socket.
enum Consumer: String, CaseIterable, Sendable {
  /// The loop that only counts: the kernel's own limit.
  case bare
  /// Decode, route and apply.
  case weir
}

/// When a lane began and ended, and the CPU time in between.
struct DrainTime: Sendable {
  var began: Int
  var ended: Int
  /// CPU time, user and system; less than the clock's where other processes used the core.
  var cpu: Int
  var datagrams: Int
}

/// One receiver: a socket, its batch, and the two consumers that can empty it.
final class Lane: Sendable {
  /// What was sent over the loopback has arrived at once, or soon on a busy machine.
  private static let waitNanosecondsMax = 2 * Clock.nanosecondsPerSecond

  private struct State: ~Copyable {
    let socket: UDPSocket
    var batch = DatagramBatch()
    var engine: EngineReceiver
    var counter = LineCounter()
  }

  /// Sends to the lane's socket.
  let sender: Socket
  /// As granted; see `UDPSocket.receiveBufferBytes`.
  let receiveBufferBytes: Int
  let drops: DropCounter
  private let state: Locked<State>

  /// Binds a socket, and makes the payload's series by taking it in once from memory.
  init(_ payload: Payload, aggregator: Aggregator, readBufferBytes: Int) throws {
    let socket = try UDPSocket.bind(
      to: .loopback(port: 0), readBufferBytes: readBufferBytes, flag: "--read-buffer")
    sender = try Socket.connect(.udp, to: Endpoint("\(socket.address)"), loopbackOnly: true)
    receiveBufferBytes = socket.receiveBufferBytes
    drops = socket.drops
    var engine = EngineReceiver(aggregator: aggregator)
    engine.ingest(payload)
    state = Locked(State(socket: socket, engine: engine))
  }

  var tally: Tally { state.withLock { $0.engine.tally } }
  var counted: LineCounter { state.withLock { $0.counter } }

  /// Takes in `datagrams`, which have been sent already.
  ///
  /// Fewer where the rest never arrives; the time is then not valid.
  func drain(_ datagrams: Int, by consumer: Consumer) throws(SystemError) -> DrainTime {
    try state.withLock { state throws(SystemError) in
      let (began, cpu) = (Clock.now(), Clock.threadTime())
      var time = DrainTime(began: began, ended: began, cpu: 0, datagrams: 0)
      while time.datagrams < datagrams && Clock.now() - began < Self.waitNanosecondsMax {
        time.datagrams += try state.batch.receive(from: state.socket)
        switch consumer {
        case .bare: state.counter.count(state.batch)
        case .weir: state.engine.ingest(state.batch)
        }
      }
      time.ended = Clock.now()
      time.cpu = Clock.threadTime() - cpu
      return time
    }
  }
}
