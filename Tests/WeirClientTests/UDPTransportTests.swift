import Synchronization
import Testing
import WeirSockets

@testable import WeirClient

@Suite("The UDP transport")
struct UDPTransportTests {
  private let time = FakeTime()

  /// A resolver that returns the given answers in order and counts its calls.
  private final class Resolver: Sendable {
    private let answers: [SocketAddress?]
    let asked = Atomic<Int>(0)

    init(_ answers: [SocketAddress?]) { self.answers = answers }

    func next() -> SocketAddress? {
      let index = asked.add(1, ordering: .relaxed).oldValue
      return answers[min(index, answers.count - 1)]
    }
  }

  /// A valid frame of a new instance.
  private func frame(_ number: UInt64) throws -> [UInt8] {
    let environment = Environment(clock: time.clock, random: { number })
    var flusher = Flusher(
      instance: Instance(drawnFrom: environment), settings: try Settings.make())
    var frames: [[UInt8]] = []
    flusher.flush(at: time.clock.moment(), nextNanoseconds: .max / 2) { frames.append($0) }
    return try #require(frames.first)
  }

  private func transport(_ server: String, _ resolver: Resolver? = nil) -> UDPTransport {
    guard let resolver else {
      return UDPTransport(server: server, clock: time.clock, working: working())
    }
    return UDPTransport(server: server, clock: time.clock, working: working()) { _ in
      resolver.next()
    }
  }

  /// In the state of a client's thread that works.
  private func working() -> WorkingTime {
    let working = WorkingTime()
    working.begin()
    return working
  }

  @Test func `a new socket is opened each minute, for addresses and names`() throws {
    let server = try FakeServer()
    for host in ["127.0.0.1", "localhost"] {
      let transport = transport("\(host):\(server.port)")
      let before = server.sources.count
      for pause in [0, 1, 58_000, 2_000, 59_000] {
        time.advance(milliseconds: pause)
        #expect(transport.send(try frame(1)))
      }
      #expect(try server.receive { $0.sources.count == before + 5 })
      let ports = server.sources.dropFirst(before)
      let (old, new) = (ports.prefix(3), ports.suffix(2))
      #expect(Set(old).count == 1)
      #expect(Set(new).count == 1)
      #expect(old.first != new.first)
    }
  }

  @Test func `the server's name is resolved again after a minute, and not before`() throws {
    let (first, second) = (try FakeServer(), try FakeServer())
    let addresses = try [first, second].map { try ListenAddress.resolve($0.address).first }
    let resolver = Resolver(addresses)
    let transport = transport("weir.internal:8125", resolver)
    #expect(transport.send(try frame(1)))
    time.advance(milliseconds: 59_999)
    #expect(transport.send(try frame(2)))
    #expect(resolver.asked.load(ordering: .relaxed) == 1)
    time.advance(milliseconds: 1)
    #expect(transport.send(try frame(3)))
    #expect(resolver.asked.load(ordering: .relaxed) == 2)
    #expect(try first.receive { Set($0.owners.keys) == [1, 2] })
    #expect(try second.receive { Set($0.owners.keys) == [3] })
  }

  @Test func `after a failed look-up the last address is used, and the look-up is repeated`() throws
  {
    let server = try FakeServer()
    let address = try ListenAddress.resolve(server.address).first
    let resolver = Resolver([nil, address, nil, nil])
    let transport = transport("weir.internal:8125", resolver)
    #expect(!transport.send(try frame(1)))
    time.advance(milliseconds: 4_999)
    #expect(!transport.send(try frame(2)))
    #expect(resolver.asked.load(ordering: .relaxed) == 1)
    time.advance(milliseconds: 1)
    #expect(transport.send(try frame(3)))
    time.advance(milliseconds: 60_000)
    #expect(transport.send(try frame(4)))
    time.advance(milliseconds: 5_000)
    #expect(transport.send(try frame(5)))
    #expect(resolver.asked.load(ordering: .relaxed) == 4)
    #expect(try server.receive { Set($0.owners.keys) == [3, 4, 5] })
  }

  /// Linux reports the ICMP error at the next call, and does not send the datagram of that call.
  @Test func `a frame is sent again if the first attempt reports an error of an earlier one`()
    throws
  {
    var server: FakeServer? = try FakeServer()
    let port = try #require(server?.port)
    server = nil
    let transport = transport("127.0.0.1:\(port)")
    // No socket has the port, which is answered with an ICMP error.
    #expect(transport.send(try frame(1)))
    let back = try FakeServer(port: port)
    #expect(transport.send(try frame(2)))
    #expect(try back.receive { Set($0.owners.keys) == [2] })
  }
}
