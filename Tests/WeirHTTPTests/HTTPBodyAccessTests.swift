import Foundation
import Testing
import WeirSockets

@testable import WeirHTTP

/// Access is checked before a body is read.
@Suite(.serialized)
struct HTTPBodyAccessTests {
  /// The hash of "right", at a low cost.
  private static let hash = "$2b$04$abcdefghijklmnopqrstuuFmEfrkTQnczNzw475xE2VhDrK1uwJiC"

  private func securityWithUser() -> HTTPSecurity {
    var settings = HTTPSecurity.Settings()
    settings.users = ["app": Self.hash]
    let security = HTTPSecurity()
    security.use(settings)
    return security
  }

  private static func post(_ password: String?, _ headers: String) -> String {
    let credentials = password.map {
      "Authorization: Basic \(Data("app:\($0)".utf8).base64EncodedString())\r\n"
    }
    return "POST /push HTTP/1.1\r\nHost: a\r\n\(credentials ?? "")\(headers)\r\n\r\n"
  }

  @Test(
    "a client without a valid password is answered before its body, and the connection is closed",
    arguments: [nil, "wrong"])
  func refuses(password: String?) async throws {
    try await withServer(security: securityWithUser()) { server in
      for headers in ["Content-Length: 1000", "Expect: 100-continue\r\nTransfer-Encoding: chunked"]
      {
        let answer = try await onThread {
          let client = try Client(server.address)
          client.send(Self.post(password, headers))
          let answer = try client.response()
          #expect(try client.readToEnd().isEmpty)
          return answer
        }
        #expect(answer.status == 401)
        #expect(answer.headers["Connection"] == "close")
      }
      #expect(await server.bodyBytesInFlight == 0)
      #expect(server.statistics.requestsByStatus == [401: 2])
    }
  }

  @Test func `a client with a valid password can send a body, immediately or after 100 Continue`()
    async throws
  {
    try await withServer(security: securityWithUser()) { server in
      try await onThread {
        for _ in 0..<2 {
          let client = try Client(server.address)
          client.send(Self.post("right", "Content-Length: 5") + "hello")
          #expect(try client.response().text.hasPrefix("5 bytes"))
          client.send(Self.post("right", "Expect: 100-continue\r\nContent-Length: 5"))
          #expect(try client.response().status == 100)
          client.send("hello" + Self.post("right", "Content-Length: 0") + Self.post(nil, "A: b"))
          #expect(try client.response().text.hasPrefix("5 bytes"))
          #expect(try client.response().text.hasPrefix("0 bytes"))
          #expect(try client.response().status == 411)
        }
      }
    }
  }

  @Test func `a denied request with an empty body keeps the connection open`() async throws {
    try await withServer(security: securityWithUser()) { server in
      try await onThread {
        let client = try Client(server.address)
        for _ in 0..<2 {
          client.send(Self.post("wrong", "Content-Length: 0"))
          #expect(try client.response().status == 401)
        }
      }
    }
  }

  @Test func `a stop during a password check closes a connection whose body is incomplete`()
    async throws
  {
    let security = securityWithUser()
    try await withServer(security: security) { server in
      let client = try Client(server.address)
      client.send(Self.post("right", "Content-Length: 1000") + "hello")
      #expect(try await eventually { server.statistics.connectionsOpen == 1 })
      await server.stop(graceSeconds: 60)
      #expect(try await onThread { try client.readToEnd().isEmpty })
      #expect(await server.bodyBytesInFlight == 0)
    }
  }
}
