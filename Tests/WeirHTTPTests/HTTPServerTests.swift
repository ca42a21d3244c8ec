import Glibc
import Testing
import WeirSockets

@testable import WeirHTTP

@Suite(.serialized)
struct HTTPServerTests {
  @Test func `a response has its length and date`() async throws {
    try await withServer { server in
      let got = try await onThread { try Client(server.address).get("/") }
      #expect(
        got
          == Received(
            status: 200,
            headers: [
              "Content-Type": "text/plain; charset=utf-8", "Date": "Sun, 06 Nov 1994 08:49:37 GMT",
              "Content-Length": "6",
            ], body: Array("hello\n".utf8)))
    }
  }

  @Test func `a malformed request is answered and its connection is closed`() async throws {
    try await withServer { server in
      for example in malformed {
        let answer = try await onThread {
          let client = try Client(server.address)
          client.send(example.bytes)
          let answer = try client.response()
          #expect(try client.readToEnd().isEmpty)
          return answer
        }
        #expect(answer.status == example.status, "\(example.testDescription)")
        #expect(answer.text == example.message + "\n")
        #expect(answer.headers["Connection"] == "close")
      }
      #expect(try await onThread { try Client(server.address).get("/").status } == 200)
      let counted = server.statistics.requestsByStatus.values.reduce(0, +)
      #expect(counted == UInt64(malformed.count + 1))
    }
  }

  @Test func `pipelined requests are answered in order`() async throws {
    try await withServer { server in
      let texts = try await onThread {
        let client = try Client(server.address)
        let all = (0..<100).map { "GET /echo?\($0) HTTP/1.1\r\nHost: a\r\nX-N: \($0)\r\n\r\n" }
        client.send(all.joined())
        return try (0..<100).map { _ in try client.response().text }
      }
      #expect(texts == (0..<100).map { "GET /echo \($0) \($0)" })
    }
  }

  @Test func `a client that pipelines without reading is throttled and then answered`() async throws
  {
    try await withServer { server in
      let count = try await onThread {
        let client = try Client(server.address, receiveBufferBytes: 4_096)
        let request = Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        let total = 20_000
        let sender = Thread {
          for _ in 0..<(total / 100) {
            client.send(Array(repeatElement(request, count: 100).joined()))
          }
        }
        for _ in 0..<total { #expect(try client.response().status == 200) }
        sender.join()
        return total
      }
      #expect(server.statistics.requestsByStatus == [200: UInt64(count)])
    }
  }

  @Test func `a request may arrive byte by byte`() async throws {
    try await withServer { server in
      let text = try await onThread {
        let client = try Client(server.address)
        for byte in "GET /echo?q HTTP/1.1\r\nHost: a\r\nX-N: 7\r\n\r\n".utf8 { client.send([byte]) }
        return try client.response().text
      }
      #expect(text == "GET /echo q 7")
    }
  }

  @Test func `HEAD has the headers of GET and no body`() async throws {
    try await withServer { server in
      try await onThread {
        let client = try Client(server.address)
        var got = try client.get("/big")
        client.send("HEAD /big HTTP/1.1\r\nHost: a\r\n\r\n")
        let head = try client.response(isHead: true)
        got.body = []
        #expect(head == got)
        // The next response follows directly.
        #expect(try client.get("/").text == "hello\n")
        client.send("HEAD / HTTP/1.1\r\n\r\n")
        #expect(try client.response(isHead: true).status == 400)
        #expect(try client.readToEnd().isEmpty)
      }
    }
  }

  @Test func `an HTTP 1.0 connection stays open only with keep-alive`() async throws {
    try await withServer { server in
      try await onThread {
        let client = try Client(server.address)
        client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        #expect(try client.response().headers["Connection"] == "keep-alive")
        client.send("GET / HTTP/1.0\r\n\r\n")
        #expect(try client.response().headers["Connection"] == "close")
        #expect(try client.readToEnd().isEmpty)
      }
    }
  }

  @Test(
    "a client that has closed its sending side gets its responses",
    arguments: ["GET / HTTP/1.0\n\n", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"])
  func halfClosed(request: String) async throws {
    try await withServer { server in
      try await onThread {
        let client = try Client(server.address)
        client.send(request + request)
        client.finishSending()
        #expect(try client.response().text == "hello\n")
        if request.contains("1.1") { #expect(try client.response().text == "hello\n") }
        #expect(try client.readToEnd().isEmpty)
        let cut = try Client(server.address)
        cut.send("GET / HT")
        cut.finishSending()
        #expect(try cut.response().text == "the request ended before it was complete\n")
      }
    }
  }

  @Test func `unknown paths and methods get an error and the connection stays open`() async throws {
    try await withServer { server in
      try await onThread {
        let client = try Client(server.address)
        let missing = try client.get("/nothing?here")
        #expect(missing.status == 404)
        #expect(missing.text == "page not found: /nothing\n")
        for (method, body) in [("POST", "12345"), ("DELETE", ""), ("get", "")] {
          client.send(
            "\(method) / HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
          let answer = try client.response()
          #expect(answer.status == 405)
          #expect(answer.headers["Allow"] == "GET, HEAD")
          #expect(answer.text == "/ accepts GET and HEAD, not \(method)\n")
        }
        #expect(try client.get("/").status == 200)
      }
    }
  }

  @Test func `a body of any size up to the limit is discarded`() async throws {
    try await withServer { server in
      try await onThread {
        let client = try Client(server.address)
        for bytes in [1, 16_384, 65_536] {
          client.send("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: \(bytes)\r\n\r\n")
          client.send([UInt8](repeating: 0x47, count: bytes))
          #expect(try client.response().status == 200)
        }
      }
    }
  }

  @Test func `several addresses are served, and a port in use is reported`() async throws {
    let server = try HTTPServer(
      addresses: [.loopback(port: 0), .loopback6(port: 0)], flag: "--web.listen-address",
      unixSeconds: { testSeconds }, handler: { _ in .text("x") })
    await server.start()
    for address in server.boundAddresses {
      #expect(try await onThread { try Client(address).get("/").text } == "x")
      let error = #expect(throws: ListenError.self) {
        _ = try HTTPServer(
          addresses: [address], flag: "--web.listen-address", unixSeconds: { 0 },
          handler: { _ in .text("") })
      }
      #expect(
        error?.description == "cannot listen on \(address): the port is in use; "
          + "stop the other program or choose another with --web.listen-address")
    }
    await server.stop(graceSeconds: 5)
    for address in server.boundAddresses {
      await #expect(throws: ClientError.self) {
        _ = try await onThread { try Client(address).get("/").text }
      }
    }
  }
}
