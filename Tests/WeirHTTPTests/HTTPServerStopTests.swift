import Dispatch
import Testing
import WeirSockets

@testable import WeirHTTP

@Suite(.serialized)
struct HTTPServerStopTests {
  @Test func `a stop completes responses in progress and closes idle connections`() async throws {
    let gate = Gate()
    try await withServer(handler: gate.handler) { server in
      let idle = try Client(server.address)
      let half = try Client(server.address)
      half.send("GET / HTTP/1.1\r\n")
      let busy = try Client(server.address)
      busy.send("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(try await eventually { await gate.waiting == 1 })
      #expect(try await eventually { server.statistics.connectionsOpen == 3 })
      async let stopped: Void = server.stop(graceSeconds: 20)
      #expect(try await onThread { try idle.readToEnd().isEmpty })
      #expect(try await onThread { try half.readToEnd().isEmpty })
      await #expect(throws: ClientError.self) {
        try await onThread { _ = try Client(server.address).get("/") }
      }
      gate.open()
      let answer = try await onThread { try busy.response() }
      #expect(answer.text == "open")
      #expect(answer.headers["Connection"] == "close")
      #expect(try await onThread { try busy.readToEnd().isEmpty })
      await stopped
      #expect(server.statistics.connectionsOpen == 0)
    }
  }

  @Test func `a large response is completed within the grace period`() async throws {
    try await withServer { server in
      let client = try Client(server.address, receiveBufferBytes: 4_096)
      client.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(try await onThread { try client.read(1) }.count == 1)
      async let stopped: Void = server.stop(graceSeconds: 20)
      let rest = try await onThread { try client.readToEnd().count }
      #expect(rest > bigBytes)
      await stopped
    }
  }

  @Test func `a response that is not read is aborted after the grace period`() async throws {
    try await withServer { server in
      let client = try Client(server.address, receiveBufferBytes: 4_096)
      client.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(try await onThread { try client.read(1) }.count == 1)
      await server.stop(graceSeconds: 0.05)
      #expect(server.statistics.connectionsOpen == 0)
      #expect(server.statistics.responsesAbandoned == 1)
    }
  }

  @Test func `a request that arrived before the stop is answered`() async throws {
    try await withServer { server in
      let clients = try (0..<20).map { _ in try Client(server.address) }
      #expect(try await eventually { server.statistics.connectionsOpen == 20 })
      for client in clients { client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n") }
      async let stopped: Void = server.stop(graceSeconds: 20)
      for client in clients {
        #expect(try await onThread { try client.response().text } == "hello\n")
      }
      _ = clients.map { $0.finishSending() }
      await stopped
    }
  }

  @Test func `a body of several reads that arrived before the stop is answered`() async throws {
    try await withServer { server in
      let client = try Client(server.address)
      #expect(try await eventually { server.statistics.connectionsOpen == 1 })
      let gate = DispatchGate()
      server.queue.async { gate.pass() }
      let body = [UInt8](repeating: 0x61, count: 40_000)
      client.send("POST /push HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n")
      client.send(body)
      async let stopped: Void = server.stop(graceSeconds: 20)
      gate.open()
      let answer = try await onThread { try client.response() }
      #expect(answer.text == "40000 bytes, \(checksum(body))\n")
      client.finishSending()
      await stopped
    }
  }

  @Test func `a server that was never started can be stopped`() async throws {
    let server = try HTTPServer(
      addresses: [.loopback(port: 0)], flag: "", unixSeconds: { 0 }, handler: { _ in .text("") })
    await server.stop(graceSeconds: 5)
    let again = try TCPListener.bind(to: server.address, flag: "")
    let bound = again.address
    #expect(bound == server.address)
  }
}
