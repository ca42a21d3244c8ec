import Dispatch
import Glibc
import Testing
import WeirSockets

@testable import WeirHTTP

@Suite(.serialized)
struct HTTPServerHostileTests {
  @Test func `the server still answers after ten thousand garbage requests`() async throws {
    try await withServer { server in
      try await onThread {
        var random = SplitMix(state: 0x5eed)
        for number in 0..<10_000 {
          let client = try Client(server.address)
          client.send(garbage(&random))
          if number % 2 == 0 {
            client.finishSending()
            let answer = try client.readToEnd()
            #expect(answer.isEmpty || answer.starts(with: Array("HTTP/1.1 ".utf8)))
          }
        }
        #expect(try Client(server.address).get("/").text == "hello\n")
      }
      #expect(try await eventually { server.statistics.connectionsOpen == 0 })
      #expect(await server.requestsInFlight == 0)
    }
  }

  // The kernel keeps what came before a reset, and reports the reset once.

  @Test func `a connection that is reset in the middle of a body is closed at once`() async throws {
    var limits = HTTPLimits()
    limits.bodyReadSecondsMax = 1_000
    try await withServer(limits: limits) { server in
      try await resetLater(server) { client in
        client.send("POST /push HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
      }
    }
  }

  @Test func `a connection that is reset after its last response is closed at once`() async throws {
    var limits = HTTPLimits()
    limits.lingerSecondsMax = 1_000
    try await withServer(limits: limits) { server in
      try await resetLater(server) { client in
        client.send("GET / HTTP/1.0\r\n\r\n")
        _ = try client.readToEnd()
      }
    }
  }

  /// Resets a connection after it has sent several times what one read takes, while the server sleeps.
  private func resetLater(
    _ server: HTTPServer, after begin: @escaping @Sendable (Client) throws -> Void
  ) async throws {
    let gate = DispatchGate()
    try await onThread {
      let client = try Client(server.address)
      try begin(client)
      while server.statistics.connectionsOpen == 0 { usleep(1_000) }
      server.queue.async { gate.pass() }
      client.send([UInt8](repeating: 0x61, count: 3 * HTTPLimits().readBytesMax))
      var option = linger(l_onoff: 1, l_linger: 0)
      setsockopt(
        client.raw, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }
    gate.open()
    #expect(try await eventually { server.statistics.connectionsOpen == 0 })
  }

  @Test func `near the descriptor limit, idle connections are evicted`() async throws {
    await #expect(processExitsWith: .success) {
      var limits = testLimits
      // A single pause would exceed the clients' timeout.
      limits.acceptPauseSeconds = 1_000
      try await withServer(limits: limits) { server in
        var clients: [Client] = []
        for number in 1...20 {
          clients.append(try Client(server.address))
          try #require(try await eventually { server.statistics.connectionsOpen == number })
        }
        try leaveDescriptors(12)
        // Each uses two descriptors: one of the server and one of the test.
        for _ in 0..<8 {
          let client = try Client(server.address)
          clients.append(client)
          try #require(try await onThread { try client.get("/").text } == "hello\n")
        }
        try #require(server.statistics.connectionsEvicted >= 4)
        // The last descriptors were never used.
        try #require(server.statistics.acceptsFailed == 0)
        try #require(clients.count == 28)
      }
    }
  }

  @Test func `near the descriptor limit, a connection is refused if all others are busy`()
    async throws
  {
    await #expect(processExitsWith: .success) {
      let gate = Gate()
      try await withServer(handler: gate.handler) { server in
        let busy = try (0..<5).map { _ in try Client(server.address) }
        for client in busy { client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n") }
        try #require(try await eventually { await gate.waiting == 5 })
        try leaveDescriptors(6)
        for _ in 0..<3 {
          try #require(try await onThread { try Client(server.address).readToEnd().isEmpty })
        }
        try #require(server.statistics.connectionsRefused == 3)
        try #require(server.statistics.acceptsFailed == 0)
        gate.open()
        for client in busy {
          try #require(try await onThread { try client.response().text } == "open")
        }
      }
    }
  }
}

/// Lowers the process' limit so that `count` more descriptors can be opened.
private func leaveDescriptors(_ count: Int) throws {
  // The lowest free numbers.
  let free = (0..<count).map { _ in dup(0) }
  for descriptor in free { close(descriptor) }
  guard let last = free.last, last >= 0 else { throw ClientError(description: "too few") }
  var limit = rlimit()
  getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  limit.rlim_cur = rlim_t(last + 1)
  setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}

/// Random bytes, malformed requests and truncated requests.
private func garbage(_ random: inout SplitMix) -> [UInt8] {
  switch random.next() % 4 {
  case 0:
    return (0..<Int.random(in: 1...300, using: &random)).map { _ in
      UInt8.random(in: .min ... .max, using: &random)
    }
  case 1:
    let pieces = [
      "GET", " ", "/", "HTTP/1.1", "\r\n", "\n", "\r", "Host", ":", "a", "\t", "\u{0}",
      "Content-Length: ", "5", "Transfer-Encoding: chunked", "é", "http://", "[", "?", "#",
    ]
    return (0..<Int.random(in: 1...40, using: &random)).flatMap { _ in
      Array((pieces.randomElement(using: &random) ?? "").utf8)
    }
  default:
    var bytes = Array("GET /echo?a=b HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc".utf8)
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(
        in: .min ... .max, using: &random)
    }
    return random.next() % 2 == 0
      ? bytes : Array(bytes.prefix(Int.random(in: 1...bytes.count, using: &random)))
  }
}

/// A generator with the same output on every platform.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var word = state
    word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
    return word ^ (word >> 31)
  }
}
