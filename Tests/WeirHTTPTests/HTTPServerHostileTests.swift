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

  @Test func `a server without descriptors waits without spinning`() async throws {
    await #expect(processExitsWith: .success) {
      var limits = testLimits
      limits.acceptPauseSeconds = 0.05
      try await withServer(limits: limits) { server in
        // Whatever the runtime opens on first use is open after a first answer.
        try #require(try await onThread { try Client(server.address).get("/").status } == 200)
        try #require(try await eventually { server.statistics.connectionsOpen == 0 })
        // Room for one descriptor, which the client takes.
        let probe = dup(0)
        close(probe)
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let generous = limit.rlim_cur
        limit.rlim_cur = rlim_t(probe + 1)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let client = try Client(server.address)
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        try #require(try await eventually { server.statistics.acceptsFailed >= 3 })
        // Three pauses took their time; a server that spins fails thousands of times.
        try #require(server.statistics.acceptsFailed < 100)
        limit.rlim_cur = generous
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let text = try await onThread { try client.response().text }
        try #require(text == "hello\n")
      }
    }
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
