import Testing
import WeirSockets

@testable import WeirHTTP

@Suite struct PasswordQueueTests {
  private func entry(
    _ id: UInt64, network: UInt8 = 1, user: String = "a", isReturning: Bool = false
  ) -> PasswordQueue.Entry {
    PasswordQueue.Entry(
      id: id, network: ClientNetwork(.ipv4(10, 0, 0, network, port: 1)), user: user,
      isReturning: isReturning)
  }

  private func drain(_ queue: inout PasswordQueue) -> [UInt64] {
    var order: [UInt64] = []
    while let next = queue.next() { order.append(next.id) }
    return order
  }

  @Test func `networks take turns, and so do the users of a network`() {
    var queue = PasswordQueue()
    for id in 1...4 as ClosedRange<UInt64> { #expect(queue.add(entry(id)) == .queued) }
    #expect(queue.add(entry(5, user: "b")) == .queued)
    #expect(queue.add(entry(6, network: 2)) == .queued)
    #expect(drain(&queue) == [1, 6, 5, 2, 3, 4])
    #expect(queue.count == 0)
  }

  @Test func `returning credentials go before new ones of the same network only`() {
    var queue = PasswordQueue()
    for id in 1...3 as ClosedRange<UInt64> { _ = queue.add(entry(id)) }
    _ = queue.add(entry(4, network: 2))
    _ = queue.add(entry(5, user: "b", isReturning: true))
    _ = queue.add(entry(6, isReturning: true))
    #expect(drain(&queue) == [6, 4, 5, 1, 2, 3])
  }

  @Test func `the entries of a network are limited, with extra room for returning credentials`() {
    var queue = PasswordQueue()
    let most = UInt64(PasswordQueue.waitingPerNetworkMax)
    for id in 0..<most { #expect(queue.add(entry(id)) == .queued) }
    #expect(queue.add(entry(1_000)) == .rejected)
    for id in 0..<UInt64(PasswordQueue.returningMax) {
      #expect(queue.add(entry(2_000 + id, isReturning: true)) == .queued)
    }
    #expect(queue.add(entry(3_000, isReturning: true)) == .rejected)
    #expect(queue.add(entry(4_000, network: 2)) == .queued)
    #expect(queue.next()?.id == 2_000)
  }

  @Test func `if the queue is full, a new network replaces an entry of the largest one`() {
    var queue = PasswordQueue()
    let half = UInt64(PasswordQueue.waitingMax / 2)
    for id in 0..<half { _ = queue.add(entry(id, network: 1)) }
    for id in half..<2 * half { _ = queue.add(entry(id, network: 2)) }
    #expect(queue.count == PasswordQueue.waitingMax)
    let result = queue.add(entry(500, network: 3))
    #expect(result == .replaced(half - 1) || result == .replaced(2 * half - 1))
    #expect(queue.count == PasswordQueue.waitingMax)
    // It is one of the next three.
    let first = (0..<3).compactMap { _ in queue.next()?.id }
    #expect(first.contains(500))
  }

  @Test func `no entry is replaced for a network that would then have as many`() {
    var queue = PasswordQueue()
    let half = UInt64(PasswordQueue.waitingMax / 2)
    for id in 0..<half { _ = queue.add(entry(id, network: 1)) }
    for id in half..<2 * half - 1 { _ = queue.add(entry(id, network: 2)) }
    _ = queue.add(entry(500, network: 3))
    #expect(queue.count == PasswordQueue.waitingMax)
    #expect(queue.add(entry(600, network: 2)) == .rejected)
    #expect(queue.count == PasswordQueue.waitingMax)
  }

  @Test func `in the largest network, the newest entry that is not returning is replaced`() {
    var queue = PasswordQueue()
    let most = UInt64(PasswordQueue.waitingPerNetworkMax)
    for id in 0..<most { _ = queue.add(entry(id, network: 1)) }
    for id in most..<2 * most - 1 { _ = queue.add(entry(id, network: 2)) }
    _ = queue.add(entry(700, network: 1, isReturning: true))
    #expect(queue.count == PasswordQueue.waitingMax)
    #expect(queue.add(entry(500, network: 3)) == .replaced(most - 1))
  }

  @Test func `a network or user that was served goes after those that arrived in the meantime`() {
    var networks = PasswordQueue()
    _ = networks.add(entry(1, network: 1))
    #expect(networks.next()?.id == 1)
    _ = networks.add(entry(2, network: 2))
    _ = networks.add(entry(3, network: 1))
    #expect(drain(&networks) == [2, 3])
    var users = PasswordQueue()
    _ = users.add(entry(1, user: "a"))
    _ = users.add(entry(2, user: "c"))
    #expect(users.next()?.id == 1)
    _ = users.add(entry(3, user: "b"))
    _ = users.add(entry(4, user: "a"))
    #expect(drain(&users) == [2, 3, 4])
  }

  @Test func `a removed entry does not get a turn`() {
    var queue = PasswordQueue()
    for id in 1...3 as ClosedRange<UInt64> { _ = queue.add(entry(id)) }
    queue.remove(2)
    queue.remove(9)
    #expect(drain(&queue) == [1, 3])
  }

  @Test func `a limited number of digests is remembered; the oldest are evicted`() {
    var memory = RecentDigests(countMax: 3)
    func digest(_ number: UInt8) -> [UInt8] { [number] }
    for number in [1, 2, 2, 3, 4] as [UInt8] { memory.insert(digest(number)) }
    #expect([1, 2, 3, 4].map { memory.contains(digest($0)) } == [false, true, true, true])
    memory.remove(digest(3))
    #expect(!memory.contains(digest(3)))
    for number in 10...200 as ClosedRange<UInt8> { memory.insert(digest(number)) }
    #expect(memory.count == 3)
    #expect([198, 199, 200].allSatisfy { memory.contains(digest($0)) })
  }
}
