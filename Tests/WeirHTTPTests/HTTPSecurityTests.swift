import Foundation
import Synchronization
import Testing
import WeirSecurity
import WeirSockets

@testable import WeirHTTP

@Suite struct HTTPSecurityTests {
  /// The hash of "right", at a low cost.
  private static let hash = "$2b$04$abcdefghijklmnopqrstuuFmEfrkTQnczNzw475xE2VhDrK1uwJiC"

  private func settings(_ users: [String: String]) -> HTTPSecurity.Settings {
    var settings = HTTPSecurity.Settings()
    settings.users = users
    return settings
  }

  private func handler(_ security: HTTPSecurity) -> HTTPHandler {
    { request in
      await security.answer(request, access: security.access(for: request)) { _ in
        .text("secret\n")
      }
    }
  }

  private func status(
    _ handler: HTTPHandler, _ credentials: String?, scheme: String = "Basic"
  ) async -> Int {
    var headers = HTTPHeaders()
    if let credentials {
      headers.add("Authorization", "\(scheme) \(Data(credentials.utf8).base64EncodedString())")
    }
    return await handler(HTTPRequest(path: "/", headers: headers)).status
  }

  @Test func `only a valid user name and password grant access`() async {
    let security = HTTPSecurity()
    let handler = handler(security)
    #expect(await status(handler, nil) == 200)
    security.use(settings(["prometheus": Self.hash]))
    for _ in 0..<3 {
      #expect(await status(handler, "prometheus:right") == 200)
      #expect(await status(handler, "prometheus:right", scheme: "bASIC") == 200)
      #expect(await status(handler, "prometheus:right", scheme: "Bearer") == 401)
      for wrong in [
        nil, "prometheus:wrong", "prometheus:", "prometheus", "nobody:right", ":right", "",
        "prometheus:right ", "prometheus:right\0",
      ] { #expect(await status(handler, wrong) == 401) }
    }
  }

  @Test func `a request with two Authorization headers is denied`() async {
    let security = HTTPSecurity()
    security.use(settings(["prometheus": Self.hash]))
    let handler = handler(security)
    var headers = HTTPHeaders()
    let right = Data("prometheus:right".utf8).base64EncodedString()
    for _ in 0..<2 { headers.add("Authorization", "Basic \(right)") }
    let response = await handler(HTTPRequest(path: "/", headers: headers))
    #expect(response.status == 401)
    #expect(response.headers["WWW-Authenticate"] == "Basic realm=\"weir\", charset=\"UTF-8\"")
    guard case .bytes(let message) = response.body else { return #expect(Bool(false)) }
    #expect(
      String(decoding: message, as: UTF8.self)
        == "authentication required; send a valid user name and password\n")
  }

  @Test func `remembered credentials become invalid when the user's password changes`() async {
    let security = HTTPSecurity()
    let handler = handler(security)
    security.use(settings(["prometheus": Self.hash]))
    #expect(await status(handler, "prometheus:right") == 200)
    security.use(settings(["prometheus": Self.hash.replacing("ab", with: "ba")]))
    #expect(await status(handler, "prometheus:right") == 401)
    security.use(settings(["other": Self.hash]))
    #expect(await status(handler, "prometheus:right") == 401)
    #expect(await status(handler, "other:right") == 200)
  }

  @Test func `open paths need no password, but similar paths do`() async {
    let security = HTTPSecurity(openPaths: ["/-/healthy", "/-/ready"])
    security.use(settings(["prometheus": Self.hash]))
    let handler = handler(security)
    func status(_ path: String) async -> Int { await handler(HTTPRequest(path: path)).status }
    #expect(await status("/-/healthy") == 200)
    #expect(await status("/-/ready") == 200)
    for path in ["/-/healthy/", "/-/Healthy", "//-/healthy", "/-/", "/-/reload", "/metrics", ""] {
      #expect(await status(path) == 401)
    }
  }

  @Test func `requests that exceed the rate limit are refused, except on open paths`()
    async
  {
    let clock = Atomic<UInt64>(1_000)
    let security = HTTPSecurity(
      openPaths: ["/-/healthy"], nanoseconds: { clock.load(ordering: .relaxed) })
    var limited = settings(["prometheus": Self.hash])
    limited.rate = RequestRate(intervalNanoseconds: 1_500_000_000, burst: 2)
    security.use(limited)
    let handler = handler(security)
    #expect(await status(handler, nil) == 401)
    #expect(await status(handler, "prometheus:right") == 200)
    #expect(await status(handler, "prometheus:right") == 429)
    let refusal = await handler(HTTPRequest(path: "/"))
    #expect(refusal.headers["Retry-After"] == "2")
    guard case .bytes(let message) = refusal.body else { return #expect(Bool(false)) }
    #expect(
      String(decoding: message, as: UTF8.self)
        == "the request rate exceeds rate_limit; try again later\n")
    #expect(await handler(HTTPRequest(path: "/-/healthy")).status == 200)
    clock.store(1_500_000_999, ordering: .relaxed)
    #expect(await status(handler, "prometheus:right") == 429)
    clock.store(1_500_001_000, ordering: .relaxed)
    #expect(await status(handler, "prometheus:right") == 200)
    #expect(await status(handler, "prometheus:right") == 429)
    // A reload does not refill the bucket.
    security.use(limited)
    #expect(await status(handler, "prometheus:right") == 429)
    // The bucket never holds more than the burst.
    clock.store(1_000_000_000_000, ordering: .relaxed)
    for expected in [200, 200, 429] {
      #expect(await status(handler, "prometheus:right") == expected)
    }
  }

  @Test func `a limited number of credentials is remembered; the least recently used are evicted`()
  {
    var verified = VerifiedCredentials()
    func digest(_ number: Int) -> [UInt8] { [UInt8(number % 256), UInt8(number / 256)] }
    for number in 0..<VerifiedCredentials.countMax { verified.insert(digest(number)) }
    let first = verified.contains(digest(0))
    verified.insert(digest(1_000))
    let kept = [0, 1, 1_000].map { verified.contains(digest($0)) }
    #expect(first)
    #expect(kept == [true, false, true])
  }

  @Test func `one network cannot fill the queue for password checks`() async {
    let gate = DispatchGate()
    let checks = PasswordChecks(
      verifier: PasswordVerifier { password, _ in
        gate.pass()
        return password == [7]
      })
    func attempt(_ password: [UInt8]) -> PasswordAttempt {
      PasswordAttempt(
        user: "a", password: password, hash: Self.hash, costliestHash: Self.hash, digest: password)
    }
    let flood = (0..<200).map { attempt([8, UInt8($0)]) }
    let queued = flood.filter {
      checks.add($0, from: ClientNetwork(.loopback(port: 1)))
    }
    // Plus the one that is being checked.
    #expect(queued.count == PasswordQueue.waitingPerNetworkMax + 1)
    let mine = attempt([7])
    #expect(checks.add(mine, from: ClientNetwork(.loopback6(port: 1))))
    gate.open()
    #expect(await mine.result() == true)
    for attempt in queued { #expect(await attempt.result() == false) }
  }

  @Test(arguments: [
    ("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob"), ("Zg", "f"),
    ("Pz8/Pj4+", "???>>>"),
  ])
  func `Base64 is decoded`(text: String, bytes: String) {
    #expect(Base64.decode(text.utf8) == Array(bytes.utf8))
  }

  @Test(arguments: ["Z", "Zg=", "Zh==", "Zm9=", "Zm9v=", "Z===", "Zm 9v", "Zm9v\n", "Zm-_", "===="])
  func `invalid Base64 is refused`(text: String) {
    #expect(Base64.decode(text.utf8) == nil)
  }
}
