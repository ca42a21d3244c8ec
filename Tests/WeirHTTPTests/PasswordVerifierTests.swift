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

  @Test func `an attempt whose credentials were checked meanwhile is not checked again`() async {
    let counted = Rounds(right: Self.hash(5))
    let checks = PasswordChecks(verifier: counted.verifier)
    let network = ClientNetwork(.loopback(port: 1))
    func attempt() -> PasswordAttempt {
      PasswordAttempt(
        user: "a", password: [1], hash: Self.hash(5), costliestHash: Self.hash(5), digest: [1])
    }
    let late = attempt()
    let first = attempt()
    #expect(checks.add(first, from: network))
    let result = await first.result()
    #expect(counted.take() == [5])
    #expect(checks.add(late, from: network))
    #expect(await late.result() == result)
    #expect(counted.take() == [])
  }

  @Test func `the result is remembered even if the client has disconnected`() async {
    let counted = Rounds(right: Self.hash(5))
    let checks = PasswordChecks(verifier: counted.verifier)
    let network = ClientNetwork(.loopback(port: 1))
    let gone = PasswordAttempt(
      user: "a", password: [1], hash: Self.hash(5), costliestHash: Self.hash(5), digest: [1])
    #expect(checks.add(gone, from: network))
    let later = PasswordAttempt(
      user: "a", password: [2], hash: nil, costliestHash: Self.hash(5), digest: [2])
    #expect(checks.add(later, from: network))
    #expect(await later.result() == false)
    #expect(checks.remembered([1]) == true)
    #expect(checks.remembered([2]) == false)
    #expect(checks.remembered([3]) == nil)
  }

  @Test func `credentials that were rejected for lack of room go before new ones`() async {
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
    for attempt in flood { #expect(checks.add(attempt, from: network)) }
    #expect(!checks.add(attempt(200), from: network))
    let again = attempt(200)
    #expect(checks.add(again, from: network))
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
