import Synchronization
import Testing
import WeirSockets

@testable import WeirHTTP

/// Counts the rounds of bcrypt that are requested, without computing them.
private final class Rounds: Sendable {
  private let costs = Mutex<[Int]>([])
  private let right: String

  /// - Parameter right: A hash that every password matches.
  init(right: String = "") {
    self.right = right
  }

  var verifier: PasswordVerifier {
    PasswordVerifier { _, hash in
      self.costs.withLock { $0.append(hash.bcryptCost ?? 0) }
      return hash == self.right
    }
  }

  /// The costs that were requested since the last call.
  func take() -> [Int] {
    costs.withLock { costs in
      defer { costs = [] }
      return costs
    }
  }
}

@Suite struct PasswordVerifierTests {
  private static func hash(_ cost: Int) -> String {
    "$2b$\(cost < 10 ? "0" : "")\(cost)$abcdefghijklmnopqrstuuFmEfrkTQnczNzw475xE2VhDrK1uwJiC"
  }

  private func rounds(_ costs: [Int]) -> Int { costs.reduce(0) { $0 + 1 << $1 } }

  @Test(
    "a wrong password costs the same for every user, existing or not",
    arguments: [4, 5, 9, 10, 12, 14])
  func equal(cost: Int) {
    let counted = Rounds()
    let costliest = Self.hash(14)
    #expect(!counted.verifier.verify([1], hash: nil, costliestHash: costliest))
    #expect(counted.take() == [14])
    #expect(!counted.verifier.verify([1], hash: Self.hash(cost), costliestHash: costliest))
    let costs = counted.take()
    #expect(costs.first == cost)
    #expect(rounds(costs) == 1 << 14)
  }

  @Test func `a correct password costs only the rounds of its own hash`() {
    let counted = Rounds(right: Self.hash(5))
    #expect(counted.verifier.verify([1], hash: Self.hash(5), costliestHash: Self.hash(14)))
    #expect(counted.take() == [5])
  }

  @Test func `the server does the same work for every user name, and only once for each`() async {
    let counted = Rounds()
    let security = HTTPSecurity(checks: PasswordChecks(verifier: counted.verifier))
    var settings = HTTPSecurity.Settings()
    settings.users = ["cheap": Self.hash(4), "dear": Self.hash(11), "middle": Self.hash(9)]
    security.use(settings)
    for user in ["cheap", "dear", "middle", "nobody", ""] {
      for _ in 0..<3 {
        #expect(await security.status("\(user):wrong") == 401)
      }
      #expect(rounds(counted.take()) == 1 << 11, "\(user)")
    }
  }

