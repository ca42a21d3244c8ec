import Glibc
import Testing
import WeirSockets

@testable import WeirHTTP

@Suite(.serialized)
struct HTTPServerHostileTests {
  @Test func `ten thousand garbage requests leave the server answering`() async throws {
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

  @Test func `a server without descriptors serves one more, and then waits without spinning`()
    async throws
  {
    await #expect(processExitsWith: .success) {
      var limits = testLimits
      limits.acceptPauseSeconds = 0.05
      let gate = Gate()
      let handler: HTTPHandler = { request in
        request.path == "/" ? await gate.handler(request) : .text("warm")
      }
      try await withServer(limits: limits, handler: handler) { server in
        // Whatever the runtime opens on first use is open after a first sleep and a first answer.
        try await Task.sleep(for: .milliseconds(1))
        do {
          let warm = try Client(server.address)
          try #require(try await onThread { try warm.get("/warm").status } == 200)
        }
        try #require(try await eventually { server.statistics.connectionsOpen == 0 })
        var descriptors = try Descriptors(free: 2)
        // By the place of the descriptor that is kept for it.
        let first = try descriptors.client(of: server)
        try #require(try await eventually { await gate.waiting == 1 })
        let second = try descriptors.client(of: server)
        let before = server.statistics.acceptsFailed
        try #require(try await eventually { server.statistics.acceptsFailed >= before + 3 })
        // Three pauses took their time; a server that spins fails thousands of times.
        try #require(server.statistics.acceptsFailed < before + 100)
        gate.open()
        // The second finds its place when the first leaves.
        try #require(try await onThread { try first.response().text } == "open")
        shutdown(first.raw, Int32(SHUT_RDWR))
        try #require(try await onThread { try second.response().text } == "open")
      }
    }
  }

  @Test func `without descriptors, connections that merely wait make room for whoever asks`()
    async throws
  {
    await #expect(processExitsWith: .success) {
      var limits = testLimits
      // One pause would last longer than the clients' patience.
      limits.acceptPauseSeconds = 1_000
      try await withServer(limits: limits) { server in
        var idle: [Client] = []
        for number in 1...20 {
          idle.append(try Client(server.address))
          try #require(try await eventually { server.statistics.connectionsOpen == number })
        }
        var descriptors = try Descriptors(free: 15)
        for _ in 0..<15 {
          let client = try descriptors.client(of: server)
          try #require(try await onThread { try client.response().text } == "hello\n")
          idle.append(client)
        }
        try #require(server.statistics.acceptsFailed >= 1)
        try #require(server.statistics.connectionsEvicted >= 10)
      }
    }
  }
}

/// Leaves the process no more descriptors than clients of the test take.
private struct Descriptors {
  private var kept: [Int32]

  init(free count: Int) throws {
    // Each is the lowest that is free, so that none is left below the last.
    kept = (0..<count).map { _ in dup(0) }
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = rlim_t((kept.last ?? 0) + 1)
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    guard dup(0) < 0 else { throw ClientError(description: "there are descriptors left") }
  }

  /// A client that has sent a request.
  mutating func client(of server: HTTPServer) throws -> Client {
    close(kept.removeLast())
    let client = try Client(server.address)
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    return client
  }
}

/// Random bytes, broken requests, and requests cut short.
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

/// A small generator, so that a seed gives the same bytes everywhere.
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
