import Glibc
import Testing
import WeirSockets

@testable import WeirHTTP

@Suite(.serialized)
struct HTTPServerLimitTests {
  @Test func `a slow reader of a large page does not delay others`() async throws {
    try await withServer { server in
      try await onThread {
        let slow = try Client(server.address, receiveBufferBytes: 4_096)
        slow.send("GET /big HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(try slow.read(1_000).count > 0)
        for _ in 0..<50 { #expect(try Client(server.address).get("/").status == 200) }
        // Read the rest quickly, because with the small buffer it could take minutes.
        slow.setReceiveBuffer(bytes: 1 << 20)
        #expect(try slow.readToEnd().count > bigBytes - 1_000)
      }
      #expect(server.statistics.responsesAbandoned == 0)
    }
  }

  @Test func `a stalled reader is disconnected`() async throws {
    var limits = testLimits
    limits.writeStallSecondsMax = 0.2
    try await withServer(limits: limits) { server in
      let client = try Client(server.address, receiveBufferBytes: 4_096)
      client.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(try await eventually { server.statistics.responsesAbandoned == 1 })
      #expect(server.statistics.connectionsOpen == 0)
      #expect(await server.requestsInFlight == 0)
    }
  }

  @Test func `a reader that is too slow is disconnected`() async throws {
    var limits = testLimits
    limits.responseSecondsMax = 0.5
    limits.writeStallSecondsMax = 60
    try await withServer(limits: limits) { server in
      try await onThread {
        let client = try Client(server.address, receiveBufferBytes: 4_096)
        client.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n")
        while server.statistics.responsesAbandoned == 0, try !client.read(512).isEmpty {
          usleep(500)
        }
      }
      #expect(try await eventually { server.statistics.responsesAbandoned == 1 })
    }
  }

  @Test func `a request that arrives too slowly times out, and others are served`() async throws {
    var limits = testLimits
    limits.headReadSecondsMax = 0.4
    try await withServer(limits: limits) { server in
      try await onThread {
        let slow = try Client(server.address)
        let body = try Client(server.address)
        body.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n")
        slow.send("GET / HTTP/1.1\r\n")
        for _ in 0..<10_000 where server.statistics.requestsByStatus[408] != 2 {
          slow.send("A: b\r\n".utf8.prefix(1))
          #expect(try Client(server.address).get("/").status == 200)
        }
        for client in [slow, body] {
          let answer = try client.response()
          #expect(answer.status == 408)
          #expect(answer.text == "the request did not arrive within 0.4 seconds; try again\n")
          #expect(try client.readToEnd().isEmpty)
        }
      }
    }
  }

  @Test func `an idle connection is closed after the timeout`() async throws {
    var limits = testLimits
    limits.idleSecondsMax = 0.2
    try await withServer(limits: limits) { server in
      try await onThread {
        let silent = try Client(server.address)
        let used = try Client(server.address)
        #expect(try used.get("/").status == 200)
        #expect(try silent.readToEnd().isEmpty)
        #expect(try used.readToEnd().isEmpty)
      }
      #expect(server.statistics.requestsByStatus == [200: 1])
    }
  }

  @Test func `idle connections that exceed the limit are evicted for new ones`() async throws {
    var limits = testLimits
    limits.connectionsMax = 20
    try await withServer(limits: limits) { server in
      let address = server.address
      let flood = try await onThread { try (0..<100).map { _ in try Client(address) } }
      // Connections with a request are answered in spite of the flood.
      for _ in 0..<30 {
        #expect(try await onThread { try Client(address).get("/").status } == 200)
      }
      #expect(try await eventually { server.statistics.connectionsAccepted == 130 })
      #expect(server.statistics.connectionsOpen <= 20)
      #expect(server.statistics.connectionsEvicted >= 80)
      #expect(server.statistics.connectionsRefused == 0)
      // The oldest connections were evicted.
      #expect(try await onThread { try flood[0].readToEnd().isEmpty })
    }
  }

  @Test func `a connection that exceeds the limit is refused if all others are busy`() async throws
  {
    var limits = testLimits
    limits.connectionsMax = 3
    let gate = Gate()
    try await withServer(limits: limits, handler: gate.handler) { server in
      let clients = try (0..<3).map { _ in try Client(server.address) }
      for client in clients { client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n") }
      #expect(try await eventually { await gate.waiting == 3 })
      #expect(try await onThread { try Client(server.address).readToEnd().isEmpty })
      #expect(server.statistics.connectionsRefused == 1)
      gate.open()
      for client in clients {
        #expect(try await onThread { try client.response().text } == "open")
      }
    }
  }

  @Test func `requests that exceed the limit on requests in flight get 503`() async throws {
    var limits = testLimits
    limits.requestsInFlightMax = 2
    let gate = Gate()
    try await withServer(limits: limits, handler: gate.handler) { server in
      let busy = try (0..<2).map { _ in try Client(server.address) }
      for client in busy { client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n") }
      #expect(try await eventually { await gate.waiting == 2 })
      try await onThread {
        let late = try Client(server.address)
        for _ in 0..<2 {
          let answer = try late.get("/")
          #expect(answer.status == 503)
          #expect(
            answer.text == "too many requests in flight; try again later\n")
        }
        gate.open()
        for client in busy { #expect(try client.response().status == 200) }
        #expect(try late.get("/").status == 200)
      }
      #expect(try await eventually { server.statistics.requestsByStatus == [200: 3, 503: 2] })
      #expect(await server.requestsInFlight == 0)
    }
  }

  @Test func `the bytes of all responses are limited, and a stalled reader is disconnected`()
    async throws
  {
    var limits = testLimits
    limits.responseBytesInFlightMax = 30 << 20
    limits.yieldStallSecondsMin = 0.2
    let page = [UInt8](repeating: 0x61, count: 20 << 20)
    let handler: HTTPHandler = { _ in HTTPResponse(body: page) }
    try await withServer(limits: limits, handler: handler) { server in
      let stalled = try Client(server.address)
      stalled.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(try await eventually { server.statistics.requestsByStatus == [200: 1] })
      // Until the stalled reader may be disconnected, new requests get 503.
      #expect(
        try await eventually {
          (try? await onThread { try Client(server.address).get("/").status }) == 200
        })
      #expect(server.statistics.responsesAbandoned == 1)
      #expect(await server.requestsInFlight == 0)
    }
  }

  @Test func `a client that disconnects before the response leaves no state behind`() async throws {
    let gate = Gate()
    try await withServer(handler: gate.handler) { server in
      do {
        let client = try Client(server.address)
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try await eventually { await gate.waiting == 1 })
        var reset = linger(l_onoff: 1, l_linger: 0)
        setsockopt(client.raw, SOL_SOCKET, SO_LINGER, &reset, 8)
      }
      gate.open()
      #expect(try await eventually { server.statistics.connectionsOpen == 0 })
      #expect(await server.requestsInFlight == 0)
    }
  }
}