  @Test func `repeating the same wrong password costs one check, in parallel or in sequence`() async
  {
    let counted = Rounds(right: Self.hash(5))
    let security = HTTPSecurity(checks: PasswordChecks(verifier: counted.verifier))
    var settings = HTTPSecurity.Settings()
    settings.users = ["prometheus": Self.hash(5)]
    security.use(settings)
    await withTaskGroup { group in
      for _ in 0..<40 {
        group.addTask { #expect(await security.status("nobody:wrong") == 401) }
      }
    }
    #expect(counted.take() == [5])
    #expect(await security.status("prometheus:right") == 200)
    #expect(await security.status("prometheus:right") == 200)
    #expect(counted.take() == [5])
  }

  @Test func `requests with the same credentials share one check and one place`() async throws {
    let gate = DispatchGate()
    let checked = Mutex<[[UInt8]]>([])
    let checks = PasswordChecks(
      verifier: PasswordVerifier { password, _ in
        gate.pass()
        checked.withLock { $0.append(password) }
        return password == [7]
      })
    let network = ClientNetwork(.loopback(port: 1))
    func attempt(_ password: UInt8, _ digest: [UInt8]?) -> PasswordAttempt {
      PasswordAttempt(
        user: "a", password: [password], hash: "$2b$05$", costliestHash: "$2b$05$", digest: digest)
    }
    // One check runs, and many more requests than the queue has places wait for each of the two.
    let wrong = (0..<200).map { _ in attempt(8, [8]) }
    let right = (0..<200).map { _ in attempt(7, [7]) }
    let elsewhere = attempt(7, [7])
    for attempt in wrong + right { try #require(checks.add(attempt, from: network)) }
    #expect(checks.add(elsewhere, from: ClientNetwork(.loopback6(port: 1))))
    // The other places are free. Without a digest nobody can tell who is the same.
    let others = (0..<UInt8(PasswordQueue.waitingPerNetworkMax - 1)).map { attempt($0 + 10, nil) }
    for attempt in others { try #require(checks.add(attempt, from: network)) }
    #expect(!checks.add(attempt(9, nil), from: network))
    gate.open()
    for attempt in wrong + others { #expect(await attempt.result() == false) }
    for attempt in right + [elsewhere] { #expect(await attempt.result() == true) }
    let passwords = checked.withLock { $0 }
    #expect(passwords.count { $0 == [7] } == 1)
    #expect(passwords.count { $0 == [8] } == 1)
    #expect(passwords.count == 2 + others.count)
  }

  @Test func `few requests share a check, and those that lose their place are told`() async throws {
    let gate = DispatchGate()
    let checks = PasswordChecks(
      verifier: PasswordVerifier { password, _ in
        gate.pass()
        return password == [7]
      })
    func attempt(_ password: UInt8, _ digest: [UInt8]) -> PasswordAttempt {
      PasswordAttempt(
        user: "a", password: [password], hash: "$2b$05$", costliestHash: "$2b$05$", digest: digest)
    }
    func network(_ host: UInt8) -> ClientNetwork {
      ClientNetwork(.ipv4(10, 0, 0, host, port: 1))
    }
    let running = attempt(7, [0])
    try #require(checks.add(running, from: network(1)))
    // The queue is full, half of it of one network, whose newest place has two requests.
    let half = UInt8(PasswordQueue.waitingMax / 2)
    let first = (1...half).map { attempt(8, [1, $0]) }
    for attempt in first { try #require(checks.add(attempt, from: network(1))) }
    let second = attempt(8, [1, half])
    try #require(checks.add(second, from: network(1)))
    for number in 1...half {
      try #require(checks.add(attempt(8, [2, number]), from: network(number % 2 == 0 ? 2 : 3)))
    }
    try #require(checks.add(attempt(8, [3]), from: network(4)))
    #expect(await second.result() == nil)
    #expect(await first[Int(half) - 1].result() == nil)
    let sharing = (0..<PasswordChecks.sharingMax).map { _ in attempt(7, [0]) }
    for attempt in sharing { try #require(checks.add(attempt, from: network(5))) }
    #expect(!checks.add(attempt(7, [0]), from: network(5)))
    gate.open()
    for attempt in sharing + [running] { #expect(await attempt.result() == true) }
    #expect(await first[0].result() == false)
    // There is room again.
    let again = attempt(9, [9])
    try #require(checks.add(again, from: network(1)))
    try #require(checks.add(attempt(9, [9]), from: network(1)))
    #expect(await again.result() == false)
  }

  @Test func `an attempt whose credentials were checked meanwhile is not checked again`()
    async throws
  {
    let counted = Rounds(right: Self.hash(5))
    let checks = PasswordChecks(verifier: counted.verifier)
    let network = ClientNetwork(.loopback(port: 1))
    func attempt() -> PasswordAttempt {
      PasswordAttempt(
        user: "a", password: [1], hash: Self.hash(5), costliestHash: Self.hash(5), digest: [1])
    }
    let late = attempt()
    let first = attempt()
    try #require(checks.add(first, from: network))
    let result = await first.result()
    #expect(counted.take() == [5])
    try #require(checks.add(late, from: network))
    #expect(await late.result() == result)
    #expect(counted.take() == [])
  }

  @Test func `the result is remembered even if the client has disconnected`() async throws {
    let counted = Rounds(right: Self.hash(5))
    let checks = PasswordChecks(verifier: counted.verifier)
    let network = ClientNetwork(.loopback(port: 1))
    let gone = PasswordAttempt(
      user: "a", password: [1], hash: Self.hash(5), costliestHash: Self.hash(5), digest: [1])
    try #require(checks.add(gone, from: network))
    let later = PasswordAttempt(
      user: "a", password: [2], hash: nil, costliestHash: Self.hash(5), digest: [2])
    try #require(checks.add(later, from: network))
    #expect(await later.result() == false)
    #expect(checks.remembered([1]) == true)
    #expect(checks.remembered([2]) == false)
    #expect(checks.remembered([3]) == nil)
  }

  @Test func `credentials that were rejected for lack of room go before new ones`() async throws {
    let gate = DispatchGate()
    let order = Mutex<[UInt8]>([])
    let checks = PasswordChecks(
      verifier: PasswordVerifier { password, _ in
        gate.pass()
        order.withLock { $0.append(password[0]) }
        return password == [200]
      })
    let network = ClientNetwork(.loopback(port: 1))
    func attempt(_ number: UInt8) -> PasswordAttempt {
      PasswordAttempt(
        user: "a", password: [number], hash: "$2b$05$", costliestHash: "$2b$05$", digest: [number])
    }
    // One is being checked, and the queue is full.
    let flood = (0...UInt8(PasswordQueue.waitingPerNetworkMax)).map(attempt)
    for attempt in flood { try #require(checks.add(attempt, from: network)) }
    #expect(!checks.add(attempt(200), from: network))
    let again = attempt(200)
    try #require(checks.add(again, from: network))
    gate.open()
    #expect(await again.result() == true)
    for attempt in flood { _ = await attempt.result() }
    #expect(order.withLock { Array($0.prefix(2)) } == [0, 200])
  }
}

extension HTTPSecurity {
  /// The status of the response to a request with these credentials.
  func status(_ credentials: String) async -> Int {
    var headers = HTTPHeaders()
    headers.add("Authorization", "Basic \(base64(credentials))")
    let request = HTTPRequest(path: "/", headers: headers)
    return await answer(request, access: access(for: request)) { _ in .text("secret\n") }.status
  }
}
