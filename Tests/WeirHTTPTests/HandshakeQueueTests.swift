import Testing
import WeirSockets

@testable import WeirHTTP

@Suite struct HandshakeQueueTests {
  private func network(_ number: UInt8) -> ClientNetwork {
    ClientNetwork(.ipv4(10, 0, 0, number, port: 1))
  }

  private func drain(
    _ queue: inout HandshakeQueue, isKnown: (ClientNetwork) -> Bool = { _ in false }
  ) -> [UInt64] {
    var order: [UInt64] = []
    while let id = queue.next(isKnown: isKnown) { order.append(id) }
    return order
  }

  @Test func `started handshakes go first, then the newest`() {
    var queue = HandshakeQueue()
    for (id, isStarted) in [(1, false), (2, true), (3, false), (4, true)] as [(UInt64, Bool)] {
      #expect(queue.add(id, of: network(1), isStarted: isStarted) == nil)
    }
    #expect(drain(&queue) == [2, 4, 3, 1])
    #expect(queue.count == 0)
  }

  @Test func `networks take turns, regardless of how many connections each has`() {
    var queue = HandshakeQueue()
    for id in 1...20 as ClosedRange<UInt64> { _ = queue.add(id, of: network(1), isStarted: true) }
    _ = queue.add(100, of: network(2), isStarted: false)
    _ = queue.add(101, of: network(2), isStarted: false)
    _ = queue.add(200, of: network(3), isStarted: false)
    #expect(drain(&queue).prefix(6) == [1, 101, 200, 2, 100, 3])
  }

  @Test func `a new network goes after those that have waited longer`() {
    var queue = HandshakeQueue()
    for id in 1...9 as ClosedRange<UInt64> {
      _ = queue.add(id, of: network(UInt8(id)), isStarted: false)
    }
    #expect(queue.next { _ in false } == 1)
    _ = queue.add(10, of: network(1), isStarted: false)
    #expect(drain(&queue) == [2, 3, 4, 5, 6, 7, 8, 9, 10])
  }

  @Test func `known networks go first, except in every fourth turn`() {
    var queue = HandshakeQueue()
    _ = queue.add(1, of: network(1), isStarted: false)
    for id in 10...18 as ClosedRange<UInt64> { _ = queue.add(id, of: network(9), isStarted: true) }
    let order = drain(&queue) { $0 == network(9) }
    let position = order.firstIndex(of: 1) ?? -1
    #expect(order.first == 10)
    #expect((1..<HandshakeQueue.turnsPerUnknown).contains(position))
    #expect(order.count == 10)
  }

  @Test func `the queue of a network is limited, and its oldest new connection is evicted`() {
    var queue = HandshakeQueue()
    let most = UInt64(HandshakeQueue.waitingPerNetworkMax)
    #expect(queue.add(0, of: network(1), isStarted: true) == nil)
    for id in 1..<most { #expect(queue.add(id, of: network(1), isStarted: false) == nil) }
    #expect(queue.add(100, of: network(1), isStarted: false) == 1)
    #expect(queue.add(101, of: network(1), isStarted: true) == 2)
    #expect(queue.count == HandshakeQueue.waitingPerNetworkMax)
    // Other networks are not affected.
    #expect(queue.add(200, of: network(2), isStarted: false) == nil)
    var started = HandshakeQueue()
    for id in 0..<most { _ = started.add(id, of: network(1), isStarted: true) }
    #expect(started.add(100, of: network(1), isStarted: true) == 0)
  }

  @Test func `a removed connection does not get a turn`() {
    var queue = HandshakeQueue()
    for id in 1...3 as ClosedRange<UInt64> { _ = queue.add(id, of: network(1), isStarted: id == 2) }
    queue.remove(2, of: network(1))
    queue.remove(3, of: network(1))
    queue.remove(7, of: network(5))
    #expect(drain(&queue) == [1])
    // Nor does a network that has no connections left.
    _ = queue.add(4, of: network(1), isStarted: false)
    _ = queue.add(5, of: network(2), isStarted: false)
    queue.remove(4, of: network(1))
    #expect(drain(&queue) == [5])
  }

  @Test func `a limited number of networks is known; the least recent are evicted`() {
    var known = KnownNetworks()
    for number in 0..<KnownNetworks.countMax { known.insert(network(UInt8(number))) }
    known.insert(network(0))
    known.insert(network(200))
    #expect([0, 1, 2, 200].map { known.contains(network($0)) } == [true, false, true, true])
  }
}
